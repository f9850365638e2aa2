"""The door that searches on for erased people, a step a transaction, until nothing is left of them."""

from __future__ import annotations

import time
from functools import partial

import structlog

from app.customers.jobs.chunkwise import committed
from app.customers.privacy import erasure
from app.customers.privacy.crowd import Crowd
from app.shared import queues, stopping

LONGEST = 60.0  # seconds; then another job gets its turn
RING_AGAIN = 120  # seconds

log = structlog.get_logger()


def erase_on(erasure_id: int) -> None:
    """Search on. Rings for itself when it takes longer, and for who waits for the end; the tick when nobody does."""
    deadline = time.monotonic() + LONGEST
    crowd: Crowd | None = None
    while step := committed(partial(erasure.take_step, erasure_id, crowd)):
        crowd = step.crowd
        for finished in step.finished:
            log.info("erasure.finished", erasure_id=finished)
        if step.is_last:
            ring_for_erasures()
            return
        if time.monotonic() > deadline or stopping.is_told():
            queues.ring(queues.SYNC, erase_on, erasure_id)
            return


def ring_for_erasures() -> None:
    """Ring for every erasure that is not finished."""
    for erasure_id in erasure.unfinished():
        queues.ring_once(queues.SYNC, f"erasure:{erasure_id}", RING_AGAIN, erase_on, erasure_id)
