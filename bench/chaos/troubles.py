"""The troubles of a trial, drawn and struck at random. Everything random comes from one seed."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, cycle
from random import Random
from typing import Any

import redis

from bench.chaos import crew
from bench.chaos.house import House

# What ails Meta for a while, as the sandbox's tuning. A throttled one takes fewer messages a second than we send.
MOODS: dict[str, dict[str, Any]] = {
    "500": {"faults": {"http_500_rate": 0.2}},
    "hang": {"faults": {"hang_rate": 0.02}},
    "drop": {"faults": {"accept_then_drop_rate": 0.1}},
    "throttle": {"throughput_mps": 40},
}
WELL: dict[str, Any] = {"throughput_mps": 0, "faults": {"http_500_rate": 0, "hang_rate": 0, "accept_then_drop_rate": 0}}
STOP_TIMEOUT = 60.0  # seconds
NAPS = (2.0, 5.0, 9.0, 15.0, 130.0)  # seconds: longer than nothing, a slot's lease, a message's lease
# One of each for so many kills, and one in any case.
ONE_FOR_KILLS = {"scheduler": 15, "receipts": 15, "restart": 30, "crash": 30, "flush": 30, "nap": 15}
KILLS_A_MOOD = 7


def drawn(kills: int, moods: Sequence[str], chance: Random) -> list[str]:
    """The names of all troubles to come, in their order."""
    others = [[name] * max(1, kills // every) for name, every in ONE_FOR_KILLS.items()]
    changes = ["mood"] * max(2 * len(moods), kills // KILLS_A_MOOD if moods else 0)
    names = ["kill"] * kills + changes + list(chain.from_iterable(others))
    chance.shuffle(names)
    return names


@dataclass(slots=True)
class Troubles:
    """Strikes the house, and counts what it did."""

    house: House
    chance: Random
    moods: Sequence[str]
    counts: Counter[str] = field(default_factory=Counter)
    _mood: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        # After each ailment Meta is well for as long.
        self._mood = cycle(chain.from_iterable((mood, "well") for mood in self.moods))

    @property
    def kills(self) -> int:
        """Kills of workers that send."""
        return sum(number for name, number in self.counts.items() if name.startswith("kill "))

    def strike(self, name: str) -> str:
        """Let this trouble happen; what it was, in words."""
        words = _STRIKES[name](self)
        self.counts[words] += 1
        return words

    def end(self) -> None:
        """Meta is well again, and everybody awake."""
        self.house.meta.tune(**WELL)
        self.house.crew.wake()

    def _kill(self) -> str:
        return f"kill {self.house.crew.kill_one(self.chance)}"

    def _kill_scheduler(self) -> str:
        crew.kill(self.house.scheduler)
        return "scheduler killed"

    def _kill_receipts(self) -> str:
        crew.kill(self.house.receipts)
        return "receipts worker killed"

    def _restart(self) -> str:
        self.house.postgres.ask_to_stop()
        self._await_server()
        return "PostgreSQL restarted"

    def _crash(self) -> str:
        os.kill(self.house.postgres.pid or 0, signal.SIGQUIT)  # PostgreSQL's immediate mode
        self._await_server()
        return "PostgreSQL stopped at once"

    def _await_server(self) -> None:
        self.house.postgres.wait(STOP_TIMEOUT)
        self.house.postgres.start()
        self.house.ledger.ask("SELECT 1")

    def _flush(self) -> str:
        redis.Redis.from_url(self.house.redis_url).flushall()
        return "Redis flushed"

    def _nap(self) -> str:
        seconds = self.chance.choice(NAPS)
        done = self.house.crew.put_to_sleep(self.chance, seconds)
        return f"worker stopped for {seconds:.0f} s" if done else "nobody stopped: too many are"

    def _change_mood(self) -> str:
        mood = next(self._mood)
        self.house.meta.tune(**WELL)
        self.house.meta.tune(**MOODS.get(mood, {}))
        return f"Meta: {mood}"


_STRIKES: dict[str, Callable[[Troubles], str]] = {
    "kill": Troubles._kill,
    "scheduler": Troubles._kill_scheduler,
    "receipts": Troubles._kill_receipts,
    "restart": Troubles._restart,
    "crash": Troubles._crash,
    "flush": Troubles._flush,
    "nap": Troubles._nap,
    "mood": Troubles._change_mood,
}
