"""Data goes when its time is over, kind by kind, and not before; what is kept for ever stays."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.customers.imports.models import Import, ImportFault, ImportStatus
from app.customers.jobs import retention as door
from app.customers.privacy import retention
from app.extensions import db, redis_connection
from app.messaging.models import Message, MessageState
from app.operations.tick import attend_privacy
from app.shared import clock, queues
from app.shared.errors import Invalid
from app.storage import files
from app.storage.store import NotStored
from app.webhooks.inbox import the_inbox
from app.webhooks.models import WebhookEvent
from tests import factories


def imported(days: int) -> Import:
    """An import that ended so many days ago, with a row that could not be used."""
    moment = clock.now() - timedelta(days=days)
    key = files.save(Import.file_key, BytesIO(b"Phone\n12\n"), ".csv")
    facts: dict[str, Any] = {"file_name": "a.csv", "bytes_total": 9, "status": ImportStatus.IMPORTED}
    import_ = Import(file_key=key, **facts, created_at=moment, updated_at=moment)
    db.session.add(import_)
    db.session.flush()
    db.session.add(ImportFault(import_id=import_.id, row_number=2, reason="x", original="12", created_at=moment))
    db.session.commit()
    return import_


def event(days: int) -> None:
    """What Meta posted and we digested so many days ago."""
    the_inbox().keep(f'{{"day": {days}}}'.encode())
    moment = clock.now() - timedelta(days=days)
    newest = select(WebhookEvent.id).order_by(WebhookEvent.id.desc()).limit(1).scalar_subquery()
    db.session.execute(
        update(WebhookEvent).where(WebhookEvent.id == newest).values(created_at=moment, digested_at=moment)
    )
    db.session.commit()


def test_old_uploads_and_events_go_and_young_ones_stay(app: Flask) -> None:
    old, young = imported(91), imported(89)
    event(91)
    event(89)
    assert door.keep_house() == {"import_files": 1, "webhook_events": 1}
    db.session.expire_all()
    with pytest.raises(NotStored):
        files.open_file(old.file_key)
    assert files.size(young.file_key) == 9


def test_a_second_time_nothing_is_left_to_do(app: Flask) -> None:
    imported(400)
    assert door.keep_house() == {"import_files": 1, "import_errors": 1}
    assert door.keep_house() == {}


def test_a_large_number_goes_in_batches(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "BATCH", 2)
    for _ in range(5):
        imported(200)
    assert door.keep_house() == {"import_files": 5, "import_errors": 5}


def test_messages_keep_their_words_until_somebody_decides(app: Flask) -> None:
    channel, then = factories.make_channel(), clock.now() - timedelta(days=400)
    facts = {"channel_id": channel.id, "type": "text", "state": MessageState.ACCEPTED, "created_at": then}
    message = Message(**facts, body="Hi", raw={"a": 1})
    db.session.add(message)
    db.session.commit()
    assert door.keep_house() == {}
    retention.set_rule("message_contents", 365)
    assert door.keep_house() == {"message_contents": 1}
    db.session.expire_all()
    assert (message.body, message.raw, message.state) == (None, None, MessageState.ACCEPTED)


def test_a_dry_run_only_tells(app: Flask) -> None:
    imported(400)
    result = app.test_cli_runner().invoke(args=["retention", "run", "--dry-run"])
    assert "import_files        1 would go" in result.output
    assert "import_errors       1 would go" in result.output
    assert db.session.scalars(select(ImportFault)).all()


def test_the_command_sets_and_shows_a_rule(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert "Uploaded files: 7 days." in runner.invoke(args=["retention", "set", "import_files", "7"]).output
    assert "Uploaded files: for ever." in runner.invoke(args=["retention", "set", "import_files", "ever"]).output
    assert retention.rule_of("import_files").days is None
    assert "import_files        for ever" in runner.invoke(args=["retention", "show"]).output


@pytest.mark.parametrize(("kind", "days"), [("import_files", 0), ("message_contents", 6), ("nothing", 9)])
def test_a_rule_that_cannot_be_is_refused(app: Flask, kind: str, days: int) -> None:
    with pytest.raises(Invalid):
        retention.set_rule(kind, days)


def test_the_tick_rings_once_a_day(app: Flask) -> None:
    attend_privacy()
    attend_privacy()
    assert queues.queue(queues.SYNC).count == 1
    assert 86_000 < redis_connection().ttl("rung:retention") <= 86_400
