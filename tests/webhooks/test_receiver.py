"""The webhook door: signed, stored once, then 200."""

from __future__ import annotations

import gzip
import io
import json
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import create_environ, run_wsgi_app

from app.channels.models import Channel
from app.extensions import db
from app.meta import signature
from app.shared import queues
from app.webhooks import inbox, tallies, verification
from app.webhooks.models import WebhookEvent
from tests import factories
from tests.webhooks.conftest import SECRET, Post

PATH = "/webhooks/whatsapp"
SHAKE = f"{PATH}?hub.mode=subscribe&hub.challenge=4711&hub.verify_token="
MOST = 3 * 1024 * 1024


@pytest.fixture(autouse=True)
def channel(app: Flask) -> Channel:
    channel = factories.make_channel()
    db.session.commit()
    return channel


def stored() -> list[WebhookEvent]:
    db.session.rollback()
    return db.session.query(WebhookEvent).all()


def metric(client: FlaskClient, name: str) -> float:
    families = text_string_to_metric_families(client.get("/metrics").text)
    return next(sample.value for family in families for sample in family.samples if sample.name == name)


def test_it_answers_the_handshake_with_the_challenge(client: FlaskClient, channel: Channel) -> None:
    answer = client.get(f"{SHAKE}sandbox-verify")
    assert (answer.status_code, answer.text) == (200, "4711")
    assert channel.handshake_at is not None


@pytest.mark.parametrize("token", ["no", "", "sandbox-verif\xff"])
def test_it_refuses_a_handshake_with_a_wrong_token(client: FlaskClient, channel: Channel, token: str) -> None:
    assert client.get(SHAKE + token).status_code == 403
    assert channel.handshake_at is None


def test_it_stores_the_raw_body_before_it_says_200(post: Post) -> None:
    body = rb'{"object": "whatsapp_business_account", "entry": [], "note": "\u0939\/"}'
    assert post(body).status_code == 200
    assert stored()[0].body == body


def test_it_stores_the_same_bytes_once(post: Post) -> None:
    assert [post(b'{"entry": []}').status_code for _ in range(3)] == [200] * 3
    assert len(stored()) == 1


def test_threads_that_get_the_same_bytes_store_them_once(app: Flask) -> None:
    ours = inbox.Inbox(lambda: psycopg.connect(url, autocommit=True))
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    bodies = [json.dumps({"n": number % 40}).encode() for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ours.keep, bodies))
        list(threads.map(lambda _: ours.hang_up(), range(80)))
    assert sorted(event.body for event in stored()) == sorted(set(bodies))


def test_it_takes_a_new_connection_when_the_server_closed_the_old_one(app: Flask, post: Post) -> None:
    post(b'{"n": 1}')
    app.extensions[inbox.KEPT_AS]._own.connection.close()
    assert post(b'{"n": 2}').status_code == 200
    assert len(stored()) == 2


