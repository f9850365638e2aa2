"""The guard: never one over, free within the window, exact when places come back."""

from __future__ import annotations

import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import create_app
from app.campaigns.models import CampaignStatus
from app.extensions import db
from app.messaging.engine import guard
from app.messaging.models import DailyCounter, LimitContact
from app.shared import clock
from tests import factories
from tests.factories import login
from tests.sandboxes import free_port

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


def test_it_lets_an_open_window_go_free_without_a_place(app: Flask) -> None:
    reserve(phones(0, 5), limit=5)
    grant = guard.reserve(PORTFOLIO, phones(3, 4), 5, ZONE, free=set(phones(5, 1)))
    db.session.commit()
    assert grant.contacts == frozenset(phones(3, 3))
    assert guard.usage(PORTFOLIO, 5).used == 5
    guard.give_back(PORTFOLIO, phones(5, 1), grant.at, ZONE)
    assert guard.usage(PORTFOLIO, 5).used == 5


def test_whoever_is_free_needs_no_lock(app: Flask) -> None:
    grant = guard.reserve(PORTFOLIO, phones(0, 2), 0, ZONE, free=phones(0, 2))
    assert grant.contacts == frozenset(phones(0, 2))
    assert db.session.query(LimitContact).count() == 0


def test_it_believes_what_was_held_in_this_transaction(app: Flask) -> None:
    reserve(phones(0, 4), limit=5)
    used = guard.hold(PORTFOLIO)
    assert used == 4
    assert guard.reserve(PORTFOLIO, phones(4, 3), 5, ZONE, used=used).contacts == frozenset(phones(4, 1))


def test_it_counts_anew_before_it_refuses(app: Flask) -> None:
    reserve(phones(0, 5), limit=5)
    age_everything(timedelta(hours=25))
    assert guard.last_count(PORTFOLIO) == 5
    used = guard.hold(PORTFOLIO)
    assert len(guard.reserve(PORTFOLIO, phones(5, 5), 5, ZONE, used=used).contacts) == 5
    age_everything(timedelta(hours=25))
    assert guard.recount(PORTFOLIO) == guard.last_count(PORTFOLIO) == 0


def test_a_place_belongs_to_whoever_took_it_until_it_is_taken_anew(app: Flask) -> None:
    def takes(campaign: int | None) -> int | None:
        guard.reserve(PORTFOLIO, phones(0, 1), 5, ZONE, taken_by=campaign)
        db.session.commit()
        return db.session.query(LimitContact.taken_by).scalar()

    assert [takes(7), takes(8), takes(None)] == [7, 7, 7]
    age_everything(timedelta(hours=25))
    assert takes(8) == 8


@pytest.mark.parametrize("is_new", [True, False])
def test_nothing_is_granted_while_another_holds_the_lock_too_long(
    app: Flask, monkeypatch: pytest.MonkeyPatch, is_new: bool
) -> None:
    monkeypatch.setattr(guard, "PATIENCE", "200ms")
    if not is_new:
        reserve(phones(0, 1), limit=5)
    with db.engine.connect() as other:
        other.execute(text("INSERT INTO limit_guards VALUES (:p, 0) ON CONFLICT DO NOTHING"), {"p": PORTFOLIO})
        other.execute(text("SELECT 1 FROM limit_guards WHERE portfolio_id = :p FOR UPDATE"), {"p": PORTFOLIO})
        started = time.monotonic()
        with pytest.raises(OperationalError):
            reserve(phones(1, 2), limit=5)
        assert time.monotonic() - started < 5
        db.session.rollback()
    assert reserve(phones(1, 2), limit=5).contacts == frozenset(phones(1, 2))


def test_nothing_is_granted_without_a_database(environment: dict[str, str]) -> None:
    away = create_app(environment | {"DATABASE_URL": f"postgresql://127.0.0.1:{free_port()}/bulbul"})
    with away.app_context(), pytest.raises(OperationalError):
        guard.reserve(PORTFOLIO, phones(0, 1), None, ZONE)


def age_everything(by: timedelta) -> None:
    """Let time pass: every place was taken earlier by so much."""
    db.session.execute(
        text(
            "UPDATE limit_contacts SET first_granted_at = first_granted_at - :by, granted_at = granted_at - :by, "
            "grants = ARRAY(SELECT g - :by FROM unnest(grants) g)"
        ),
        {"by": by},
    )
    db.session.execute(text("UPDATE limit_guards SET counted_at = counted_at - :by"), {"by": by})
    db.session.commit()


def test_a_page_that_waits_too_long_for_the_lock_says_so(
    client: FlaskClient, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "PATIENCE", "200ms")
    campaign = factories.make_campaign(status=CampaignStatus.SENDING)
    reserve_for(campaign.channel.portfolio_id)
    login(client, cast.alice)
    with db.engine.connect() as other:
        other.execute(text("SELECT 1 FROM limit_guards FOR UPDATE"))
        answer = client.post(f"/campaigns/{campaign.public_id}/cancel")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "The database does not answer in time." in answer.text


def reserve_for(portfolio: str) -> None:
    guard.reserve(portfolio, phones(0, 1), None, ZONE)
    db.session.commit()
