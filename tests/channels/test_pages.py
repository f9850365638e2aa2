"""The channel's page: what it shows, to whom, and what may be changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.auth.models import AuditEntry
from app.channels import changes
from app.channels.models import Channel
from app.extensions import db
from app.shared import clock
from tests import factories

SECRETS = {"token": "EAA-long-secret-9f3c", "app_secret": "app-secret-77", "verify_token": "verify-me-123"}


@pytest.fixture
def channel(app: Flask) -> Channel:
    columns = {"quality": "YELLOW", "tier": "TIER_2K", "throughput": "STANDARD", "read_at": clock.now()}
    return factories.make_channel(verified_name="Sahyadri Holidays", status="CONNECTED", **SECRETS, **columns)


def test_it_says_what_meta_says_in_plain_words(client: FlaskClient, cast, channel: Channel) -> None:
    page = factories.login(client, cast.alice).get("/settings/channel").text
    for words in (
        "Sahyadri Holidays",
        "Medium",
        "Connected",
        "2,000 customers in 24 hours",
        "1,600 customers",
    ):
        assert words in page


def test_it_shows_where_meta_calls_us(client: FlaskClient, cast, channel: Channel) -> None:
    page = factories.login(client, cast.alice).get("/settings/channel").text
    assert "/webhooks/whatsapp" in page
    assert SECRETS["verify_token"] in page


def test_it_never_shows_token_or_app_secret(client: FlaskClient, cast, channel: Channel) -> None:
    page = factories.login(client, cast.alice).get("/settings/channel").text
    assert "9f3c" in page
    assert SECRETS["token"] not in page
    assert SECRETS["app_secret"] not in page


def test_it_lets_a_viewer_look_but_not_touch(client: FlaskClient, cast, channel: Channel) -> None:
    factories.login(client, cast.vera)
    page = client.get("/settings/channel").text
    assert SECRETS["verify_token"] not in page
    assert "Read from Meta now" not in page
    assert client.post("/settings/channel", data={"messages_per_second": 5}).status_code == 403
    assert client.post("/settings/channel/read").status_code == 403


def test_it_asks_strangers_to_log_in(client: FlaskClient, channel: Channel) -> None:
    assert client.get("/settings/channel").status_code == 302


def test_it_saves_the_speed_and_writes_it_down(client: FlaskClient, cast, channel: Channel) -> None:
    factories.login(client, cast.alice).post("/settings/channel", data={"messages_per_second": "60"})
    db.session.expire_all()
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "channel.update")).one()
    assert (channel.messages_per_second, entry.details) == (60, {"messages_per_second": 60})


@pytest.mark.parametrize("speed", ["0", "1001", "-1", "", "many", "1.5", "9" * 30])
def test_it_refuses_a_speed_that_cannot_be(client: FlaskClient, cast, channel: Channel, speed: str) -> None:
    answer = factories.login(client, cast.alice).post("/settings/channel", data={"messages_per_second": speed})
    db.session.expire_all()
    assert answer.status_code == 422
    assert channel.messages_per_second == 20


def test_it_shows_an_unread_channel(client: FlaskClient, cast) -> None:
    factories.make_channel(tier=None)
    page = factories.login(client, cast.alice).get("/settings/channel").text
    assert "Not read yet" in page
    assert "200 customers in 24 hours" in page


def test_it_says_that_nothing_leaves_and_until_when(client: FlaskClient, cast, channel: Channel) -> None:
    channel.restriction = "RESTRICTED_BIZ_INITIATED_MESSAGING"
    channel.restricted_until = clock.now() + timedelta(days=2)
    page = factories.login(client, cast.alice).get("/settings/channel").text
    assert "Nothing leaves now." in page
    assert "Meta lets the account start no conversations." in page


def test_an_owner_lifts_what_meta_forgot_to(client: FlaskClient, cast, channel: Channel) -> None:
    channel.restriction = "DISABLED"
    db.session.commit()
    factories.login(client, cast.mona)
    assert client.post("/settings/channel/lift").status_code == 403
    factories.login(app_client(client), cast.alice).post("/settings/channel/lift")
    db.session.expire_all()
    assert channel.restriction is None
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == "channel.lift")).one()


def test_an_owner_chooses_the_way_of_marketing_messages(client: FlaskClient, cast, channel: Channel) -> None:
    factories.login(client, cast.alice).post("/settings/channel/way", data={"uses_marketing_service": "y"})
    db.session.expire_all()
    assert channel.uses_marketing_service
    client.post("/settings/channel/way", data={})
    db.session.expire_all()
    assert not channel.uses_marketing_service
    entries = db.session.scalars(select(AuditEntry.details).where(AuditEntry.action == "channel.update")).all()
    assert entries == [{"uses_marketing_service": True}, {"uses_marketing_service": False}]


def test_only_an_owner_chooses_the_way(client: FlaskClient, cast, channel: Channel) -> None:
    factories.login(client, cast.mona)
    assert "They leave the usual way." in client.get("/settings/channel").text
    assert client.post("/settings/channel/way", data={"uses_marketing_service": "y"}).status_code == 403


def test_it_shows_what_meta_told_of_the_limit(client: FlaskClient, cast, channel: Channel) -> None:
    changes.set_tier(channel, "TIER_250", clock.now())
    page = factories.login(client, cast.vera).get("/settings/channel").text
    assert "Meta lowered the messaging limit to 250 customers in 24 hours." in page


def app_client(client: FlaskClient) -> FlaskClient:
    """Another browser."""
    return client.application.test_client()


def test_it_says_so_where_there_is_no_channel(client: FlaskClient, cast) -> None:
    page = factories.login(client, cast.alice).get("/settings/channel")
    assert page.status_code == 200
    assert "No WhatsApp number is connected yet" in page.text
    assert client.post("/settings/channel/read").status_code == 404