def test_it_says_503_while_the_database_is_away(app: Flask, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    post(b'{"n": 1}')
    broken = inbox.Inbox(lambda: psycopg.connect("host=/nowhere"))
    monkeypatch.setitem(app.extensions, inbox.KEPT_AS, broken)
    assert post(b'{"n": 2}').status_code == 503


def test_it_rings_once_for_many(post: Post) -> None:
    for number in range(5):
        post(json.dumps({"entry": [], "n": number}).encode())
    assert len(queues.queue(queues.RECEIPTS)) == 1


@pytest.mark.parametrize("header", ["sha256=00", "", "sha1=abc", "sha256=\xe9"])
def test_it_refuses_a_wrong_signature(post: Post, header: str) -> None:
    assert post(b"{}", **{"X-Hub-Signature-256": header}).status_code == 403
    assert stored() == []


def test_it_counts_what_it_refuses(client: FlaskClient) -> None:
    for _ in range(3):
        assert client.post(PATH, data=b"{}").status_code == 403
    assert metric(client, "bulbul_webhooks_refused_total") == 3
    assert [number for _, number in tallies.refused_by_day() or []] == [3, 0, 0, 0, 0, 0, 0]


def test_it_tells_how_long_it_took(client: FlaskClient, post: Post) -> None:
    for number in range(4):
        post(json.dumps(number).encode())
    assert metric(client, "bulbul_webhook_intake_seconds_count") == 4


def test_it_needs_no_redis(app: Flask, client: FlaskClient, post: Post, redis_away: None) -> None:
    assert post(b"{}").status_code == 200
    assert client.post(PATH, data=b"{}").status_code == 403
    assert tallies.refused_by_day() is None


def test_a_new_secret_counts_at_once(post: Post, channel: Channel) -> None:
    post(b'{"n": 1}')
    channel.app_secret = "another"
    db.session.commit()
    assert post(b'{"n": 2}', secret="another").status_code == 200
    assert post(b'{"n": 3}').status_code == 403


def test_an_old_secret_holds_for_some_seconds_only(
    post: Post, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(b'{"n": 1}')
    channel.app_secret = "another"
    db.session.commit()
    monkeypatch.setattr(verification, "KEPT_SECONDS", 0)
    assert post(b'{"n": 2}').status_code == 403


def test_nobody_can_sign_with_an_empty_secret(post: Post, channel: Channel) -> None:
    channel.app_secret = ""
    db.session.commit()
    assert post(b"{}", secret="").status_code == 403


def test_it_takes_three_megabytes(post: Post) -> None:
    body = b'"' + b"x" * (MOST - 2) + b'"'
    assert post(body).status_code == 200
    assert len(stored()[0].body) == MOST


def test_it_refuses_a_body_over_three_megabytes(post: Post) -> None:
    assert post(b" " * (MOST + 1)).status_code == 413


class Endless:
    """A body in chunks that never ends."""

    given = 0

    def read(self, size: int = -1) -> bytes:
        self.given += size
        return b" " * size


def test_it_reads_no_more_than_that_of_a_body_in_chunks(app: Flask) -> None:
    body = Endless()
    chunked = {"wsgi.input": body, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    _, status, _ = run_wsgi_app(app.wsgi_app, create_environ(PATH, method="POST") | chunked)
    assert status.startswith("413")
    assert body.given <= MOST + 1


def test_it_takes_a_body_in_chunks(client: FlaskClient) -> None:
    headers = {"X-Hub-Signature-256": signature.sign(SECRET, b'{"n": 1}'), "Transfer-Encoding": "chunked"}
    environ = {"wsgi.input_terminated": True}
    answer = client.post(PATH, input_stream=io.BytesIO(b'{"n": 1}'), headers=headers, environ_overrides=environ)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\x00 not json",
        b'{"a": "\x00"}',
        b'{"a": "\xc3("}',
        b"[" * 100_000,
        b'{"a": ' * 50_000,
        b"9" * 10_000,
        b'{"entry": []}' * 2,
    ],
    ids=["empty", "bytes", "nul", "bad utf-8", "deep list", "deep object", "huge number", "twice"],
)
def test_it_keeps_what_it_cannot_read_and_says_400(post: Post, body: bytes) -> None:
    assert post(body).status_code == 400
    event = stored()[0]
    assert event.error
    assert event.digested_at is not None


@pytest.mark.parametrize("body", [b"null", b"[]", b'{"a": 1, "a": 2}', b"1e999", '{"a": "पुणे"}'.encode()])
def test_any_json_is_taken(post: Post, body: bytes) -> None:
    assert post(body).status_code == 200
    assert stored()[0].error is None


def test_it_keeps_a_compressed_body_and_says_400(post: Post) -> None:
    answer = post(gzip.compress(b"{}"), **{"Content-Encoding": "gzip"})
    assert answer.status_code == 400
    assert "compressed" in answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "TRACE"])
def test_it_takes_nothing_else(client: FlaskClient, method: str) -> None:
    assert 400 <= client.open(PATH, method=method, data=b"{}").status_code < 500
