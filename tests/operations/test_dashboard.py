"""The dashboard: today's figures with their people, campaigns under way, the limit, the first steps."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.auth import workspace
from app.campaigns.models import CampaignStatus
from app.campaigns.queries import figures, limit
from app.channels import alerts
from app.channels import queries as queries_of_channels
from app.channels.models import Alert, Channel, Severity
from app.extensions import db
from app.messaging.models import LimitContact, Message, MessageState, Rank
from app.operations import queries
from app.shared import clock
from app.shared.pagination import page_of
from tests import factories
from tests.factories import login
from tests.webhooks.digesting import digest, inbound, wrote

FATES = {  # (state, rank) -> how many
    (MessageState.ACCEPTED, Rank.SENT): 1,
    (MessageState.ACCEPTED, Rank.DELIVERED): 2,
    (MessageState.ACCEPTED, Rank.READ): 3,
    (MessageState.ACCEPTED, Rank.FAILED): 4,
    (MessageState.FAILED, Rank.FAILED): 5,
    (MessageState.UNCONFIRMED, Rank.NONE): 6,
}


@pytest.fixture
def messages(app: Flask) -> None:
    """Of each fate some today, and one of yesterday, one incoming, one superseded."""
    channel = factories.make_channel()
    common = {"channel_id": channel.id, "type": "template", "phone": "+919800000001"}
    for (state, rank), number in FATES.items():
        db.session.add_all(Message(**common, state=state, rank=rank) for _ in range(number))
    read = {**common, "state": MessageState.ACCEPTED, "rank": Rank.READ}
    db.session.add(Message(**read, created_at=clock.now() - timedelta(days=2)))
    db.session.add(Message(**read, is_superseded=True))
    db.session.add(Message(**common, state=MessageState.RECEIVED, direction="in"))
    db.session.commit()


@pytest.mark.parametrize(("figure", "number"), [("sent", 10), ("delivered", 5), ("read", 3), ("failed", 9)])
def test_a_figure_counts_the_people_behind_it(app: Flask, messages, figure: str, number: int) -> None:
    page = page_of(queries.messages_of_today(figure), 1, scalars=False)
    assert page.total == number
    assert getattr(figures.today(workspace.zone()), figure) == number


def test_each_figure_links_to_its_people(client: FlaskClient, cast, messages) -> None:
    login(client, cast.vera)
    page = client.get("/").text
    for figure in ("sent", "delivered", "read", "failed"):
        assert f'href="/dashboard/{figure}"' in page
        assert client.get(f"/dashboard/{figure}").status_code == 200
    assert client.get("/dashboard/eaten").status_code == 404
    assert client.get("/dashboard/sent?page=x").status_code == 200


def test_it_shows_a_campaign_under_way(client: FlaskClient, cast) -> None:
    campaign = factories.make_campaign(name="Diwali <b>", status=CampaignStatus.SENDING, started_at=clock.now())
    factories.make_recipients(campaign, 4)
    db.session.commit()
    live = login(client, cast.vera).get("/dashboard/live").text
    assert "Diwali &lt;b&gt;" in live
    assert "0 of 4" in live
    assert 'hx-trigger="every 3s"' in live


def test_it_polls_lazily_while_nothing_runs(client: FlaskClient, cast) -> None:
    assert 'hx-trigger="every 20s"' in login(client, cast.vera).get("/dashboard/live").text


def place(channel: Channel, number: int, at: datetime) -> LimitContact:
    """A customer who takes a place under the limit."""
    return LimitContact(portfolio_id=channel.portfolio_id, contact=f"+91{number}", first_granted_at=at, granted_at=at)


def test_it_shows_what_is_left_of_the_limit(client: FlaskClient, cast) -> None:
    channel = factories.make_channel(tier="TIER_250")
    for number in range(3):
        db.session.add(place(channel, number, clock.now()))
    db.session.commit()
    page = login(client, cast.vera).get("/").text
    assert "187 left" in page
    assert "10 places are kept for replies" in page
    assert 'href="/limit"' in page


def test_it_knows_when_the_next_place_opens(client: FlaskClient, cast) -> None:
    channel = factories.make_channel(tier="TIER_50")
    at = clock.now() - timedelta(hours=20)
    db.session.add_all(place(channel, number, at) for number in range(40))
    db.session.commit()
    assert "The next place opens" in login(client, cast.vera).get("/").text
    meter = limit.meter(channel)
    assert meter.remaining == 0
    assert meter.opens_at == at + timedelta(hours=24, minutes=10)


def test_it_leads_through_the_first_steps(client: FlaskClient, cast) -> None:
    page = login(client, cast.vera).get("/").text
    for words in ("Connect your WhatsApp number", "No campaign is being sent now", "No campaigns yet"):
        assert words in page


def test_the_first_steps_leave_when_they_are_done(app: Flask) -> None:
    channel = factories.make_channel(read_at=clock.now())
    template = factories.make_template(channel)
    factories.make_customer()
    assert [step.is_done for step in queries.first_steps(channel)] == [True, True, True, False]
    factories.make_campaign(template, started_at=clock.now())
    assert queries.first_steps(channel) == []


def raised(title: str = "The number's quality: Low.", **more: str) -> Alert:
    """An alert that stands."""
    channel = queries_of_channels.the_channel() or factories.make_channel()
    kind, subject = more.get("kind", "phone.quality"), more.get("subject", "")
    alerts.raise_alert(channel, kind, subject, Severity.WARNING, title, "Choose better.", clock.now())
    db.session.commit()
    return db.session.scalars(select(Alert).order_by(Alert.id.desc())).first()


def test_alerts_stand_at_the_top(client: FlaskClient, cast) -> None:
    raised()
    page = login(client, cast.vera).get("/").text
    assert page.index("The number&#39;s quality: Low.") < page.index("Messaging limit")
    assert 'href="/settings/channel">See the channel' in page


def test_an_alert_leads_to_its_template(client: FlaskClient, cast) -> None:
    template = factories.make_template()
    raised("Paused.", kind="template.status", subject=str(template.public_id))
    assert f'href="/templates/{template.public_id}">See the template' in login(client, cast.vera).get("/").text


def test_an_alert_put_away_leaves_the_dashboard(client: FlaskClient, cast) -> None:
    alert = raised()
    login(client, cast.mona)
    assert "quality: Low." in client.get("/dashboard/alerts").text
    answer = client.post(f"/alerts/{alert.public_id}/put-away?from_dashboard=1")
    assert answer.headers["Location"] == "/"
    assert "quality: Low." not in client.get("/dashboard/alerts").text


def test_many_alerts_are_a_few_and_a_link(client: FlaskClient, cast) -> None:
    for number in range(6):
        raised(f"Alert {number}.", subject=str(number))
    part = login(client, cast.vera).get("/dashboard/alerts").text
    assert part.count("See the channel") == 3
    assert '<a href="/alerts">3 more alerts</a>' in part


def test_it_works_while_redis_is_away(client: FlaskClient, cast, redis_away) -> None:
    answer = login(client, cast.alice).get("/")
    assert answer.status_code == 200
    assert "Redis is away" in answer.text


def test_it_asks_for_a_login(client: FlaskClient) -> None:
    for path in ("/", "/dashboard/live", "/dashboard/sent", "/jobs", "/jobs/live", "/setup"):
        assert client.get(path).status_code == 302


def test_the_limit_shows_in_the_terminal(app: Flask) -> None:
    factories.make_channel(tier="TIER_250")
    db.session.commit()
    output = app.test_cli_runner().invoke(args=["limit", "show"]).output
    assert "remaining     200" in output
    assert "campaigns     190  (10 are kept for replies and notices)" in output
    assert "next opening  now" in output


def test_the_terminal_tells_who_used_the_limit(app: Flask) -> None:
    channel = factories.make_channel(tier="TIER_UNLIMITED")
    db.session.add_all(place(channel, number, clock.now()) for number in range(3))
    db.session.commit()
    output = app.test_cli_runner().invoke(args=["limit", "show"]).output
    assert "remaining     any number" in output
    assert "used by             3  Single messages" in output
    assert "comes back          3  by 2" in output


def test_it_shows_who_wrote_last_with_their_words(client: FlaskClient, cast) -> None:
    factories.make_channel()
    db.session.commit()
    digest(wrote(inbound(words="Is Goa green?", sender="919800000001"), name="Asha"))
    digest(wrote(inbound(words="And Kerala?", sender="919800000002"), name="Ravi"))
    digest(wrote(inbound("reaction", reaction={"message_id": "x", "emoji": "👍"}, sender="919800000002")))
    assert [(heard.customer.name, heard.line) for heard in queries.latest_from_customers()] == [
        ("Ravi", "And Kerala?"),
        ("Asha", "Is Goa green?"),
    ]
    login(client, cast.vera)
    assert "Is Goa green?" in client.get("/").text
    assert "And Kerala?" in client.get("/dashboard/latest").text
