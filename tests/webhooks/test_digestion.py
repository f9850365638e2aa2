"""Digestion: forward only, whatever the order; one bad event holds up nobody."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.messaging.models import Message, MessageState, Rank
from app.webhooks.inbox import the_inbox
from app.webhooks.jobs import digest_events
from app.webhooks.models import WebhookEvent
from tests import factories

T0 = 1_790_000_000


def envelope(*statuses: dict[str, Any]) -> bytes:
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"}, "statuses": list(statuses)}
    change = {"field": "messages", "value": value}
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "2", "changes": [change]}]}).encode()


def status(message: Message, word: str, second: int = 0, **parts: Any) -> dict[str, Any]:
    return {
        "id": f"wamid.{message.id}",
        "status": word,
        "timestamp": str(T0 + second),
        "recipient_id": "919800000001",
        "biz_opaque_callback_data": str(message.public_id),
    } | parts


def failed(message: Message, code: int = 131049) -> dict[str, Any]:
    return status(
        message, "failed", 3, errors=[{"code": code, "title": "Not delivered", "error_data": {"details": "x"}}]
    )


@pytest.fixture
def message(app: Flask) -> Message:
    return make_messages(1)[0]


def make_messages(number: int, **columns: Any) -> list[Message]:
    campaign = factories.make_campaign()
    messages = [
        Message(
            **{
                "channel_id": campaign.channel_id,
                "campaign_id": campaign.id,
                "type": "template",
                "phone": f"+9198000{i:05d}",
                "state": MessageState.SENDING,
            }
            | columns
        )
        for i in range(number)
    ]
    db.session.add_all(messages)
    db.session.commit()
    return messages


def digest(*bodies: bytes) -> None:
    for body in bodies:
        the_inbox().keep(body)
    digest_events()
    db.session.expire_all()


def test_it_takes_a_status_before_our_own_record_of_the_answer(message: Message) -> None:
    digest(envelope(status(message, "delivered")))
    assert (message.state, message.rank, message.wamid) == (
        MessageState.ACCEPTED,
        Rank.DELIVERED,
        f"wamid.{message.id}",
    )
    assert message.sent_at == message.delivered_at == datetime.fromtimestamp(T0, UTC)


def test_it_settles_an_unconfirmed_message(app: Flask) -> None:
    message = make_messages(1, state=MessageState.UNCONFIRMED)[0]
    digest(envelope(status(message, "sent")))
    assert (message.state, message.rank) == (MessageState.ACCEPTED, Rank.SENT)


def test_it_never_goes_back(message: Message) -> None:
    digest(envelope(status(message, "read", 9)), envelope(status(message, "delivered", 5), status(message, "sent", 1)))
    assert message.rank == Rank.READ
    assert message.delivered_at == datetime.fromtimestamp(T0 + 5, UTC)


def test_it_does_not_undo_a_delivery_by_a_late_failure(message: Message) -> None:
    digest(envelope(status(message, "delivered")), envelope(failed(message)))
    assert (message.rank, message.error_code) == (Rank.DELIVERED, None)


def test_it_keeps_the_reason_of_a_failure(message: Message) -> None:
    digest(envelope(failed(message)))
    assert (message.rank, message.error_code, message.error_message) == (Rank.FAILED, 131049, "x")


def test_it_matches_by_wamid_without_callback_data(app: Flask) -> None:
    message = make_messages(1, state=MessageState.ACCEPTED, wamid="wamid.known")[0]
    item = status(message, "read") | {"id": "wamid.known", "biz_opaque_callback_data": None}
    digest(envelope(item))
    assert message.rank == Rank.READ


def test_it_counts_in_the_campaigns_figures(message: Message) -> None:
    digest(envelope(status(message, "read")))
    row = db.session.execute(
        text("SELECT sum(accepted) a, sum(delivered) d, sum(read) r, sum(sending) s FROM campaign_progress")
    ).one()
    assert tuple(row) == (1, 1, 1, 0)


def test_it_reads_the_neighbours_of_a_bad_item(message: Message) -> None:
    digest(envelope({"id": 7, "status": ["x"]}, status(message, "sent")))
    assert message.rank == Rank.SENT
    assert db.session.query(WebhookEvent).one().error


def test_it_keeps_statuses_of_strangers_without_a_stir(app: Flask) -> None:
    digest(envelope({"id": "wamid.unknown", "status": "read", "timestamp": str(T0)}))
    assert db.session.query(WebhookEvent).one().digested_at is not None


def test_it_ends_the_same_in_any_order(app: Flask) -> None:
    chance = random.Random(7)
    messages = make_messages(60)
    words = ["sent", "delivered", "read"]
    items = [status(m, word, i) for m in messages for i, word in enumerate(words[: 1 + m.id % 3])] * 2
    chance.shuffle(items)
    batches = [items[i : i + 7] for i in range(0, len(items), 7)]
    digest(*(envelope(*batch) for batch in batches))
    expected = [(Rank.SENT, Rank.DELIVERED, Rank.READ)[m.id % 3] for m in messages]
    assert [m.rank for m in messages] == expected
