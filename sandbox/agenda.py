"""What is going to happen, by the wall clock."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from typing import Any

import structlog

log = structlog.get_logger("sandbox")


class Agenda:
    """Calls functions when their time has come, in order of time, on the running event loop."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._order = itertools.count()
        self._alarm: asyncio.TimerHandle | None = None

    def at(self, when: float, act: Callable[..., None], *arguments: Any) -> None:
        """Call `act(*arguments)` at `when` (seconds since the epoch); at once when that is past."""
        heapq.heappush(self._heap, (when, next(self._order), act, arguments))
        if self._heap[0][0] == when:
            self._set_alarm()

    def clear(self) -> None:
        """Forget everything that was planned."""
        self._heap.clear()
        self._set_alarm()

    def _set_alarm(self) -> None:
        if self._alarm:
            self._alarm.cancel()
            self._alarm = None
        if self._heap:
            wait = max(0.0, self._heap[0][0] - time.time())
            self._alarm = asyncio.get_running_loop().call_later(wait, self._ring)

    def _ring(self) -> None:
        now = time.time()
        while self._heap and self._heap[0][0] <= now:
            _, _, act, arguments = heapq.heappop(self._heap)
            try:
                act(*arguments)
            except Exception:  # one bad entry must not stop every later one
                log.exception("agenda.entry_failed", act=act.__name__)
        self._set_alarm()
