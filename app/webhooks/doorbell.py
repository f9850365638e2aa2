"""When to ring for the digestion: not at every post, yet none may wait for the next one."""

from __future__ import annotations

import time
from threading import Lock

from flask import current_app

from app.webhooks.jobs import ring_for_digestion

KEPT_AS = "webhooks.doorbell"
# Seconds. Less than the digesting job stays after its last event: whatever is stored this soon after a ring is found
# by the job that was rung for.
AGAIN = 0.25


class Doorbell:
    """Rings for all threads of a process. One at a time: a Redis that does not answer holds up no second post."""

    def __init__(self) -> None:
        self._rung_at = 0.0
        self._ringing = Lock()

    def ring(self) -> None:
        """Ring, unless somebody here has just done so or is at it."""
        if time.monotonic() - self._rung_at < AGAIN or not self._ringing.acquire(blocking=False):
            return
        try:
            self._rung_at = time.monotonic()
            ring_for_digestion()
        finally:
            self._ringing.release()


def doorbell() -> Doorbell:
    """This process's doorbell."""
    kept: Doorbell = current_app.extensions.setdefault(KEPT_AS, Doorbell())
    return kept
