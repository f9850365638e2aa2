"""The guard: never one over, free within the window, exact when places come back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.messaging.engine import guard
from app.messaging.models import DailyCounter, LimitContact
from app.shared import clock

PORTFOLIO, ZONE = "300000000000001", "Asia/Kolkata"


def phones(first: int, number: int) -> list[str]:
    return [f"+91980000{i:04d}" for i in range(first, first + number)]


def reserve(contacts: list[str], limit: int | None) -> guard.Grant:
    grant = guard.reserve(PORTFOLIO, contacts, limit, ZONE)
    db.session.commit()
    return grant


def test_it_grants_in_order_up_to_the_limit(app: Flask) -> None:
    grant = reserve(phones(0, 10), limit=7)
    assert grant.contacts == frozenset(phones(0, 7))
    assert guard.usage(PORTFOLIO, 7).remaining == 0


def test_it_lets_a_customer_of_the_window_go_free(app: Flask) -> None:
    reserve(phones(0, 5), limit=5)
    assert reserve(phones(3, 4), limit=5).contacts == frozenset(phones(3, 2))
    assert guard.usage(PORTFOLIO, 5).used == 5


def test_it_grants_nothing_at_a_limit_of_zero(app: Flask) -> None:
    assert reserve(phones(0, 3), limit=0).contacts == frozenset()


def test_it_knows_no_bounds_without_a_limit(app: Flask) -> None:
    assert len(reserve(phones(0, 300), limit=None).contacts) == 300


def test_it_forgets_places_after_the_window(app: Flask) -> None:
    reserve(phones(0, 5), limit=5)
    age_everything(timedelta(hours=24, minutes=11))
    assert reserve(phones(5, 5), limit=5).contacts == frozenset(phones(5, 5))


def test_it_still_counts_within_ten_minutes_after_the_day(app: Flask) -> None:
    reserve(phones(0, 5), limit=5)
    age_everything(timedelta(hours=24, minutes=9))
    assert reserve(phones(5, 5), limit=5).contacts == frozenset()


def test_it_counts_a_repeated_customer_from_the_last_message_on(app: Flask) -> None:
    reserve(phones(0, 1), limit=1)
    age_everything(timedelta(hours=20))
    reserve(phones(0, 1), limit=1)
    age_everything(timedelta(hours=20))
    assert reserve(phones(1, 1), limit=1).contacts == frozenset()


def test_it_takes_places_back_exactly(app: Flask) -> None:
    grant = reserve(phones(0, 5), limit=5)
    guard.give_back(PORTFOLIO, phones(0, 2), grant.at, ZONE)
    db.session.commit()
    assert guard.usage(PORTFOLIO, 5).used == 3
    assert db.session.query(DailyCounter.count).scalar() == 3
    assert reserve(phones(10, 5), limit=5).contacts == frozenset(phones(10, 2))


def test_it_keeps_an_older_place_when_a_repeat_comes_back(app: Flask) -> None:
    reserve(phones(0, 1), limit=1)
    age_everything(timedelta(hours=3))
    repeat = reserve(phones(0, 1), limit=1)
    guard.give_back(PORTFOLIO, phones(0, 1), repeat.at, ZONE)
    db.session.commit()
    assert guard.usage(PORTFOLIO, 1).used == 1
    place = db.session.query(LimitContact).one()
    assert place.granted_at < clock.now() - timedelta(hours=2)


def test_it_says_when_enough_places_are_free(app: Flask) -> None:
    reserve(phones(0, 4), limit=5)
    assert guard.opening(PORTFOLIO, 5, places=1) is None
    opening = guard.opening(PORTFOLIO, 5, places=2)
    assert opening is not None
    assert timedelta(hours=24) < opening - clock.now() < timedelta(hours=24, minutes=11)


@pytest.mark.parametrize("round_", range(5))
def test_it_never_grants_one_too_many_to_eight_at_once(app: Flask, round_: int) -> None:
    limit, batches = 203, [phones(i * 10, 13) for i in range(40)]  # neighbours share people

    def ask(batch: list[str]) -> frozenset[str]:
        with app.app_context():
            granted = reserve(batch, limit).contacts
            db.session.remove()
            return granted

    with ThreadPoolExecutor(8) as pool:
        granted = frozenset[str]().union(*pool.map(ask, batches))
    assert len(granted) == limit == guard.usage(PORTFOLIO, limit).used


def age_everything(by: timedelta) -> None:
    """Let time pass: every place was taken earlier by so much."""
    db.session.execute(
        text(
            "UPDATE limit_contacts SET first_granted_at = first_granted_at - :by, granted_at = granted_at - :by, "
            "previously_granted_at = previously_granted_at - :by"
        ),
        {"by": by},
    )
    db.session.execute(text("UPDATE limit_guards SET counted_at = counted_at - :by"), {"by": by})
    db.session.commit()
