"""The page of the messaging limit, what it counts, and the rules on the settings page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.auth import workspace
from app.auth.models import AuditEntry
from app.campaigns.models import Campaign
from app.campaigns.queries import limit
from app.channels.models import Channel
from app.extensions import db
from app.messaging.engine import guard
from app.messaging.models import LimitContact
from app.shared import clock
from tests import factories
from tests.factories import login

ZONE = "Asia/Kolkata"
KIND_RULES = {"marketing_cap": "3", "spares": "us", "limit_reserve": "10"}


@pytest.fixture
def channel(app: Flask) -> Channel:
    """A number that may write to 200 customers a day."""
    return factories.make_channel(tier="TIER_250")


def use(
    channel: Channel, number: int, campaign: Campaign | None = None, first: int = 0, ago: timedelta | None = None
) -> None:
    """So many customers take a place, so long ago."""
    contacts = [f"+9198{first + i:08d}" for i in range(number)]
    guard.reserve(channel.portfolio_id, contacts, None, ZONE, taken_by=campaign.id if campaign else None)
    if ago:
        at = LimitContact.granted_at - ago
        db.session.query(LimitContact).filter(LimitContact.contact.in_(contacts)).update({LimitContact.granted_at: at})
    db.session.commit()


def test_campaigns_leave_a_reserve_to_replies(channel: Channel) -> None:
    use(channel, 190)
    meter = limit.meter(channel)
    assert (meter.limit, meter.for_campaigns, meter.kept) == (200, 190, 10)
    assert (meter.remaining, meter.remaining_for_campaigns) == (10, 0)
    assert meter.opens_at is None
    assert meter.opens_for_campaigns_at is not None


def test_it_tells_who_used_it_most_first(channel: Channel) -> None:
    campaign = factories.make_campaign(factories.make_template(channel), name="Diwali")
    use(channel, 2)
    use(channel, 5, campaign, first=100)
    use(channel, 1, campaign, first=0)  # counted already, for a single message
    assert [(it.name, it.places) for it in limit.users(channel.portfolio_id)] == [("Diwali", 5), ("Single messages", 2)]


def test_places_come_back_by_the_hour(channel: Channel) -> None:
    use(channel, 2, ago=timedelta(hours=20))
    use(channel, 3, first=50)
    soon, late = limit.openings(channel.portfolio_id)
    assert (soon.places, soon.together, late.places, late.together) == (2, 2, 3, 5)
    assert soon.at.astimezone(workspace.zone()).minute == 0
    assert timedelta(hours=4) < soon.at - clock.now() <= timedelta(hours=5, minutes=10)


def test_a_day_without_messages_cost_nothing(channel: Channel) -> None:
    use(channel, 4)
    days = limit.days(channel.portfolio_id)
    assert [day.count for day in days] == [4, 0, 0, 0, 0, 0, 0]
    assert days[0].day == clock.now().astimezone(workspace.zone()).date()


def test_the_page_shows_it_and_every_number_leads_to_its_people(
    client: FlaskClient, cast: Any, channel: Channel
) -> None:
    campaign = factories.make_campaign(factories.make_template(channel), name="Diwali <b>")
    asha = factories.make_customer(name="Asha", phone="+919800000100")
    use(channel, 5, campaign, first=100)
    use(channel, 2)
    page = login(client, cast.vera).get("/limit").text
    assert "183 left" in page
    assert "Diwali &lt;b&gt;" in page
    assert f'href="/limit/{campaign.id}">5</a>' in page
    assert f'href="/customers/{asha.public_id}"' in client.get(f"/limit/{campaign.id}").text
    assert client.get("/limit/single").text.count("+91 98000 0000") == 2


def test_it_lives(client: FlaskClient, cast: Any, channel: Channel) -> None:
    login(client, cast.vera)
    before = client.get("/limit/live").text
    use(channel, 3)
    now = client.get("/limit/live").text
    assert "<html" not in now
    assert ("190 left" in before, "187 left" in now) == (True, True)
    assert 'hx-get="/limit/live"' in now


def test_it_is_empty_without_a_number_or_a_message(client: FlaskClient, cast: Any) -> None:
    login(client, cast.vera)
    assert "No WhatsApp number is connected yet" in client.get("/limit").text
    assert client.get("/limit/single").status_code == 404
    factories.make_channel(tier="TIER_UNLIMITED")
    db.session.commit()
    page = client.get("/limit").text
    assert "there is no limit" in page
    assert "Nobody was written to in the last 24 hours." in page
    assert "No place is taken" in client.get("/limit/7").text


def test_the_menu_says_how_full_it_is(client: FlaskClient, cast: Any, channel: Channel) -> None:
    login(client, cast.vera)
    assert '<span class="badge ms-auto">' not in client.get("/account").text
    use(channel, 50)
    assert '<span class="badge ms-auto">25 %</span>' in client.get("/account").text


# The rules


def test_an_owner_sets_the_rules_and_it_is_written_down(client: FlaskClient, cast: Any, channel: Channel) -> None:
    db.session.commit()
    login(client, cast.alice)
    answer = client.post("/settings/sending", data=KIND_RULES, follow_redirects=True)
    assert "Saved" in answer.text
    assert "20 of 200 customers a day" in answer.text
    rules = workspace.current()
    assert (rules.marketing_cap, rules.spares_only_us_area_codes, rules.limit_reserve) == (3, True, 10)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "workspace.sending_rules")).one()
    assert entry.details == {"marketing_cap": 3, "spares_only_us_area_codes": True, "limit_reserve": 10}


def test_no_cap_is_a_rule_too(client: FlaskClient, cast: Any) -> None:
    login(client, cast.alice).post("/settings/sending", data=KIND_RULES | {"marketing_cap": ""})
    assert workspace.current().marketing_cap is None


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("marketing_cap", "0", "from 1 to 50"),
        ("marketing_cap", "two", "whole number"),
        ("limit_reserve", "51", "from 0 to 50"),
        ("limit_reserve", "", "0 keeps nothing back"),
        ("limit_reserve", "9" * 30, "from 0 to 50"),
        ("spares", "mars", "Not a valid choice"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_at_its_field(
    client: FlaskClient, cast: Any, field: str, value: str, words: str
) -> None:
    answer = login(client, cast.alice).post("/settings/sending", data=KIND_RULES | {field: value})
    assert answer.status_code == 422
    assert words in answer.text
    assert f'href="#{field}"' in answer.text
    assert workspace.current().limit_reserve == 5


def test_others_only_read_them(client: FlaskClient, cast: Any) -> None:
    for person in (cast.mona, cast.bob, cast.vera):
        login(client, person)
        assert "Only an owner can change these." in client.get("/settings/sending").text
        assert client.post("/settings/sending", data=KIND_RULES).status_code == 403
