"""Meta's list of templates taken over: new, changed, gone, odd."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.channels.models import Channel
from app.extensions import db
from app.message_templates import queries, service
from app.message_templates.models import MessageTemplate
from app.shared import clock
from tests import factories


@pytest.fixture
def channel(app: Flask) -> Channel:
    return factories.make_channel()


def entry(name: str = "diwali_offer", **fields: Any) -> dict[str, Any]:
    """A template as Meta lists it."""
    return {
        "id": "5941",
        "name": name,
        "language": "en",
        "status": "APPROVED",
        "category": "MARKETING",
        "parameter_format": "NAMED",
        "components": [{"type": "BODY", "text": "Hi {{first_name}}"}],
        "quality_score": {"score": "GREEN", "date": 1},
        "rejected_reason": "NONE",
    } | fields


def sync(channel: Channel, *entries: dict[str, Any]) -> service.SyncResult:
    return service.sync(channel, entries, clock.now())


def only() -> MessageTemplate:
    return db.session.scalars(select(MessageTemplate)).one()


def test_it_adds_what_is_new(channel: Channel) -> None:
    assert sync(channel, entry(), entry(language="hi")) == service.SyncResult(2, 0, 0, 0)
    template = queries.by_name(channel, "diwali_offer", "en")
    assert template is not None
    assert (template.quality, template.rejected_reason, template.parameter_format) == ("GREEN", None, "NAMED")


def test_it_changes_what_changed_and_leaves_the_rest(channel: Channel) -> None:
    sync(channel, entry(), entry("still"))
    paused = entry(status="PAUSED")
    assert sync(channel, paused, entry("still")) == service.SyncResult(0, 1, 0, 1)
    found = queries.by_name(channel, "diwali_offer")
    assert found is not None
    assert (found.status, found.is_sendable) == ("PAUSED", False)


def test_it_marks_what_is_gone_once_and_keeps_the_row(channel: Channel) -> None:
    sync(channel, entry())
    assert sync(channel) == service.SyncResult(0, 0, 1, 0)
    assert sync(channel) == service.SyncResult(0, 0, 0, 0)
    assert only().status == "DELETED"


def test_it_brings_back_what_returns(channel: Channel) -> None:
    sync(channel, entry())
    sync(channel)
    assert sync(channel, entry(id="6000")) == service.SyncResult(0, 1, 0, 0)
    assert (only().status, only().meta_id) == ("APPROVED", "6000")


def test_it_leaves_another_channels_templates_alone(channel: Channel) -> None:
    other = factories.make_channel(phone_number_id="2")
    sync(other, entry())
    sync(channel)
    assert only().status == "APPROVED"


def test_it_keeps_components_it_does_not_know(channel: Channel) -> None:
    odd = [{"type": "HOLOGRAM", "rays": [1, {"deep": None}]}, {"type": "BODY", "text": "Hi"}]
    sync(channel, entry(components=odd))
    assert only().components == odd
    assert queries.unsupported(only()) == ["HOLOGRAM"]
    assert queries.sendable_templates(channel) == []


@pytest.mark.parametrize(
    "odd",
    [
        {"components": None},
        {"components": "text"},
        {"components": [None, 5, {"type": 7}]},
        {"components": [{"type": "BODY", "text": "a\x00b \ud800"}]},
        {"quality_score": "GREEN", "status": None, "category": 9},
        {"rejected_reason": {"why": "?"}, "id": 5941},
        {"parameter_format": None},
    ],
)
def test_it_survives_odd_answers(channel: Channel, odd: dict[str, Any]) -> None:
    assert sync(channel, entry(**odd)).added == 1
    db.session.expire_all()
    queries.sample(only())


def test_it_passes_over_an_entry_without_a_name_or_language(channel: Channel) -> None:
    assert sync(channel, entry(name=""), entry(language=None)) == service.SyncResult(0, 0, 0, 0)


def test_it_takes_the_last_of_two_entries_of_the_same_name(channel: Channel) -> None:
    assert sync(channel, entry(status="PENDING"), entry()) == service.SyncResult(1, 0, 0, 0)
    assert only().status == "APPROVED"


def test_it_clears_the_last_trouble(channel: Channel) -> None:
    service.record_trouble(channel, "Meta was away.")
    sync(channel)
    assert channel.templates_sync_error is None
    assert channel.templates_synced_at is not None
