"""Send campaigns while everything dies, then ask Meta what it got.

    python -m bench.chaos [--kills 300] [--recipients 21000] [--workers 6] [--seed N] [--keep FOLDER]

Brings its own PostgreSQL, Redis, sandbox, web server, scheduler and workers, and removes all again. Ends with 1 and
the list when a promise is broken.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from app import create_app
from bench.chaos import campaigns, figures, verdict
from bench.chaos.evidence import gathered
from bench.chaos.house import House, built
from bench.chaos.trial import Stuck, Trial
from bench.chaos.troubles import MOODS, WELL, Troubles, drawn

LATENCY = 150  # milliseconds


def main() -> int:
    asked = _asked()
    for number in (signal.SIGTERM, signal.SIGINT):  # a shell's `&` has the second ignored
        signal.signal(number, _leave)
    print(f"Seed {asked.seed}: {asked.kills} kills over {asked.recipients:,} recipients, {asked.workers} workers.")
    with tempfile.TemporaryDirectory(prefix="chaos-") as passing:
        folder = Path(asked.keep or passing)
        folder.mkdir(parents=True, exist_ok=True)
        with built(folder, asked.workers, 2 * asked.recipients) as house:
            return _try(house, asked)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """End in order: nothing of the house is left."""
    sys.exit(128 + number)


def _try(house: House, asked: argparse.Namespace) -> int:
    began = time.monotonic()
    house.start(house.web, house.sandbox)
    house.meta.tune(latency_ms=LATENCY, messaging_limit=0, **WELL)
    app = create_app(house.environment | {"LOG_LEVEL": "ERROR"})
    ids = campaigns.prepare(app, asked.recipients, asked.speed)
    house.start(house.scheduler, house.receipts, *house.crew.workers)
    chance = random.Random(asked.seed)
    troubles, trial = Troubles(house, chance, asked.moods), Trial(house, asked.hurry)
    campaigns.launch(app, ids)
    try:
        trial.storm(troubles, drawn(asked.kills, asked.moods, chance), asked.recipients, chance)
        trial.say("the storm is over")
        trial.calm()
        trial.say("all is quiet")
    except Stuck as stuck:
        print(stuck)
    evidence = gathered(app, house, troubles.kills)
    print(f"\nTook {time.monotonic() - began:.0f} s.\n")
    for line in figures.table(evidence, troubles.counts, trial):
        print(line)
    return _tell(verdict.broken(evidence))


def _tell(broken: dict[str, list[str]]) -> int:
    for promise in verdict.PROMISES:
        print(f"\n{'BROKEN' if promise in broken else 'kept'}: {promise}", end="")
        for fault in verdict.told(broken.get(promise, [])):
            print(f"\n    {fault}", end="")
    print()
    return 1 if broken else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=300, help="kill -9 of workers that send (300)")
    parser.add_argument("--recipients", type=int, default=21_000, help="of all three campaigns together (21000)")
    parser.add_argument("--workers", type=int, default=6)
    parser.add_argument("--speed", type=int, default=100, help="messages a second of the channel (100)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6), help="of everything random")
    parser.add_argument("--moods", nargs="*", choices=MOODS, default=list(MOODS), help="what ails Meta at times (all)")
    parser.add_argument("--hurry", action="store_true", help="let leases of the dead run out after seconds")
    parser.add_argument("--keep", metavar="FOLDER", help="where logs and databases stay for a look")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
