"""The doctor: each broken thing is found, and told with its cure."""

from __future__ import annotations

import dataclasses
import shutil
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.channels.service import ensure_channel
from app.config import current
from app.extensions import db, redis_connection
from app.meta import signature
from app.operations import checks
from app.operations.checks import Level
from app.shared import clock
from app.webhooks.models import WebhookEvent
from tests import factories


@pytest.fixture
def connected(app: Flask) -> None:
    ensure_channel(current())
    db.session.commit()


def post(at=None, digested: bool = True) -> None:
    at = at or clock.now()
    event = WebhookEvent(body=b"{}", digest=str(at).encode(), created_at=at, digested_at=at if digested else None)
    db.session.add(event)
    db.session.commit()


def test_it_finds_a_healthy_house_well(app: Flask, sandbox, connected, worker, ticking) -> None:
    post()
    bad = [finding for finding in checks.diagnosis() if finding.level is Level.BAD]
    assert bad == []


def test_it_ends_with_1_when_something_is_wrong(app: Flask, nobody) -> None:
    result = app.test_cli_runner().invoke(args=["doctor"])
    assert result.exit_code == 1
    assert "No worker runs." in result.output
    assert "-> Start one: python worker.py" in result.output


def test_it_ends_with_0_when_all_is_well(app: Flask, sandbox, connected, worker, ticking) -> None:
    post()
    result = app.test_cli_runner().invoke(args=["doctor"])
    assert result.exit_code == 0, result.output


def test_it_finds_redis_away(app: Flask, redis_away) -> None:
    assert checks.redis().level is Level.BAD
    assert checks.redis_memory().level is Level.BAD
    assert "Redis is away" in checks.worker().sentence


def test_it_finds_a_redis_that_throws_jobs_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {"maxmemory_policy": "allkeys-lru", "aof_enabled": 1}
    monkeypatch.setitem(app.extensions, "redis", SimpleNamespace(info=lambda: facts))
    assert checks.redis_memory().fix == "Set maxmemory-policy noeviction."


def test_it_warns_of_a_redis_without_a_log(app: Flask) -> None:
    before = redis_connection().config_get("appendonly")["appendonly"]
    finding = checks.redis_memory()
    assert finding.level is (Level.OK if before == "yes" else Level.WARN)


def test_it_finds_old_tables(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_head", lambda directory: "9999")
    assert checks.migrations().fix == "Run: flask db upgrade"


def test_it_finds_an_old_postgresql(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "OLDEST_POSTGRESQL", 99)
    assert "too old" in checks.database().sentence


def test_it_finds_no_channel(app: Flask) -> None:
    assert checks.access_token().fix == "Run: flask channels ensure"
    assert checks.webhook_secret().level is Level.BAD


def test_it_finds_an_expired_token(app: Flask, sandbox, connected) -> None:
    sandbox.control("PUT", "config", token_expired=True)
    finding = checks.access_token()
    assert finding.level is Level.BAD
    assert "token" in finding.sentence


def test_it_finds_meta_out_of_reach(app: Flask, nobody, connected) -> None:
    assert "could not be reached" in checks.access_token().sentence


def test_it_finds_another_app_secret_than_set(app: Flask, connected, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = dataclasses.replace(current(), app_secret="another")
    monkeypatch.setitem(app.extensions, "bulbul_config", settings)
    assert checks.webhook_secret().level is Level.BAD


def test_it_finds_a_door_that_lets_everything_in(app: Flask, connected, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signature, "is_valid", lambda secret, body, header: True)
    assert checks.webhook_secret().level is Level.BAD


def test_it_warns_until_the_first_webhook(app: Flask) -> None:
    assert checks.webhooks().level is Level.WARN
    post()
    assert checks.webhooks().level is Level.OK


def test_it_finds_webhooks_that_nobody_digests(app: Flask) -> None:
    post(clock.now() - timedelta(minutes=10), digested=False)
    finding = checks.webhooks()
    assert finding.level is Level.BAD
    assert finding.sentence == "1 wait, the oldest for 10 minutes."


@pytest.mark.parametrize(("free", "level"), [(10**8, Level.BAD), (10**9, Level.WARN), (10**11, Level.OK)])
def test_it_measures_the_disk(app: Flask, monkeypatch: pytest.MonkeyPatch, free: int, level: Level) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=free))
    assert checks.disk().level is level


def test_it_finds_a_wrong_clock(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    late = clock.now() - timedelta(minutes=5)
    monkeypatch.setattr(clock, "now", lambda: late)
    assert checks.time_of_day().sentence == "This machine and the database are 5 minutes apart."


def test_it_shows_the_same_on_a_page(client: FlaskClient, cast, nobody) -> None:
    page = factories.login(client, cast.vera).get("/settings/health").text
    assert "No worker runs." in page
    assert "flask channels ensure" in page
    assert cast.vera.email not in page
