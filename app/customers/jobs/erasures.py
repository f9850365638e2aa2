"""The door that searches on for an erased person, a step a transaction, until nothing is left of them."""

from __future__ import annotations

import time

import structlog

from app.customers.privacy import erasure
from app.extensions import db
from app.shared import queues, stopping

LONGEST = 60.0  # seconds; then another job gets its turn
RING_AGAIN = 120  # seconds

log = structlog.get_logger()


def erase_on(erasure_id: int) -> None:
    """Search on. Rings for itself when it takes longer; the tick rings when nobody does."""
    deadline = time.monotonic() + LONGEST
    while step := erasure.take_step(erasure_id):
        db.session.commit()
        if step.is_last:
            log.info("erasure.finished", erasure_id=erasure_id)
            return
        if time.monotonic() > deadline or stopping.is_told():
            queues.ring(queues.SYNC, erase_on, erasure_id)
            return
    db.session.rollback()


def ring_for_erasures() -> None:
    """Ring for every erasure that is not finished."""
    for erasure_id in erasure.unfinished():
        queues.ring_once(queues.SYNC, f"erasure:{erasure_id}", RING_AGAIN, erase_on, erasure_id)
