"""The workers and what can happen to them: killed whole, by half, or put to sleep for a while."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bench.chaos.borrowed import Child

IDLE_SHARE = 0.1  # of the kills strike anybody, the others somebody who is at work
LEAST_AWAKE = 3


@dataclass(frozen=True, slots=True)
class Sleeper:
    """A stopped worker and its fork, and when they wake."""

    pids: tuple[int, ...]
    until: float


class Crew:
    """Workers of all queues, and the forks that outlived a killed one and go on with its job."""

    def __init__(self, workers: Sequence[Child]) -> None:
        self.workers = list(workers)
        self._sleepers: list[Sleeper] = []
        self._orphans: list[int] = []

    def kill_one(self, chance: Random) -> str:
        """kill -9 a worker, the fork that runs its job, or both; what died is back at once. Tells which it was."""
        victim = self._somebody(chance)
        if isinstance(victim, int):
            _signal([victim], signal.SIGKILL)
            return "orphan"
        fork = fork_of(victim)
        way = chance.choice(("fork", "worker", "both")) if fork else "idle worker"
        if way != "worker":
            _signal([fork], signal.SIGKILL)
        if way != "fork":
            _kill(victim)
        if way == "worker":
            self._orphans.append(fork)
        return way

    def put_to_sleep(self, chance: Random, seconds: float) -> bool:
        """Stop a worker and its fork where they stand; False when too many sleep already."""
        if len(self.workers) - len(self._sleepers) <= LEAST_AWAKE:
            return False
        victim = self._somebody(chance)
        pids = (victim,) if isinstance(victim, int) else (victim.pid or 0, fork_of(victim))
        _signal(pids, signal.SIGSTOP)
        self._sleepers.append(Sleeper(pids, time.monotonic() + seconds))
        return True

    def wake(self, is_due: Callable[[Sleeper], bool] = lambda sleeper: True) -> None:
        """Continue those that slept long enough."""
        for sleeper in filter(is_due, list(self._sleepers)):
            _signal(sleeper.pids, signal.SIGCONT)
            self._sleepers.remove(sleeper)

    def _somebody(self, chance: Random) -> Child | int:
        """A worker or an orphan, by its number: nearly always one that is at work."""
        self._orphans = [pid for pid in self._orphans if _is_alive(pid)]
        at_work: list[Child | int] = [worker for worker in self.workers if fork_of(worker)]
        at_work += self._orphans
        return chance.choice(self.workers) if not at_work or chance.random() < IDLE_SHARE else chance.choice(at_work)


def kill(program: Child) -> None:
    """kill -9, with the fork that may run its job, and start it again."""
    _signal([fork_of(program)], signal.SIGKILL)
    _kill(program)


def _kill(program: Child) -> None:
    _signal([program.pid or 0], signal.SIGKILL)
    program.wait(10)
    program.start()


def _is_alive(pid: int) -> bool:
    """Whether it runs; one that nobody has buried yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def fork_of(program: Child) -> int:
    """The process that runs the worker's job; 0 when it has none."""
    try:
        children = Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()
    except OSError:
        return 0
    return int(children[0]) if children else 0


def _signal(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in filter(None, pids):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
