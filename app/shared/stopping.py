"""Whether this process has been told to stop. What takes long asks, finishes what is under way, and ends in time."""

from __future__ import annotations

import signal
import time
from math import inf
from types import FrameType

PATIENCE = 15.0  # seconds to finish what is under way; whoever told us waits at least 20

_told: list[float] = []


def listen() -> None:
    """Take SIGTERM for a request from now on; whoever does not ask `is_told` simply finishes its work."""
    signal.signal(signal.SIGTERM, _hear)


def is_told() -> bool:
    """Whether nothing new may be begun."""
    return bool(_told)


def seconds_left() -> float:
    """Until when what is under way must be done; endless as long as nobody told us."""
    return _told[0] + PATIENCE - time.monotonic() if _told else inf


def _hear(signum: int, frame: FrameType | None) -> None:
    _told.append(time.monotonic())
