"""Whatever is asked of whomever: the query finds exactly those of whom it is true.

SEGMENT_TREES says how many random questions each place asks; who changes how they become SQL tries 5,000.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.customers.models import Customer
from app.customers.segments import compiling, people, reading, sentences
from app.customers.segments.people import Look
from app.customers.segments.spans import Vantage
from app.extensions import db
from app.shared import clock
from tests.customers.segments.plainly import belongs
from tests.customers.segments.trees import conditions, trees
from tests.customers.segments.world import World

TREES = int(os.environ.get("SEGMENT_TREES", "400"))
PLACES = (
    (1, datetime(2026, 11, 21, 17, 30, tzinfo=UTC), "Asia/Kolkata"),
    (2, datetime(2026, 3, 31, 3, 15, tzinfo=UTC), "America/New_York"),
    (3, datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC), "Europe/Berlin"),
)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "now", "zone"), PLACES, ids=[zone for *_, zone in PLACES])
def test_it_finds_whom_plain_python_finds(app: Flask, seed: int, now: datetime, zone: str) -> None:
    world = World(seed, Vantage(now, ZoneInfo(zone), "INR"))
    hits = []

    @settings(
        max_examples=TREES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
    )
    @given(st.one_of(trees(world), conditions(world).map(lambda it: {"logic": "AND", "conditions": [it]})))
    def agree(query: dict[str, Any]) -> None:
        note(str(query))
        expected = {id_ for id_, person in world.people.items() if belongs(person, query, world.vantage)}
        assert found(query, world) == expected
        hits.append(0 < len(expected) < len(world.people))

    agree()
    assert sum(hits) > len(hits) / 3  # the world is such that many questions tell people apart


@pytest.mark.slow
def test_it_counts_and_shows_those_and_nobody_else(app: Flask) -> None:
    """Also where it counts whom a question leaves out; of both ways some are asked."""
    world = World(4, Vantage(clock.now(), ZoneInfo("Asia/Kolkata"), "INR"))
    is_left_out: Counter[bool] = Counter()

    @settings(
        max_examples=TREES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
    )
    @given(trees(world), st.sampled_from((None, 20, 55)))
    def agree(query: dict[str, Any], before: int | None) -> None:
        note(str(query))
        group = reading.parse(query)
        everybody = select(Customer).where(compiling.where(group)).order_by(Customer.id.desc())
        expected = db.session.scalars(everybody).all()
        older = [it for it in expected if before is None or it.id < min(world.people) + before]
        look = people.look(group, before=before and min(world.people) + before)
        assert look == Look(len(expected), older[: people.SAMPLE])
        assert people.count(group) == len(expected)
        is_left_out["NOT IN" in str(people.looking(group))] += 1

    agree()
    assert min(is_left_out[True], is_left_out[False]) > TREES / 20


def found(query: dict[str, Any], world: World) -> set[int]:
    group = reading.parse(query)
    assert reading.parse(group.as_json()) == group
    assert sentences.sentence(group).startswith("Customers ")
    return set(db.session.scalars(select(Customer.id).where(compiling.where(group, world.vantage))))
