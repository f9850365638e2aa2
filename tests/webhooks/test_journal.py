"""The journal's pages: what came, found again, its secrets masked."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import db
from app.messaging.models import Message, MessageState
from app.shared import clock
from app.webhooks import journal, masking
from app.webhooks.journal import Asked
from app.webhooks.models import WebhookEvent
from tests import factories


def make_event(kinds: str = "messages.statuses", body: bytes | None = None, **columns: Any) -> WebhookEvent:
    number = db.session.query(WebhookEvent).count()
    body = body or json.dumps({"n": number}).encode()
    columns = {"digested_at": clock.now()} | columns
    event = WebhookEvent(body=body, digest=str(number).encode(), kinds=kinds.split(), **columns)
    db.session.add(event)
    db.session.commit()
    return event


@pytest.fixture
def mona(client: FlaskClient, cast: SimpleNamespace) -> FlaskClient:
    factories.make_channel()
    db.session.commit()
    return factories.login(client, cast.mona)


def found(**asked: Any) -> list[int]:
    return [event.id for event in journal.page(Asked(**asked)).events]


def test_an_empty_journal_says_where_meta_must_post(mona: FlaskClient) -> None:
    page = mona.get("/webhooks").text
    assert "Meta has not posted yet" in page
    assert 'data-copy="http://127.0.0.1:8000/webhooks/whatsapp"' in page


@pytest.mark.parametrize("who", ["bob", "vera"])
def test_it_is_not_for_everybody(client: FlaskClient, cast: SimpleNamespace, who: str) -> None:
    event = make_event()
    factories.login(client, getattr(cast, who))
    assert client.get("/webhooks").status_code == 403
    assert client.get(f"/webhooks/{event.public_id}").status_code == 403
    assert client.post(f"/webhooks/{event.public_id}/replay").status_code == 403
    assert client.post("/webhooks/replay", data={"only": "errors"}).status_code == 403


def test_it_lists_the_newest_first(app: Flask) -> None:
    events = [make_event() for _ in range(3)]
    assert found() == [event.id for event in reversed(events)]


def test_it_finds_by_kind(app: Flask) -> None:
    status, text, both = make_event(), make_event("messages.text"), make_event("messages.statuses messages.text")
    assert found(kind="messages.text") == [both.id, text.id]
    assert found(kind="messages.statuses") == [both.id, status.id]


def test_it_finds_what_went_wrong_and_what_waits(app: Flask) -> None:
    make_event()
    bad, waiting = make_event(error="has no timestamp"), make_event("", digested_at=None)
    assert (found(only="errors"), found(only="undigested")) == ([bad.id], [waiting.id])


def test_it_finds_by_time(app: Flask) -> None:
    now = clock.now()
    events = [make_event(created_at=now - timedelta(hours=hours)) for hours in (9, 6, 3, 0)]
    assert found(since=now - timedelta(hours=6), until=now - timedelta(hours=1)) == [events[2].id, events[1].id]
    assert found(since=now + timedelta(hours=1)) == []


def test_its_times_are_the_workspaces(mona: FlaskClient) -> None:
    make_event(created_at=datetime.fromisoformat("2026-11-20T10:00:00+05:30"), error="early")
    make_event(created_at=datetime.fromisoformat("2026-11-20T12:00:00+05:30"), error="late")
    page = mona.get("/webhooks?since=2026-11-20T11:00&until=2026-11-20T13:00").text
    assert "late" in page
    assert "early" not in page
    assert "Asia/Kolkata" in page


def test_it_says_that_a_time_cannot_be(mona: FlaskClient) -> None:
    make_event()
    page = mona.get("/webhooks?since=2026-11-20T11:00&until=2026-11-19T11:00")
    assert "lies before the beginning" in page.text


@pytest.mark.parametrize(
    "query", ["kind=%00", "only=x", "since=x", "before=x", "before=99999999999999999999", "kind=%27"]
)
def test_odd_addresses_do_no_harm(mona: FlaskClient, query: str) -> None:
    make_event()
    assert mona.get(f"/webhooks?{query}").status_code == 200


def test_it_goes_on_to_the_older_ones(mona: FlaskClient) -> None:
    events = [make_event() for _ in range(journal.PAGE_SIZE + 2)]
    first = journal.page(Asked())
    assert first.older == events[2].id
    assert [event.id for event in journal.page(Asked(), first.older).events] == [events[1].id, events[0].id]
    assert f"before={first.older}" in mona.get("/webhooks").text


def test_an_event_shows_its_body_and_its_messages(mona: FlaskClient) -> None:
    customer = factories.make_customer(name="Asha")
    message = Message(
        channel_id=factories.make_channel(phone_number_id="2").id,
        customer_id=customer.id,
        type="template",
        state=MessageState.ACCEPTED,
        wamid="wamid.1",
    )
    db.session.add(message)
    status = {"id": "wamid.1", "status": "read", "timestamp": "1790000000"}
    body = {"entry": [{"changes": [{"field": "messages", "value": {"statuses": [status]}}]}]}
    event = make_event(body=json.dumps(body).encode())
    page = mona.get(f"/webhooks/{event.public_id}").text
    assert "wamid.1" in page
    assert f"/customers/{customer.public_id}" in page


@pytest.mark.parametrize("body", [b"\xff\x00", b"[" * 500_000, b'{"a": "\\ud800"}', b'"' + b"x" * 3_000_000 + b'"'])
def test_an_odd_body_can_be_looked_at(mona: FlaskClient, body: bytes) -> None:
    event = make_event(body=body)
    assert mona.get(f"/webhooks/{event.public_id}").status_code == 200


def test_an_unknown_event_is_missing(mona: FlaskClient) -> None:
    assert mona.get("/webhooks/00000000-0000-7000-8000-000000000000").status_code == 404


@pytest.mark.parametrize(
    ("body", "secret"),
    [
        ({"access_token": "s3cr3t"}, "s3cr3t"),
        ({"app": {"clientSecret": "s3cr3t"}}, "s3cr3t"),
        ({"pin": 482913}, "482913"),
        ({"note": "Authorization: Bearer s3cr3t.x"}, "s3cr3t"),
        ({"note": ["EAAGm0PX4ZCpsBAKZCa1b2c3"]}, "EAAGm0PX4ZCpsBAKZCa1b2c3"),
    ],
)
def test_secrets_are_masked(body: dict[str, Any], secret: str) -> None:
    whole = json.dumps(body).encode()
    assert secret not in masking.legible(whole)
    assert secret not in masking.legible(whole[:-1])  # no JSON any more


def test_what_is_no_secret_stays() -> None:
    body = b'{"wa_id": "919812345678", "event": "PIN_CHANGED", "pinned": "yes", "text": "my token is here"}'
    assert "•" not in masking.legible(body)
