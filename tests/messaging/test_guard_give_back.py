"""Places under the limit that are given back in another order than they were taken."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.messaging.engine import guard
from app.messaging.models import DailyCounter, LimitContact

ASHA = ["+919800000001"]
HOUR = timedelta(hours=1)


def take() -> guard.Grant:
    grant = guard.reserve("p", ASHA, 10, "UTC")
    db.session.commit()
    return grant


def give_back(grant: guard.Grant) -> None:
    guard.give_back("p", ASHA, grant.at, "UTC")
    db.session.commit()


def test_a_customer_who_was_written_to_keeps_the_place_whatever_two_later_tries_give_back(app: Flask) -> None:
    take()  # this one was sent
    second, third = take(), take()
    give_back(third)
    give_back(second)
    assert guard.usage("p", 10).used == 1


@pytest.mark.parametrize("kept", range(5))
@pytest.mark.parametrize("order", [1, -1, 2])
def test_whichever_of_many_grants_was_used_keeps_the_place(app: Flask, kept: int, order: int) -> None:
    grants = [take() for _ in range(5)]
    unused = [grant for number, grant in enumerate(grants) if number != kept]
    for grant in unused[::order] + (unused[1::2] if order == 2 else []):
        give_back(grant)
    assert guard.usage("p", 10).used == guard.last_count("p") == 1
    place = db.session.query(LimitContact).one()
    assert place.granted_at == grants[kept].at
    give_back(grants[kept])
    assert guard.usage("p", 10).used == guard.last_count("p") == 0


def test_a_grant_is_given_back_only_once(app: Flask) -> None:
    first, _ = take(), take()
    for _ in range(3):
        give_back(first)
    assert guard.usage("p", 10).used == guard.last_count("p") == 1


def test_a_place_goes_back_to_the_day_that_it_cost(app: Flask) -> None:
    first = take()
    let_a_day_end()
    second = take()
    for at in (second.at, first.at - HOUR):
        guard.give_back("p", ASHA, at, "UTC")
    assert [row.count for row in db.session.query(DailyCounter)] == [0]


def let_a_day_end() -> None:
    """Midnight was a minute ago: what was taken an hour ago cost yesterday a place."""
    db.session.execute(text("UPDATE daily_counters SET day = day - 1"))
    change = "first_granted_at = first_granted_at - interval '1 day', grants = ARRAY[grants[1] - interval '1 hour']"
    db.session.execute(text(f"UPDATE limit_contacts SET {change}"))
