"""The doctor: the whole diagnosis, told by group, with an exit code."""

from __future__ import annotations

import pytest
from flask import Flask

from app.channels.jobs import refresh_channel
from app.extensions import db
from app.operations.checks import table
from app.operations.checks.findings import Diagnosis, Group, Level, bad, ok, warn
from app.shared import clock
from app.webhooks.models import WebhookEvent
from tests import factories


def post() -> None:
    db.session.add(WebhookEvent(body=b"{}", digest=b"d", digested_at=clock.now()))
    db.session.commit()


@pytest.fixture
def healthy(sandbox, connected, door, worker, ticking, change_settings) -> None:
    """A house where nothing is wrong."""
    change_settings(secret_key="n0t-th3-k3y-0f-any-h0use-but-l0ng-en0ugh")
    refresh_channel(connected.id)
    factories.make_template(connected)
    connected.templates_synced_at = clock.now()
    post()


def test_it_finds_a_healthy_house_well(app: Flask, healthy) -> None:
    odd = {finding.key for finding in table.diagnosis().findings if finding.level is not Level.OK}
    assert odd <= {"connection", "redis_memory"}


def test_it_ends_with_0_when_nothing_is_wrong(app: Flask, healthy) -> None:
    result = app.test_cli_runner().invoke(args=["doctor"])
    assert result.exit_code == 0, result.output
    assert result.output.startswith("Meta\n")
    assert "\nWebhook\n" in result.output
    assert "\nHouse\n" in result.output


def test_it_ends_with_1_when_something_is_wrong(app: Flask, nobody) -> None:
    result = app.test_cli_runner().invoke(args=["doctor"])
    assert result.exit_code == 1
    assert "No worker runs." in result.output
    assert "-> Start one: python worker.py" in result.output


def test_it_tells_no_secret(app: Flask, healthy, connected) -> None:
    output = app.test_cli_runner().invoke(args=["doctor"]).output
    assert not any(secret in output for secret in (connected.token, connected.app_secret, connected.verify_token))


def test_it_asks_each_thing_once(app: Flask, healthy) -> None:
    keys = [finding.key for finding in table.diagnosis().findings]
    assert len(keys) == len(set(keys)) > 25


def test_it_says_what_is_wrong_when_the_tables_are_gone(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.session, "scalar", lambda *args, **named: db.session.execute(db.text("SELECT * FROM gone")))
    found = {finding.key: finding.level for finding in table.diagnosis().findings}
    assert found["database"] is Level.BAD
    assert found["redis"] is Level.OK


@pytest.mark.parametrize(
    ("findings", "level", "verdict"),
    [
        ([ok("A", "")], Level.OK, "All is well."),
        ([ok("A", ""), warn("B", "", "")], Level.WARN, "It works; 1 thing wants a look."),
        ([warn("B", "", ""), bad("C", "", ""), bad("D", "", "")], Level.BAD, "2 things are wrong."),
    ],
)
def test_it_sums_up(findings: list, level: Level, verdict: str) -> None:
    diagnosis = Diagnosis({Group.HOUSE: findings}, is_whole=True)
    assert (diagnosis.level, diagnosis.verdict, diagnosis.level_of(Group.HOUSE)) == (level, verdict, level)
