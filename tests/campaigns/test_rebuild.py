"""`flask stats rebuild` counts everything from its rows, and says what differed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import text

from app.campaigns.service import recount
from app.extensions import db
from app.messaging.models import WINDOW, Conversation, Direction, Message, MessageState
from tests import factories

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def rebuild(app: Flask) -> str:
    result = app.test_cli_runner().invoke(args=["stats", "rebuild"])
    assert result.exit_code == 0, result.output
    db.session.expire_all()
    return result.output


def test_it_says_which_figure_differed_and_repairs_it(app: Flask) -> None:
    campaign = factories.make_campaign()
    factories.make_recipients(campaign, 3)
    db.session.execute(text("UPDATE campaign_progress SET pending = 7"))
    db.session.commit()
    assert f"Campaign {campaign.id}: pending is kept as 7, its rows say 3." in rebuild(app)
    assert recount.differences() == []
    assert "0 figures had differed" in rebuild(app)


def test_it_sets_a_conversations_window_anew_from_its_messages(app: Flask) -> None:
    channel, customer = factories.make_channel(), factories.make_customer()
    conversation = Conversation(channel_id=channel.id, customer_id=customer.id, window_expires_at=NOON)
    db.session.add(conversation)
    for kind, hours in (("text", 1), ("reaction", 2), ("edit", 3)):
        sent_at = NOON + timedelta(hours=hours)
        message = Message(channel_id=channel.id, customer_id=customer.id, type=kind, sent_at=sent_at, raw={})
        message.direction, message.state = Direction.IN, MessageState.RECEIVED
        db.session.add(message)
    db.session.commit()
    assert "windows of 1 conversations" in rebuild(app)
    assert conversation.window_expires_at == NOON + timedelta(hours=1) + WINDOW
    assert conversation.last_message_at == NOON + timedelta(hours=2)
