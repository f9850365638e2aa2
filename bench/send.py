"""How fast campaigns are sent and what a message costs, beside bare loops that do nothing but post.

    python -m bench.send [--quick] [--only floor pace …] [--threads 25] [--latency 150] [--seconds 20]

Brings its own PostgreSQL, Redis and sandbox, starts workers as `bin/up` does, and removes all again. Messages a second
are those that the sandbox took; processor time is read from /proc for the workers (with their forks), PostgreSQL and
Redis, per message; the sandbox's own is left out. Every figure is of a stretch after the first hundred messages.

    floor      one worker process, flat out and at 80/s; threads that only post, as many; one RQ job per message
    pace       80/s with 1, 2 and 4 worker processes: mean, worst second, statements per message
    processes  flat out with 1, 2 and 4 worker processes
    sizes      campaigns of 1,000, 20,000 and 200,000; the end of the latter; all beside 1,000,000 finished rows
    slow       2 % of the answers 3 seconds late

--quick: five seconds each, 20,000 finished rows instead of a million.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from app.campaigns.models import CampaignStatus
from bench.sending import job_each
from bench.sending.crowd import FULL_SPEED
from bench.sending.figures import Figures
from bench.sending.house import House, built
from bench.sending.meta import playing

PACE = 80
PARTS = ("floor", "pace", "processes", "sizes", "slow")
HEAD = "| run | messages/s | worst second | µs a message | worker | PostgreSQL | Redis | largest process |"
JOBS = 60  # a worker of one job at a time sends six a second


class Bench:
    """The runs, each from an empty sandbox and with a campaign of its own."""

    def __init__(self, house: House, arguments: argparse.Namespace) -> None:
        self._house, self._latency, self._seconds = house, arguments.latency, arguments.seconds
        self._older = 20_000 if arguments.quick else 1_000_000
        self._largest = 20_000 if arguments.quick else 200_000
        self._floor: Figures | None = None

    def floor(self) -> None:
        """Bare, ours, ours, bare; then both at a pace; then the usual way."""
        for name in ("threads that only post", "one worker", "one worker", "threads that only post"):
            self._bare(name) if name.startswith("threads") else self._ours(name)
        self._bare(f"threads that only post, {PACE}/s", PACE)
        self._ours(f"one worker, {PACE}/s", pace=PACE)
        campaign = self._house.crowd.campaign(JOBS)
        words = ("-m", "bench.sending.job_each")

        def fill() -> None:
            job_each.enqueue(self._house.database_url, self._house.redis_url, campaign, JOBS)

        found = self._house.measure(JOBS, fill, program=words, latency_ms=self._latency)
        self._tell("one RQ job per message, one process", found)

    def pace(self) -> None:
        for processes in (1, 2, 4):
            self._ours(f"{PACE}/s, {_said(processes)}", pace=PACE, processes=processes)
        with self._house.logging_statements():
            sent = self._ours(f"{PACE}/s, statements logged", pace=PACE).messages
        statements, frames = self._house.statements()
        print(f"\n{statements / sent:.2f} statements a message, and {frames / sent:.2f} BEGINs and COMMITs\n")

    def processes(self) -> None:
        for processes in (1, 2, 4):
            self._ours(f"flat out, {_said(processes)}", processes=processes)

    def sizes(self) -> None:
        for size in (1_000, 20_000, self._largest):
            self._ours(f"of {size:,}", size=size)
        self._house.crowd.campaign(self._older, done=self._older, status=CampaignStatus.COMPLETED)
        for size in (1_000, 20_000, self._largest):
            self._ours(f"of {size:,}, beside {self._older:,} finished rows", size=size)
        done = self._largest - 5_000
        self._ours(f"the last of {self._largest:,}, beside them", size=self._largest, done=done)

    def slow(self) -> None:
        self._ours("no answer late")
        self._ours("2 % of answers 3 s late", faults={"slow_rate": 0.02, "slow_ms": 3000})

    def _bare(self, name: str, pace: int = 0) -> None:
        messages = self._messages(pace)
        words = ("-m", "bench.sending.floor", self._house.meta.url, self._house.threads, messages + 1_000, pace)
        found = self._house.measure(messages, program=tuple(map(str, words)), latency_ms=self._latency)
        self._floor = found
        self._tell(name, found, programs=("worker",))

    def _ours(
        self, name: str, *, pace: int = 0, processes: int = 1, size: int = 0, done: int = 0, **tuning: Any
    ) -> Figures:
        messages = self._messages(pace) * (1 if pace else min(processes, 3))
        size = size or messages + 1_000
        campaign = self._house.crowd.campaign(size, done=done)
        self._house.crowd.speed(pace or FULL_SPEED)
        try:
            found = self._house.measure(
                min(messages, size - 100),
                lambda: self._house.crowd.ring(campaign),
                processes=processes,
                latency_ms=self._latency,
                **tuning,
            )
        finally:
            self._house.crowd.stop(campaign)
        self._tell(name, found)
        return found

    def _messages(self, pace: int) -> int:
        """As many as a run of the wanted length takes, at most."""
        return int(self._seconds * (pace or 1000 * self._house.threads / self._latency))

    def _tell(self, name: str, found: Figures, programs: tuple[str, ...] = ("worker", "PostgreSQL", "Redis")) -> None:
        parts = [f"{found.per_message(one):,.0f}" if one in programs else "" for one in found.cpu]
        print(
            f"| {name} | {found.per_second:,.1f} | {found.worst_second} | {found.per_message(*programs):,.0f} "
            f"| {' | '.join(parts)} | {found.memory:.0f} MB |",
            flush=True,
        )


def _said(processes: int) -> str:
    return "1 process" if processes == 1 else f"{processes} processes"


def main() -> None:
    """Measure the parts asked for and print a table."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=PARTS)
    parser.add_argument("--threads", type=int, default=25, help="requests in flight of one process")
    parser.add_argument("--latency", type=int, default=150, help="milliseconds Meta takes to answer")
    parser.add_argument("--seconds", type=float, help="of each run (20; quick: 5)")
    arguments = parser.parse_args()
    arguments.seconds = arguments.seconds or (5 if arguments.quick else 20)
    with (
        tempfile.TemporaryDirectory() as folder,
        playing() as meta,
        built(Path(folder), meta, arguments.threads) as house,
    ):
        bench = Bench(house, arguments)
        print(f"{arguments.threads} threads, {arguments.latency} ms\n\n{HEAD}\n|{'---|' * HEAD.count(' |')}")
        for part in arguments.only:
            getattr(bench, part)()


if __name__ == "__main__":
    main()
