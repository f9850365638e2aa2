"""Replay: digested once more, with nothing done twice; and the purge."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.auth.models import AuditEntry
from app.extensions import db
from app.messaging.models import Message, Rank
from app.shared import clock, queues
from app.webhooks import journal, replay
from app.webhooks.jobs import digest_events, replay_events
from app.webhooks.models import WebhookEvent
from tests import factories
from tests.webhooks.test_digestion import digest, envelope, make_messages, status
from tests.webhooks.test_journal import make_event


@pytest.fixture
def owner(client: FlaskClient, cast: SimpleNamespace) -> FlaskClient:
    return factories.login(client, cast.alice)


def undigested() -> list[int]:
    db.session.rollback()
    return [event.id for event in journal.page(journal.Asked(only="undigested")).events]


def test_it_restores_what_was_lost(app: Flask) -> None:
    message = make_messages(1)[0]
    digest(envelope(status(message, "read")))
    db.session.query(Message).update({"rank": 0, "read_at": None, "delivered_at": None})
    replay.replay(db.session.query(WebhookEvent).one().id)
    db.session.commit()
    digest_events()
    db.session.refresh(message)
    assert message.rank == Rank.READ


def test_a_person_replays_one(owner: FlaskClient) -> None:
    event, _ = make_event(), make_event()
    assert owner.post(f"/webhooks/{event.public_id}/replay").status_code == 302
    assert undigested() == [event.id]
    assert len(queues.queue(queues.RECEIPTS)) == 1
    assert db.session.query(AuditEntry).filter_by(action="webhooks.replay", subject_id=event.id).count() == 1


def test_a_person_replays_what_the_filter_finds(owner: FlaskClient) -> None:
    bad, _ = make_event(error="x"), make_event()
    assert "Replay 1" in owner.get("/webhooks?only=errors").text
    assert owner.post("/webhooks/replay", data={"only": "errors"}).status_code == 302
    job = queues.queue(queues.RECEIPTS).jobs[0]
    replay_events(*job.args)
    assert undigested() == [bad.id]


def test_nobody_replays_everything_by_a_slip(owner: FlaskClient) -> None:
    make_event()
    assert "Replay" not in owner.get("/webhooks").text
    assert owner.post("/webhooks/replay", data={"kind": ""}).status_code == 409


def test_it_takes_so_many_at_a_time(owner: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "MOST", 2)
    for _ in range(3):
        make_event(error="x")
    assert "choose a shorter time" in owner.get("/webhooks?only=errors").text
    assert owner.post("/webhooks/replay", data={"only": "errors"}).status_code == 409


def test_a_replay_ends_though_its_events_still_fit(app: Flask) -> None:
    for _ in range(5):
        make_event(error="x")
    began = clock.now()
    numbers = [replay.replay_batch(journal.Asked(only="errors"), began, limit=2) for _ in range(4)]
    assert numbers == [2, 2, 1, 0]


def test_the_command_says_how_many_before(app: Flask) -> None:
    make_event("messages.text")
    make_event()
    said = app.test_cli_runner().invoke(args=["webhooks", "replay", "--kind", "messages.text", "--dry-run"])
    assert "1 events would be" in said.output
    assert undigested() == []


def test_the_command_replays(app: Flask) -> None:
    event, other = make_event("messages.text"), make_event()
    run = app.test_cli_runner().invoke
    run(args=["webhooks", "replay", "--kind", "messages.text"])
    assert undigested() == [event.id]
    run(args=["webhooks", "replay", "--id", str(other.public_id)])
    assert undigested() == [other.id, event.id]
    run(args=["webhooks", "replay", "--since", "2020-01-01", "--until", "2020-02-01", "--errors"])
    assert db.session.query(AuditEntry).filter_by(action="webhooks.replay").count() == 3


def test_the_command_shows_an_event_without_its_secrets(app: Flask) -> None:
    event = make_event("security", b'{"pin": "123456"}')
    said = app.test_cli_runner().invoke(args=["webhooks", "show", str(event.id)])
    assert "security" in said.output
    assert "123456" not in said.output


@pytest.mark.parametrize("name", ["0", "x", "99999999999999999999", "00000000-0000-7000-8000-000000000000"])
def test_the_command_knows_no_such_event(app: Flask, name: str) -> None:
    said = app.test_cli_runner().invoke(args=["webhooks", "show", name])
    assert (said.exit_code, said.output) == (1, f"Error: There is no event {name} in the journal.\n")


def test_old_events_go_and_what_they_told_stays(app: Flask) -> None:
    old = clock.now() - timedelta(days=91)
    make_event(created_at=old)
    waiting, young = make_event(created_at=old, digested_at=None), make_event()
    said = app.test_cli_runner().invoke(args=["webhooks", "purge"])
    assert "Deleted 1 events." in said.output
    assert [event.id for event in journal.page(journal.Asked()).events] == [young.id, waiting.id]
