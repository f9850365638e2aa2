"""The guard among eight processes at the limit's edge: never one over, and exact when places come back."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.messaging.engine import guard
from app.messaging.models import DailyCounter, LimitContact
from tests.messaging.crowd import PROCESSES, Ask, Got, Round, crowd


@pytest.fixture(scope="module")
def ask(environment: dict[str, str], application: Flask) -> Iterator[Ask]:
    with crowd(environment) as asking:
        yield asking


def rounds(number: int, people: int, limit: int, *, campaigns: int = 1, failing: int = 0) -> list[Round]:
    """Each process asks for two batches of up to eleven people; batches of all processes share people."""
    chance, phones = random.Random(people + limit), [f"+9198{i:08d}" for i in range(people)]

    def batch() -> list[str]:
        return chance.sample(phones, chance.randint(5, 11))

    return [
        Round(f"portfolio {i}", limit, [[batch() for _ in range(2)] for _ in range(PROCESSES)], campaigns, failing)
        for i in range(number)
    ]


def places(portfolio: str) -> Counter[int]:
    """How many places each campaign holds, as the ledger has it."""
    query = select(LimitContact.taken_by, func.count()).where(LimitContact.portfolio_id == portfolio)
    return Counter(dict(db.session.execute(query.group_by(LimitContact.taken_by)).all()))


def counted(portfolio: str) -> int:
    """What the calendar's days cost together."""
    query = select(func.sum(DailyCounter.count)).where(DailyCounter.portfolio_id == portfolio)
    return db.session.scalar(query) or 0


def written_to(got: list[Got]) -> set[str]:
    return set[str]().union(*(it.kept for it in got))


@pytest.mark.parametrize(("number", "campaigns"), [(100, 1), (30, 3)])
def test_eight_processes_never_get_one_too_many(app: Flask, ask: Ask, number: int, campaigns: int) -> None:
    for round_, got in zip(wanted := rounds(number, 90, 41, campaigns=campaigns), ask(wanted), strict=True):
        assert len(written_to(got)) == round_.limit == places(round_.portfolio).total()
        assert guard.last_count(round_.portfolio) == round_.limit
        assert counted(round_.portfolio) == round_.limit


def test_a_shared_customer_is_one_place_for_three_campaigns(app: Flask, ask: Ask) -> None:
    for round_, got in zip(wanted := rounds(10, 40, 100, campaigns=3), ask(wanted), strict=True):
        asked = {phone for batches in round_.batches for batch in batches for phone in batch}
        assert written_to(got) == asked
        assert sum(len(it.kept) for it in got) > len(asked) == places(round_.portfolio).total()


def test_places_given_back_at_the_edge_are_exact(app: Flask, ask: Ask) -> None:
    for round_, got in zip(wanted := rounds(30, 60, 41, failing=30), ask(wanted), strict=True):
        kept = written_to(got)
        assert len(kept) == places(round_.portfolio).total() == guard.last_count(round_.portfolio)
        assert len(kept) <= round_.limit
        assert counted(round_.portfolio) == len(kept)
