"""Alerts: one of a kind stands, news in any order end the same, a person puts them away."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.auth.models import AuditEntry
from app.channels import alerts, changes, queries, service
from app.channels.models import Channel, Severity
from app.extensions import db
from app.meta.phone_numbers import PhoneNumber
from app.shared import clock
from tests import factories

T = clock.now().replace(microsecond=0) - timedelta(days=1)


@pytest.fixture
def channel(app: Flask) -> Channel:
    channel = factories.make_channel()
    db.session.commit()
    return channel


def at(minute: int) -> datetime:
    return T + timedelta(minutes=minute)


def warn(channel: Channel, title: str = "Low quality.", minute: int = 0, subject: str = "", **more: Any) -> None:
    severity = more.get("severity", Severity.WARNING)
    alerts.raise_alert(channel, "phone.quality", subject, severity, title, "Choose better.", at(minute))
    db.session.commit()


def told(channel: Channel) -> list[tuple[str, bool]]:
    """Every alert there ever was, and whether it stands."""
    db.session.expire_all()
    found = db.session.scalars(queries.alerts_of(channel, is_open=False)).all()
    return [(alert.title, alert.resolved_at is None) for alert in reversed(found)]


def test_one_of_a_kind_and_subject_stands(channel: Channel) -> None:
    warn(channel)
    warn(channel, "Lower still.", 5)
    warn(channel, subject="another")
    assert told(channel) == [("Low quality.", False), ("Low quality.", True), ("Lower still.", True)]


def test_the_same_again_is_the_same(channel: Channel) -> None:
    warn(channel)
    warn(channel)
    warn(channel, minute=5)
    assert told(channel) == [("Low quality.", True)]


def test_good_news_end_it_and_stay_in_the_history(channel: Channel) -> None:
    warn(channel)
    alerts.note(channel, "phone.quality", "", "High quality.", "", at(5))
    assert told(channel) == [("Low quality.", False), ("High quality.", False)]


def test_older_news_say_nothing(channel: Channel) -> None:
    alerts.note(channel, "phone.quality", "", "High quality.", "", at(5))
    warn(channel)
    assert told(channel) == [("High quality.", False)]


def test_what_was_put_away_stands_but_is_seen(channel: Channel, cast) -> None:
    warn(channel)
    alerts.put_away(queries.unseen_alerts(channel), cast.alice.id, clock.now())
    warn(channel, minute=5)  # the same words again are no news
    assert (queries.unseen_count(), len(alerts.open_alerts(channel))) == (0, 1)
    warn(channel, "Lower still.", 6)
    assert queries.unseen_count() == 1


def test_the_gravest_come_first(channel: Channel) -> None:
    warn(channel, "small", 3, "a", severity=Severity.INFO)
    warn(channel, "grave", 1, "b", severity=Severity.CRITICAL)
    warn(channel, "old", 0, "c")
    warn(channel, "new", 2, "d")
    assert [alert.title for alert in queries.unseen_alerts(channel)] == ["grave", "new", "old", "small"]


# The page


def test_the_page_shows_what_stands_and_the_history(client: FlaskClient, cast, channel: Channel) -> None:
    warn(channel, "Quality <b>low</b>.")
    alerts.note(channel, "phone.limit", "", "The limit is higher.", "", at(1))
    db.session.commit()
    factories.login(client, cast.vera)
    page = client.get("/alerts").text
    assert "Quality &lt;b&gt;low&lt;/b&gt;." in page
    assert "The limit is higher." not in page
    assert "The limit is higher." in client.get("/alerts?show=all&page=x").text


def test_a_manager_puts_one_away_and_it_is_written_down(client: FlaskClient, cast, channel: Channel) -> None:
    warn(channel)
    alert = alerts.open_alerts(channel)[0]
    answer = factories.login(client, cast.mona).post(f"/alerts/{alert.public_id}/put-away", follow_redirects=True)
    db.session.expire_all()
    assert "Put away" in answer.text
    assert (alert.seen_by, alert.resolved_at) == (cast.mona.id, None)
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == "alert.put_away")).one()


def test_all_are_put_away_at_once(client: FlaskClient, cast, channel: Channel) -> None:
    for number in range(3):
        warn(channel, subject=str(number))
    factories.login(client, cast.alice).post("/alerts/put-away")
    assert queries.unseen_count() == 0


def test_who_may_not_send_puts_nothing_away(client: FlaskClient, cast, channel: Channel) -> None:
    warn(channel)
    alert = alerts.open_alerts(channel)[0]
    factories.login(client, cast.bob)
    assert client.post("/alerts/put-away").status_code == 403
    assert client.post(f"/alerts/{alert.public_id}/put-away").status_code == 403
    assert "Put away" not in client.get("/alerts").text
    assert queries.unseen_count() == 1


def test_an_alert_that_is_not_there_is_missing(client: FlaskClient, cast, channel: Channel) -> None:
    path = "/alerts/00000000-0000-7000-8000-000000000000/put-away"
    assert factories.login(client, cast.alice).post(path).status_code == 404


def test_the_menu_counts_them(client: FlaskClient, cast, channel: Channel) -> None:
    page = factories.login(client, cast.vera).get("/account").text
    assert "to look at" not in page
    warn(channel)
    assert '1<span class="visually-hidden"> to look at</span>' in client.get("/account").text


# What a reading finds


def reading(**facts: Any) -> PhoneNumber:
    said = {"quality_rating": "GREEN", "status": "CONNECTED", "messaging_limit_tier": "TIER_10K", "health": "AVAILABLE"}
    others = dict.fromkeys(("display_phone_number", "verified_name", "name_status", "throughput_level"))
    return PhoneNumber(**{"id": "1", "health_problems": ()} | others | said | facts)


@pytest.mark.parametrize(
    ("bad", "title"),
    [
        ({"quality_rating": "RED"}, "The number's quality: Low."),
        ({"status": "BANNED"}, "The number: Banned."),
        ({"messaging_limit_tier": "TIER_250"}, "Meta lowered the messaging limit to 250 customers in 24 hours."),
        ({"health": "BLOCKED"}, "Meta says that the number cannot send."),
    ],
)
def test_a_reading_raises_what_no_webhook_told_and_ends_it(channel: Channel, bad: dict[str, str], title: str) -> None:
    for _ in range(2):
        service.record_reading(channel, reading(**bad), clock.now())
    assert told(channel) == [(title, True)]
    service.record_reading(channel, reading(), clock.now() + timedelta(hours=1))
    assert alerts.open_alerts(channel) == []


def test_a_first_reading_tells_only_what_is_bad(app: Flask) -> None:
    channel = factories.make_channel(tier=None)
    service.record_reading(channel, reading(quality_rating="YELLOW"), clock.now())
    assert told(channel) == [("The number's quality: Medium.", True)]
    assert channel.tier == "TIER_10K"


def test_a_person_lifts_also_what_was_told_by_a_clock_ahead_of_ours(channel: Channel) -> None:
    ahead = clock.now() + timedelta(minutes=2)
    changes.restrict(channel, "DISABLED", "Meta disabled the account.", ahead)
    service.lift_by_hand(channel, clock.now())
    assert (service.blocked(channel), alerts.open_alerts(channel)) == (None, [])


def test_a_number_that_is_banned_is_blocked(channel: Channel) -> None:
    assert service.blocked(channel) is None
    service.record_reading(channel, reading(status="BANNED"), clock.now())
    assert "banned" in (service.blocked(channel) or "")
