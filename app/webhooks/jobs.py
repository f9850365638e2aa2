"""The door that digests what Meta posted."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from datetime import datetime

import structlog
from redis.exceptions import RedisError

from app.campaigns.jobs.heed import ring_for_failures
from app.extensions import db, redis_connection
from app.shared import queues, stopping
from app.shared.queues import Ring
from app.webhooks import digestion, queries, replay, service
from app.webhooks.journal import Asked

RING = "digest"
BATCH = 500  # larger batches spoil heap-only updates (engine.md, section 5)
RING_AGAIN = 10  # seconds; a starting job takes the mark away
LONGEST = 60.0  # seconds; then another job gets its turn. Each change costs whoever waits some 150 ms
QUIET = 1.0  # seconds without news after which the job ends
PAUSE = 0.01  # seconds; a status waits half of it on average

log = structlog.get_logger()


def digest_events() -> None:
    """Digest until it has been quiet for a second; whoever posts meanwhile rings for the next job."""
    _allow_next_ring()
    deadline = time.monotonic() + LONGEST
    quiet_since = time.monotonic()
    while (now := time.monotonic()) < deadline and now - quiet_since < QUIET and not stopping.is_told():
        if number := _digest_batch():
            quiet_since = time.monotonic()
        if number < BATCH:  # a batch of few costs nearly what a full one does: let some gather
            time.sleep(PAUSE)
    if queries.has_undigested():
        ring_for_digestion()
    db.session.rollback()


def ring_for_digestion() -> None:
    """Ring for the job above, unless somebody has just done so."""
    queues.ring_once(queues.RECEIPTS, RING, RING_AGAIN, digest_events)


def replay_events(words: dict[str, str], began: str) -> None:
    """Mark the events asked for (`Asked.words()`) as undigested, batch by batch, and ring for their digestion."""
    asked, moment, left = Asked.of(words), datetime.fromisoformat(began), replay.MOST
    while left > 0 and (number := replay.replay_batch(asked, moment)):
        db.session.commit()
        left -= number
    ring_for_digestion()


def _digest_batch() -> int:
    """One batch, how many; when something in it cannot be applied, each of its events alone, then each item.

    A database in trouble (away, full, a deadlock) is no fault of the events: nothing is counted against them.
    """
    identifiers: list[int] = []
    try:
        events = queries.next_undigested(BATCH)
        identifiers = [event.id for event in events]
        applied = digestion.digest_statuses(events)
        db.session.commit()
        if applied.has_failures:
            ring_for_failures()
        if applied.with_news:
            _commit_and_ring(digestion.digest_news(queries.still_undigested(applied.with_news)))
    except Exception as error:  # whatever it was, it must not hold up what came with it
        db.session.rollback()
        if digestion.is_trouble(error):
            log.warning("webhook.database_troubled", error=type(error).__name__)
            return 0
        log.warning("webhook.batch_failed", error=type(error).__name__, events=len(identifiers))
        _digest_singly(identifiers)
    return len(identifiers)


def _digest_singly(identifiers: Sequence[int]) -> None:
    for identifier in identifiers:
        try:
            event = queries.undigested(identifier)
            if event is not None:
                _commit_and_ring(digestion.digest_items(event))
        except Exception as error:
            db.session.rollback()
            if digestion.is_trouble(error):
                log.warning("webhook.database_troubled", error=type(error).__name__)
                return
            log.exception("webhook.event_failed", event_id=identifier)
            service.set_aside(identifier, f"Could not be digested ({type(error).__name__}).")
        db.session.commit()


def _commit_and_ring(rings: Sequence[Ring]) -> None:
    db.session.commit()
    for ring in rings:
        queues.ring(ring.queue, ring.job, *ring.args)


def _allow_next_ring() -> None:
    with contextlib.suppress(RedisError):  # the scheduler rings too
        redis_connection().delete(f"rung:{RING}")
