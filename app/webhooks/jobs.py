"""The door that digests what Meta posted."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from app.extensions import db, redis_connection
from app.shared import queues
from app.webhooks import queries, service

RING = "digest"
BATCH = 500  # larger batches spoil heap-only updates (engine.md, section 5)
LONGEST = 20.0  # seconds; then another job gets its turn
QUIET = 1.0  # seconds without news after which the job ends
PAUSE = 0.03

log = structlog.get_logger()


def digest_events() -> None:
    """Digest until it has been quiet for a second; whoever posts meanwhile rings for the next job."""
    _allow_next_ring()
    deadline = time.monotonic() + LONGEST
    quiet_since = time.monotonic()
    while time.monotonic() < deadline and time.monotonic() - quiet_since < QUIET:
        if _digest_batch():
            quiet_since = time.monotonic()
        else:
            time.sleep(PAUSE)
    if queries.has_undigested():
        queues.ring_once(queues.RECEIPTS, RING, 10, digest_events)
    db.session.rollback()


def _digest_batch() -> int:
    """One batch in one transaction, how many; when something in it cannot be stored, each of its events alone.

    A database in trouble (away, full, a deadlock) is no fault of the events: nothing is counted against them.
    """
    events = queries.next_undigested(BATCH)
    identifiers = [event.id for event in events]
    try:
        if events:
            service.digest(events)
        db.session.commit()
    except (DataError, IntegrityError) as error:
        db.session.rollback()
        log.warning("webhook.batch_failed", error=type(error).__name__, events=len(identifiers))
        _digest_singly(identifiers)
    except OperationalError as error:
        db.session.rollback()
        log.warning("webhook.database_troubled", error=type(error).__name__)
        return 0
    return len(identifiers)


def _digest_singly(identifiers: Sequence[int]) -> None:
    for identifier in identifiers:
        event = queries.undigested(identifier)
        try:
            if event is not None:
                service.digest([event])
            db.session.commit()
        except (DataError, IntegrityError) as error:
            db.session.rollback()
            service.set_aside(identifier, type(error).__name__)
            db.session.commit()


def _allow_next_ring() -> None:
    with contextlib.suppress(RedisError):  # the scheduler rings too
        redis_connection().delete(f"rung:{RING}")
