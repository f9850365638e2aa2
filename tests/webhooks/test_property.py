"""Whatever the order, however often, by however many workers: it ends as if it had come in order, once."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from app.campaigns.service import recount
from app.extensions import db
from app.messaging.engine import receipts
from app.messaging.engine.sender import Outcome
from app.messaging.jobs import settle_late
from app.webhooks import jobs
from app.webhooks.inbox import the_inbox
from app.webhooks.queries import has_undigested
from tests import tables
from tests.webhooks.stories import Story, ending, in_disorder, in_order

WORKERS = 4


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that do not wait for more."""
    monkeypatch.setattr(jobs, "QUIET", 0.05)


def begin_anew() -> None:
    """As before the story began."""
    db.session.remove()
    tables.empty()


@pytest.mark.parametrize("seed", [1, 2])
def test_it_ends_the_same_in_any_order_by_four_workers(app: Flask, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story(seed)
    story.begin()
    _record(story.outcomes)
    _post(list(in_order(story)))
    jobs.digest_events()
    expected = _ending()

    begin_anew()
    story.begin()
    monkeypatch.setattr(jobs, "BATCH", 20)  # so that every worker gets its share of so few events
    _in_disorder(app, story, random.Random(seed))
    assert _ending() == expected
    assert expected["undigested"] == expected["strays"] == []
    assert recount.differences() == []


def _in_disorder(app: Flask, story: Story, chance: random.Random) -> None:
    """Four workers digest while posts come in and the sender writes down what became of its requests."""
    bodies, outcomes = list(in_disorder(story, chance)), list(story.outcomes)
    chance.shuffle(outcomes)
    _post(bodies[: len(bodies) // 2])  # these are there before anything is recorded
    with ThreadPoolExecutor(WORKERS + 2) as threads:
        doings: list[Callable[[], Any]] = [lambda: _record(outcomes), lambda: _post(bodies[len(bodies) // 2 :])]
        doings += [_digest] * WORKERS
        for done in [threads.submit(_inside, app, doing) for doing in doings]:
            done.result()
    _digest()
    settle_late()


def _inside(app: Flask, doing: Callable[[], Any]) -> None:
    with app.app_context():
        doing()


def _digest() -> None:
    while has_undigested():
        db.session.rollback()
        jobs.digest_events()
    db.session.rollback()


def _post(bodies: Sequence[bytes]) -> None:
    for body in bodies:
        the_inbox().keep(body)


def _record(outcomes: Sequence[Outcome]) -> None:
    """As the sender does: a few at a time, again after a deadlock."""
    for start in range(0, len(outcomes), 5):
        batch = outcomes[start : start + 5]
        while not _recorded(batch):
            db.session.rollback()


def _recorded(batch: Sequence[Outcome]) -> bool:
    try:
        receipts.record_outcomes(batch)
        db.session.commit()
    except OperationalError:
        return False
    return True


def _ending() -> dict[str, list[tuple[Any, ...]]]:
    db.session.rollback()
    return ending()
