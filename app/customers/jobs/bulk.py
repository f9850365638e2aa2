"""The door that does a deed for many customers, a step a transaction."""

from __future__ import annotations

import time

import structlog

from app.customers.jobs.chunkwise import committed
from app.customers.jobs.erasures import ring_for_erasures
from app.customers.service import bulk
from app.customers.service.bulk import Step
from app.shared import queues, stopping

LONGEST = 60.0  # seconds; then another job gets its turn
RING_AGAIN = 30  # seconds

log = structlog.get_logger()


def take_step(change_id: int) -> Step | None:
    """Do it for the next so many, and ring for what follows. None when there is nothing to do."""
    step = committed(lambda: bulk.take_step(change_id))
    if step and step.is_last:
        ring_for_erasures()  # all of them in one search
    return step


def go_on(change_id: int) -> None:
    """Do it for everybody who is left. Rings for itself when that takes longer; the tick rings when nobody does."""
    deadline = time.monotonic() + LONGEST
    while step := take_step(change_id):
        if step.is_last:
            log.info("bulk.finished", change_id=change_id)
            return
        if time.monotonic() > deadline or stopping.is_told():
            queues.ring(queues.SYNC, go_on, change_id)
            return


def ring_for_bulk_changes() -> None:
    """Ring for each that has begun and is not finished."""
    for change_id in bulk.unfinished():
        queues.ring_once(queues.SYNC, f"bulk:{change_id}", RING_AGAIN, go_on, change_id)
