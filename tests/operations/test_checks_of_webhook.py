"""The way from Meta to us: address, secrets, handshake, what came in, and our own door over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import requests
import responses
from flask import Flask
from sqlalchemy import func, select, update

from app.channels.models import Channel
from app.extensions import db
from app.operations import probe, queries
from app.operations.checks import round_trip, webhook
from app.operations.checks.findings import Level
from app.shared import clock
from app.webhooks.models import WebhookEvent
from tests.sandboxes import free_port


def post(at: datetime | None = None, digested: bool = True) -> None:
    at = at or clock.now()
    event = WebhookEvent(body=b"{}", digest=str(at).encode(), created_at=at, digested_at=at if digested else None)
    db.session.add(event)
    db.session.commit()


@pytest.mark.parametrize(
    ("url", "sandbox", "level"),
    [
        ("http://127.0.0.1:8000", True, Level.OK),
        ("http://bulbul.example.com", False, Level.BAD),
        ("https://localhost", False, Level.BAD),
        ("https://192.168.1.7", False, Level.BAD),
        ("https://shop.local", False, Level.BAD),
        ("https://bulbul", False, Level.BAD),
        ("https://[fd00::7]", False, Level.BAD),
        ("https://bulbul.example.com", False, Level.OK),
    ],
)
def test_it_wants_an_address_that_meta_can_reach(app: Flask, change_settings, url, sandbox, level) -> None:
    change_settings(public_url=url, sandbox=sandbox)
    assert webhook.address().level is level


@pytest.mark.parametrize("name", ["app_secret", "verify_token"])
def test_it_finds_another_secret_than_set(app: Flask, connected: Channel, change_settings, name: str) -> None:
    assert webhook.secrets().level is Level.OK
    change_settings(**{name: "another"})
    assert webhook.secrets().fix == "Run: flask channels ensure"


def test_it_finds_no_secret(app: Flask, connected: Channel) -> None:
    connected.app_secret = ""
    assert webhook.secrets().fix == "Set WHATSAPP_APP_SECRET."
    assert round_trip.round_trip() is None


def test_it_waits_for_the_handshake_of_a_real_account(app: Flask, connected: Channel, change_settings) -> None:
    assert webhook.handshake() is None
    change_settings(sandbox=False)
    assert webhook.handshake().level is Level.WARN
    connected.handshake_at = clock.now() - timedelta(hours=3)
    assert webhook.handshake().sentence == "The address was verified 3 hours ago."


def test_it_warns_until_the_first_webhook(app: Flask) -> None:
    assert webhook.arrivals().level is Level.WARN
    post()
    assert webhook.arrivals().level is Level.OK


def test_it_finds_webhooks_that_nobody_digests(app: Flask) -> None:
    post(clock.now() - timedelta(minutes=10), digested=False)
    finding = webhook.arrivals()
    assert finding.level is Level.BAD
    assert finding.sentence == "1 waits to be digested, the oldest for 10 minutes."


def test_its_own_door_passes_what_is_rightly_signed_only(app: Flask, connected: Channel, door: str) -> None:
    finding = round_trip.round_trip()
    assert finding.level is Level.OK, finding.sentence


def test_it_leaves_one_event_however_often_it_knocks(app: Flask, connected: Channel, door: str) -> None:
    for _ in range(3):
        round_trip.round_trip()
    assert db.session.scalars(select(WebhookEvent.body)).all() == [probe.BODY]
    assert queries.webhook_health().last_at is None


def test_it_finds_a_door_with_another_secret(app: Flask, connected: Channel, door: str) -> None:
    assert round_trip._judge(probe.knock_as_stranger(), probe.knock("another")).fix == round_trip.SAME_SECRET
    assert db.session.scalar(select(func.count(WebhookEvent.id))) == 0


@pytest.fixture
def somebody_else(change_settings) -> Iterator[Callable[[int], None]]:
    """Lets another server than ours stand at the PUBLIC_URL, answering every post with one status."""
    servers = []

    def stand(status: int) -> None:
        class Stranger(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.send_header("Location", f"http://127.0.0.1:{free_port()}/")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words: object) -> None:
                """Tests are quiet."""

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Stranger))
        Thread(target=servers[-1].serve_forever, args=(0.05,), daemon=True).start()
        change_settings(public_url=f"http://127.0.0.1:{servers[-1].server_port}")

    yield stand
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "words"),
    [(200, "wrongly signed webhook was taken"), (308, "redirect"), (404, "with 404, not with 200"), (403, "refused")],
)
def test_it_finds_somebody_else_at_the_door(connected: Channel, somebody_else, status: int, words: str) -> None:
    somebody_else(status)
    finding = round_trip.round_trip()
    assert finding.level is Level.BAD
    assert words in finding.sentence


def test_it_finds_nobody_at_the_door(app: Flask, connected: Channel, change_settings) -> None:
    change_settings(public_url=f"http://127.0.0.1:{free_port()}")
    finding = round_trip.round_trip()
    assert finding.level is Level.BAD
    assert "cannot be reached from here" in finding.sentence


def test_it_only_wonders_when_metas_posts_come_in_all_the_same(connected: Channel, change_settings) -> None:
    change_settings(public_url=f"http://127.0.0.1:{free_port()}")
    post()
    assert round_trip.round_trip().level is Level.WARN
    db.session.execute(update(WebhookEvent).values(created_at=clock.now() - timedelta(days=2)))
    db.session.commit()
    assert round_trip.round_trip().level is Level.BAD


@responses.activate
@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (requests.exceptions.SSLError("self-signed"), "is not trusted"),
        (requests.exceptions.ReadTimeout("slow"), "did not answer within 5 seconds"),
    ],
)
def test_it_tells_why_nobody_answers(connected: Channel, trouble: Exception, words: str) -> None:
    responses.post(probe.address(), body=trouble)
    assert words in round_trip.round_trip().sentence
