"""Reading what a run cost: processor time and memory of whole families of processes, from /proc."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Figures:
    """A run: messages, seconds, processor seconds by program, the largest process in MB, the worst second."""

    messages: int
    seconds: float
    cpu: dict[str, float]
    memory: float
    worst_second: int

    @property
    def per_second(self) -> float:
        return self.messages / self.seconds

    def per_message(self, *programs: str) -> float:
        """Microseconds of processor time a message, of these programs or of all."""
        return 1e6 * sum(self.cpu[name] for name in programs or self.cpu) / self.messages


def cpu_of(pid: int) -> float:
    """Processor seconds of a process, its living children and those that it has buried."""
    try:
        facts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    own = sum(map(int, facts[11:15])) / TICKS
    return own + sum(cpu_of(child) for child in children_of(pid))


def memory_of(pid: int) -> float:
    """Resident megabytes of the largest process of the family."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except FileNotFoundError:
        return 0.0
    here = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return max([here, *(memory_of(child) for child in children_of(pid))])


def children_of(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def worst_second(moments: Sequence[float]) -> int:
    """The most that fell into any one second, wherever it begins."""
    ordered = sorted(moments)
    return max((bisect_left(ordered, moment + 1) - number for number, moment in enumerate(ordered)), default=0)
