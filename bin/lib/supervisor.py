"""Keeps programs running: one that ends by itself is started again, all of them stop with us."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from types import TracebackType

from child import Child
from orphans import adopt_orphans, bury_orphans, end_orphans
from stop_signals import StopSignals
from terminal import say

GRACE = 30  # seconds for a worker to finish what it sends
SETTLED = 60  # seconds after which an earlier crash is forgotten
LONGEST_PAUSE = 30  # seconds between two starts of a program that keeps crashing
LOOK_EVERY = 0.2
BURY_EVERY = 5.0


@dataclass
class Watched:
    """A child under watch: when it was last started, how often it crashed since, when it is due again."""

    child: Child
    started: float
    crashes: int = 0
    due: float | None = None


class Supervisor:
    """Keeps children running inside its `with` block, while `run()` is called.

    On the way out every group that was started here is stopped, the last one first. A signal that comes during
    that shortens the grace to nothing.
    """

    def __init__(self, signals: StopSignals) -> None:
        self._signals = signals
        self._watched: list[Watched] = []
        self._groups: list[list[Child]] = []
        self._buried = 0.0

    def __enter__(self) -> Supervisor:
        adopt_orphans()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._signals.told = True
        self._stop()

    def watch(self, *children: Child) -> None:
        """Start these again when they crash; whoever started them stops them."""
        self._watched += [Watched(child, time.monotonic()) for child in children]

    def start(self, *children: Child) -> None:
        """Start these together and keep them running."""
        self._groups.append(list(children))
        for child in children:
            child.start()
        self.watch(*children)

    def ended(self) -> Child | None:
        """A watched child that runs no more, if there is one."""
        return next((watched.child for watched in self._watched if not watched.child.is_running), None)

    def run(self) -> None:
        """Watch until a signal's `KeyboardInterrupt` ends it."""
        while True:
            now = time.monotonic()
            for watched in self._watched:
                self._tend(watched, now)
            if now - self._buried > BURY_EVERY:
                bury_orphans(self._pids())
                self._buried = now
            time.sleep(LOOK_EVERY)

    def _tend(self, watched: Watched, now: float) -> None:
        if watched.child.is_running:
            return
        if watched.due is None:
            self._note_crash(watched, now)
        elif now >= watched.due:
            watched.child.start()
            watched.started, watched.due = now, None

    def _note_crash(self, watched: Watched, now: float) -> None:
        watched.crashes = 1 if now - watched.started > SETTLED else watched.crashes + 1
        pause = min(2 ** (watched.crashes - 1), LONGEST_PAUSE)
        watched.due = now + pause
        say(f"{watched.child.name} ended ({ending(watched.child)}); starting it again in {pause} s.")

    def _stop(self) -> None:
        for group in reversed(self._groups):
            for child in group:
                child.ask_to_stop()
            deadline = time.monotonic() + GRACE
            for child in group:
                self._see_off(child, deadline)
        # Whatever a crashed worker left behind may still hold a database connection.
        end_orphans(self._pids(), 0 if self._signals.in_haste else GRACE)

    def _see_off(self, child: Child, deadline: float) -> None:
        while not child.wait(LOOK_EVERY):
            if self._signals.in_haste or time.monotonic() > deadline:
                say(f"{child.name} did not stop in time; killing it.")
                child.kill()

    def _pids(self) -> set[int]:
        return {watched.child.pid for watched in self._watched if watched.child.pid}


def ending(child: Child) -> str:
    """How a child ended, in words."""
    status = child.status or 0
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"status {status}"
