"""What machines ask: alive, ready, figures."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from app.extensions import db, redis_connection
from app.operations import scheduler
from app.operations.checks import database
from app.webhooks.inbox import the_inbox
from tests import factories


def figures_of(text: str) -> dict[tuple[str, ...], float]:
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {(sample.name, *sample.labels.values()): sample.value for sample in samples}


def test_it_lives(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")


def test_it_is_ready_with_everything_at_hand(client: FlaskClient, worker, ticking) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["ready"] is True
    assert set(answer.json["checks"]) == {"database", "redis", "migrations", "worker", "scheduler"}


def test_it_says_that_redis_is_away(client: FlaskClient, redis_away) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["ready"] is False
    assert answer.json["checks"]["redis"]["sentence"] == "Redis cannot be reached."
    assert answer.json["checks"]["database"]["level"] == "ok"


def test_it_is_not_ready_without_a_worker(client: FlaskClient, ticking) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"]["worker"]["sentence"] == "No worker runs."


def test_it_is_not_ready_without_a_tick(client: FlaskClient, worker) -> None:
    redis_connection().delete(scheduler.HEARTBEAT)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"]["scheduler"]["level"] == "bad"


def test_it_is_not_ready_on_old_tables(client: FlaskClient, worker, ticking, monkeypatch) -> None:
    monkeypatch.setattr(database, "_head", lambda directory: "9999")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "the program at 9999" in answer.json["checks"]["migrations"]["sentence"]


def test_it_tells_figures_that_parse(client: FlaskClient, app: Flask, worker) -> None:
    factories.make_campaign()
    the_inbox().keep(b'{"entry": []}')
    db.session.commit()
    figures = figures_of(client.get("/metrics").text)
    assert figures[("bulbul_campaigns", "ready")] == 1
    assert figures[("bulbul_webhooks_undigested",)] == 1
    assert figures[("bulbul_queue_depth", "sends")] == 0
    assert figures[("bulbul_workers",)] == 1
    assert figures[("bulbul_messages_today", "sent")] == 0


def test_it_tells_what_it_can_while_redis_is_away(client: FlaskClient, redis_away) -> None:
    figures = figures_of(client.get("/metrics").text)
    assert figures[("bulbul_redis_up",)] == 0
    assert figures[("bulbul_database_up",)] == 1
    assert ("bulbul_workers",) not in figures


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_it_asks_machines_for_no_login(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code != 302


def test_it_keeps_people_out_of_the_figures(client: FlaskClient, app: Flask) -> None:
    customer = factories.make_customer(name="Kavita Iyer")
    db.session.commit()
    text = client.get("/metrics").text
    assert "Kavita" not in text
    assert customer.phone not in text
