"""Posts as Meta makes them, and a Redis that is away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from redis.backoff import NoBackoff
from redis.retry import Retry
from werkzeug.test import TestResponse

from app.meta import signature
from app.webhooks import doorbell, tallies, verification
from tests.sandboxes import free_port

SECRET = "sandbox-app-secret"
Post = Callable[..., TestResponse]


@pytest.fixture(autouse=True)
def fresh_process(app: Flask) -> None:
    """What a process keeps of its posts belongs to the test before."""
    verification.forget()
    for name in (doorbell.KEPT_AS, tallies.KEPT_AS):
        app.extensions.pop(name, None)


@pytest.fixture
def post(client: FlaskClient) -> Post:
    """Post a body, signed."""

    def signed(body: bytes, secret: str = SECRET, **headers: str) -> TestResponse:
        headers = {"X-Hub-Signature-256": signature.sign(secret, body)} | headers
        return client.post("/webhooks/whatsapp", data=body, headers=headers, content_type="application/json")

    return signed


@pytest.fixture
def redis_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers where Redis should be."""
    monkeypatch.setitem(app.extensions, "redis", redis.Redis(port=free_port(), retry=Retry(NoBackoff(), 0)))
