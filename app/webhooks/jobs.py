"""The door that digests what Meta posted."""

from __future__ import annotations

import contextlib
import time

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

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
    """One batch in one transaction; when it fails, each of its events alone."""
    events = queries.next_undigested(BATCH)
    identifiers = [event.id for event in events]
    try:
        if events:
            service.digest(events)
        db.session.commit()
    except SQLAlchemyError as error:
        db.session.rollback()
        log.warning("webhook.batch_failed", error=type(error).__name__, events=len(identifiers))
        _digest_singly(len(identifiers))
    return len(identifiers)


def _digest_singly(number: int) -> None:
    for _ in range(number):
        events = queries.next_undigested(1)
        identifier = events[0].id if events else 0
        try:
            service.digest(events)
            db.session.commit()
        except SQLAlchemyError as error:
            db.session.rollback()
            service.set_aside(identifier, type(error).__name__)
            db.session.commit()


def _allow_next_ring() -> None:
    with contextlib.suppress(RedisError):  # the scheduler rings too
        redis_connection().delete(f"rung:{RING}")
