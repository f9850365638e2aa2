"""The webhook door: signed, stored once, then 200."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.extensions import db
from app.meta import signature
from app.shared import queues
from app.webhooks.models import WebhookEvent
from tests import factories

SECRET = "sandbox-app-secret"


@pytest.fixture(autouse=True)
def channel(app: Flask) -> None:
    factories.make_channel()
    db.session.commit()


def post(client: FlaskClient, body: bytes, secret: str = SECRET, **headers: str) -> TestResponse:
    signed = {"X-Hub-Signature-256": signature.sign(secret, body)} | headers
    return client.post("/webhooks/whatsapp", data=body, headers=signed, content_type="application/json")


def stored() -> list[WebhookEvent]:
    return db.session.query(WebhookEvent).all()


def test_it_answers_the_handshake_with_the_challenge(client: FlaskClient) -> None:
    answer = client.get("/webhooks/whatsapp?hub.mode=subscribe&hub.challenge=4711&hub.verify_token=sandbox-verify")
    assert (answer.status_code, answer.text) == (200, "4711")


def test_it_refuses_a_handshake_with_a_wrong_token(client: FlaskClient) -> None:
    answer = client.get("/webhooks/whatsapp?hub.mode=subscribe&hub.challenge=4711&hub.verify_token=no")
    assert answer.status_code == 403


def test_it_stores_the_raw_body_before_it_says_200(client: FlaskClient) -> None:
    body = rb'{"object": "whatsapp_business_account", "entry": [], "note": "\u0939\/"}'
    assert post(client, body).status_code == 200
    assert stored()[0].body == body


def test_it_stores_the_same_bytes_once(client: FlaskClient) -> None:
    for _ in range(3):
        assert post(client, b'{"entry": []}').status_code == 200
    assert len(stored()) == 1


def test_it_rings_once_for_many(client: FlaskClient) -> None:
    for number in range(5):
        post(client, json.dumps({"entry": [], "n": number}).encode())
    assert len(queues.queue(queues.RECEIPTS)) == 1


@pytest.mark.parametrize("header", ["sha256=00", "", "sha1=abc", "sha256=\xe9"])
def test_it_refuses_a_wrong_signature(client: FlaskClient, header: str) -> None:
    assert post(client, b"{}", **{"X-Hub-Signature-256": header}).status_code == 403
    assert stored() == []


def test_it_refuses_a_missing_signature(client: FlaskClient) -> None:
    assert client.post("/webhooks/whatsapp", data=b"{}").status_code == 403


def test_it_refuses_a_body_over_three_megabytes(client: FlaskClient) -> None:
    assert post(client, b" " * (3 * 1024 * 1024 + 1)).status_code == 413


def test_it_keeps_what_is_no_json_and_says_400(client: FlaskClient) -> None:
    assert post(client, b"\xff\x00 not json").status_code == 400
    assert stored()[0].error is not None
