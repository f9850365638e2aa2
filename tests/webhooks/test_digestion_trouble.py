"""An event that could not be digested for a moment is digested afterwards; one bad item holds up nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.messaging.models import Message, MessageState
from app.webhooks.models import WebhookEvent
from tests import factories
from tests.webhooks.digesting import body, digest, inbound, status, value, wrote

NOW = datetime.now(UTC)


@contextmanager
def trouble(event: str, when: str, code: str) -> Iterator[None]:
    """The database refuses such rows of messages, with that code."""
    db.session.execute(
        text(
            f"""CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN IF {when} THEN RAISE EXCEPTION 'trouble' USING ERRCODE = '{code}'; END IF; RETURN NEW; END $$;
                CREATE TRIGGER trouble BEFORE {event} ON messages FOR EACH ROW EXECUTE FUNCTION trouble()"""
        )
    )
    db.session.commit()
    try:
        yield
    finally:
        db.session.rollback()
        db.session.execute(text("DROP FUNCTION trouble() CASCADE"))
        db.session.commit()


@pytest.fixture
def message(app: Flask) -> Message:
    made = Message(channel_id=factories.make_channel().id, type="template", state=MessageState.ACCEPTED, wamid="w1")
    db.session.add(made)
    db.session.commit()
    return made


def events() -> list[WebhookEvent]:
    return db.session.query(WebhookEvent).order_by(WebhookEvent.id).all()


def bodies() -> list[str | None]:
    return [it.body for it in db.session.query(Message).filter_by(direction="in").order_by(Message.id)]


def test_a_passing_trouble_of_the_database_loses_no_status(message: Message) -> None:
    with trouble("UPDATE", "true", "53100"):  # disk full
        digest(body(value(statuses=[status(message, "read", NOW)])))
    assert (events()[0].digested_at, events()[0].attempts) == (None, 0)
    digest()
    assert message.rank == 40


def test_a_poisonous_item_loses_none_of_its_neighbours(message: Message) -> None:
    items = [inbound(words=words) for words in ("one", "poison", "two")]
    with trouble("INSERT", "NEW.body = 'poison'", "23514"):
        digest(
            wrote(*items) + b" ",
            body(value(messages=[inbound(words="poison")], statuses=[status(message, "read", NOW)])),
            wrote(inbound(words="three")),
        )
    assert (bodies(), message.rank) == (["one", "two", "three"], 40)
    assert [it.error for it in events()] == ["A message could not be applied (IntegrityError)."] * 2 + [None]
    assert all(it.digested_at for it in events())


def test_a_defect_of_ours_holds_up_nobody(message: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.messaging.engine.inbound.of_click", lambda click: click.nothing)
    click = {"action_type": "marketing_messages_link_click", "timestamp": 1_790_000_000, "wa_id": "919800000001"}
    digest(body(value(user_actions=[click], messages=[inbound(words="one")])), wrote(inbound(words="two")))
    assert bodies() == ["one", "two"]
    assert [it.error for it in events()] == ["An opened link could not be applied (AttributeError).", None]


def test_many_faults_are_told_shortly(app: Flask) -> None:
    factories.make_channel()
    digest(body(value(messages=[{"id": "x"}] * 50)))
    assert (events()[0].error or "").endswith("And 30 more.")


def test_an_unknown_field_is_kept_and_classified(app: Flask) -> None:
    factories.make_channel()
    digest(body({"x": 1}, field="something_new"))
    assert (events()[0].kinds, events()[0].error) == (["something_new"], None)


def test_what_is_too_long_for_an_index_is_a_fault_and_no_trouble_of_the_database(message: Message) -> None:
    with trouble("INSERT", "NEW.body = 'poison'", "54000"):
        digest(wrote(inbound(words="poison"), inbound(words="two")))
    assert (bodies(), events()[0].error) == (["two"], "A message could not be applied (OperationalError).")


def test_an_endless_id_is_a_fault(message: Message) -> None:
    digest(wrote(inbound(id="w" * 5000), inbound(words="two")), wrote(inbound(words="three"), name="n" * 5000))
    assert sorted(map(str, bodies())) == ["three", "two"]
    assert events()[0].error == "An item has an endless id, of 5000 characters."
