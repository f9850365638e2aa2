"""Places under the limit that are given back in another order than they were taken."""

from __future__ import annotations

from flask import Flask

from app.extensions import db
from app.messaging.engine import guard

ASHA = ["+919800000001"]


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
