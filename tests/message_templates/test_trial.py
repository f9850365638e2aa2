"""A template sent to the phone of whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
import requests
import responses
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.auth.models import AuditEntry
from app.channels.models import Channel
from app.extensions import db
from app.message_templates import samples
from app.message_templates.jobs import reading
from app.message_templates.models import MessageTemplate
from app.messaging.models import Message
from tests import factories
from tests.message_templates.sheets import PNG
from tests.sandboxes import Sandbox

OWN = "+919820012345"
VALUES = {"value:body.1": "Asha", "value:body.2": "Goa"}


@pytest.fixture
def channel(app: Flask) -> Channel:
    channel: Channel = factories.make_channel()
    db.session.commit()
    return channel


@pytest.fixture
def template(channel: Channel) -> MessageTemplate:
    template: MessageTemplate = factories.make_template(channel)
    db.session.commit()
    return template


@pytest.fixture
def mona(client: FlaskClient, cast, channel: Channel) -> FlaskClient:
    return factories.login(client, cast.mona)


@pytest.fixture
def meta() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def try_out(client: FlaskClient, template: MessageTemplate, phone: str = "98200 12345", **values: str):
    data = {"phone": phone, **VALUES, **values}
    return client.post(f"/templates/{template.public_id}/try", data=data, follow_redirects=True)


def test_it_sends_what_it_shows(sandbox: Sandbox, mona: FlaskClient, channel: Channel) -> None:
    reading.sync_templates(channel.id)
    template = db.session.scalar(select(MessageTemplate).where(MessageTemplate.status == "APPROVED").limit(1))
    assert template is not None
    page = mona.get(f"/templates/{template.public_id}/try").text
    values = {each.split('"')[0]: "Goa" for each in page.split('name="value:')[1:]}
    answer = try_out(mona, template, **{f"value:{key}": value for key, value in values.items()})
    assert "On its way to +91 98200 12345" in answer.text
    [sent] = sandbox.control("GET", "messages?to=919820012345")["messages"]
    assert sent["template"] == template.name


def test_it_attests_the_consent(sandbox: Sandbox, mona: FlaskClient, template: MessageTemplate) -> None:
    try_out(mona, template)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "template.try")).one()
    assert entry.details == {"consent": "attested by the sender"}


def test_it_remembers_the_phone(sandbox: Sandbox, mona: FlaskClient, template: MessageTemplate) -> None:
    try_out(mona, template)
    assert 'value="+91 98200 12345"' in mona.get(f"/templates/{template.public_id}/try").text


def test_it_fills_in_the_samples(mona: FlaskClient, template: MessageTemplate) -> None:
    page = mona.get(f"/templates/{template.public_id}/try").text
    assert 'name="value:body.1" value="Asha"' in page
    assert "Hi Asha, monsoon fares to Goa are open." in page


def test_it_shows_other_values_at_once(mona: FlaskClient, template: MessageTemplate) -> None:
    data = {"value:body.1": "Ravi", "value:body.2": "Kochi"}
    fragment = mona.post(f"/templates/{template.public_id}/try/preview", data=data).text
    assert "Hi Ravi, monsoon fares to Kochi are open." in fragment


@pytest.mark.parametrize(
    ("phone", "values", "words"),
    [
        ("", {}, "Type your number."),
        ("123", {}, "This phone number cannot be used"),
        ("98200 12345", {"value:body.2": ""}, "has no value"),
    ],
)
def test_it_says_what_is_missing(
    mona: FlaskClient, template: MessageTemplate, phone: str, values: dict, words: str
) -> None:
    answer = try_out(mona, template, phone, **values)
    assert answer.status_code == 422
    assert words in answer.text
    assert db.session.scalar(select(Message)) is None


def test_it_passes_the_gate(mona: FlaskClient, template: MessageTemplate) -> None:
    template.status = "PAUSED"
    db.session.commit()
    assert "only approved ones can be sent" in try_out(mona, template).text


def test_it_tells_metas_refusal(meta: responses.RequestsMock, mona: FlaskClient, template: MessageTemplate) -> None:
    error = {"code": 131026, "message": "Message undeliverable"}
    meta.post("http://127.0.0.1:8001/v26.0/100000000000001/messages", json={"error": error}, status=400)
    page = try_out(mona, template).text
    assert "Not delivered to +91 98200 12345" in page
    assert "This phone cannot get the message" in page


def test_it_tells_when_nobody_knows(meta: responses.RequestsMock, mona: FlaskClient, template: MessageTemplate) -> None:
    meta.post("http://127.0.0.1:8001/v26.0/100000000000001/messages", body=requests.ReadTimeout())
    assert "Nobody knows whether it left" in try_out(mona, template).text


def test_it_sends_the_sample_file(meta: responses.RequestsMock, mona: FlaskClient, channel: Channel) -> None:
    parts = [{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "See our boxes."}]
    key = samples.keep(BytesIO(PNG), "IMAGE")
    template = factories.make_template(channel, name="boxes", components=parts, sample_key=key)
    db.session.commit()
    here = "http://127.0.0.1:8001/v26.0/100000000000001"
    meta.post(f"{here}/media", json={"id": "4711"})
    sent = meta.post(f"{here}/messages", json={"messages": [{"id": "wamid.X"}], "contacts": []})
    assert "On its way" in try_out(mona, template).text
    assert b'"image":{"id":"4711"}' in sent.calls[0].request.body.replace(b" ", b"")


@pytest.mark.parametrize("who", ["vera", "bob"])
def test_it_lets_only_senders_try(client: FlaskClient, cast, template: MessageTemplate, who: str) -> None:
    factories.login(client, getattr(cast, who))
    assert client.get(f"/templates/{template.public_id}/try").status_code == 403
    assert "Send to my phone" not in client.get(f"/templates/{template.public_id}").text
