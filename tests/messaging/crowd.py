"""Eight processes that ask the guard for places at the same moment, round after round."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from app import create_app
from app.extensions import db
from app.messaging.engine import guard

PROCESSES = 8
PATIENCE = 180  # seconds for the others to come to the barrier: starting takes its time on a busy machine
ZONE = "Asia/Kolkata"


@dataclass(frozen=True)
class Round:
    """A portfolio, its limit, the people each process asks for (in batches), and how many sends in a hundred fail."""

    portfolio: str
    limit: int
    batches: Sequence[Sequence[Sequence[str]]]  # one list of batches for each process
    campaigns: int = 1
    failing: int = 0


@dataclass
class Got:
    """What one process was granted in a round and kept, and for which campaign."""

    campaign: int
    kept: set[str] = field(default_factory=set)


Ask = Callable[[Sequence[Round]], list[list[Got]]]


@contextmanager
def crowd(environment: dict[str, str]) -> Iterator[Ask]:
    """Start the processes; what comes out plays rounds with them and answers, for each round, what each process got."""
    context = multiprocessing.get_context("forkserver")  # one import of the application for all of them
    context.set_forkserver_preload([__name__])
    barrier = context.Barrier(PROCESSES)
    ends = [context.Pipe() for _ in range(PROCESSES)]
    children = [
        context.Process(target=_live, args=(number, environment, barrier, theirs), daemon=True)
        for number, (_, theirs) in enumerate(ends)
    ]
    for child in children:
        child.start()
    for _, theirs in ends:
        theirs.close()  # or the end of a child that died would never be heard

    def ask(rounds: Sequence[Round]) -> list[list[Got]]:
        for ours, _ in ends:
            ours.send(rounds)
        answers = [ours.recv() for ours, _ in ends]
        return [list(got) for got in zip(*answers, strict=True)]

    try:
        yield ask
    finally:
        for ours, _ in ends:
            ours.close()
        for child in children:
            child.join(PATIENCE)


def _live(number: int, environment: dict[str, str], barrier: Any, pipe: Connection) -> None:
    app, chance = create_app(environment), random.Random(number)
    with app.app_context(), suppress(EOFError):
        while rounds := pipe.recv():
            try:
                pipe.send([_play(round_, number, barrier, chance) for round_ in rounds])
            except BaseException:
                barrier.abort()  # the others need not wait for this one
                raise


def _play(round_: Round, number: int, barrier: Any, chance: random.Random) -> Got:
    got = Got(1 + number % round_.campaigns)
    barrier.wait(PATIENCE)
    for batch in round_.batches[number]:
        grant = guard.reserve(round_.portfolio, batch, round_.limit, ZONE, taken_by=got.campaign)
        db.session.commit()
        failed = [it for it in sorted(grant.contacts) if chance.randrange(100) < round_.failing]
        guard.give_back(round_.portfolio, failed, grant.at, ZONE)
        db.session.commit()
        got.kept |= grant.contacts - set(failed)
    return got
