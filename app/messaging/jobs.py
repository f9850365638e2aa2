"""Doors of messaging: a waiting text leaves, what crossed its own record is settled, the limit's use is watched."""

from __future__ import annotations

import structlog

from app import config
from app.auth import workspace
from app.channels import limits, refusals
from app.channels.models import Channel
from app.channels.queries import transport_for
from app.extensions import db
from app.messaging import limit_alerts
from app.messaging.engine import answers, guard, receipts, replies, strays
from app.messaging.engine.sender import Verdict, deliver
from app.shared import clock, queues

log = structlog.get_logger()


def send_waiting(message_id: int) -> None:
    """Send a text that waits, once, whoever else is rung for it too."""
    taken = replies.take(message_id)
    db.session.commit()
    if taken is None:
        return
    channel = db.session.get_one(Channel, taken.channel_id)
    phone_number_id, transport = channel.phone_number_id, transport_for(channel)
    db.session.rollback()
    try:
        outcome = deliver(transport, phone_number_id, taken.outgoing, taken.deadline)
    finally:
        transport.close()
    replies.settle(outcome)
    db.session.commit()
    if outcome.verdict is Verdict.REFUSED:
        refusals.note(taken.channel_id, outcome.code, clock.now())
        db.session.commit()
    log.info("message.sent", message_id=message_id, verdict=outcome.verdict.value, code=outcome.code)


def settle_late() -> None:
    """Settle statuses and answers that came at the very moment when their message was recorded; forget old strays."""
    for settle in (receipts.settle_strays, answers.link_overlooked, strays.purge):
        number = settle()
        db.session.commit()
        if number:
            log.info("messages.settled_late", what=settle.__name__, count=number)


def watch_limit(channel_id: int) -> None:
    """Count the messaging limit's window anew, and alert when much of it is used."""
    channel, daily_limit = db.session.get_one(Channel, channel_id), config.current().daily_limit
    used = guard.recount(channel.portfolio_id)
    db.session.commit()  # the guard is held no longer than the count takes
    limit = limits.messaging_limit(channel, daily_limit).value
    for_campaigns = limits.for_campaigns(channel, daily_limit, workspace.current().limit_reserve)
    limit_alerts.heed(channel, used, limit, for_campaigns, clock.now())
    db.session.commit()


def ring_for_waiting() -> None:
    """Ring for every text that waits. A ring for one that somebody sends already does nothing."""
    for message_id in replies.waiting():
        queues.ring_once(queues.SENDS, f"waiting:{message_id}", RING_AGAIN, send_waiting, message_id)


RING_AGAIN = 30  # seconds; also the pause before another try of what Meta would not take just now
