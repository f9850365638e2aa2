"""The demo campaign's messages and what became of each: delivered, read, answered, or failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as insert_unless_there

from app.campaigns import variables
from app.campaigns.models import Campaign
from app.channels.models import Channel
from app.customers.models import Customer
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.messaging.models import (
    WINDOW,
    Conversation,
    DailyCounter,
    Direction,
    LimitContact,
    Message,
    MessageState,
    Rank,
)
from app.meta.components import compile_template
from app.operations.seed import names
from app.shared.ids import uuid7

SENDING_SECONDS = 30 * 60
DELIVERED, READ, ANSWERED = 0.96, 0.70, 0.17  # of those sent, delivered, read
FAILURES = {
    131026: "Message undeliverable",
    131049: "This message was not delivered to maintain healthy ecosystem engagement.",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A message of the demo campaign and its fate; times it did not reach are None."""

    public_id: UUID
    campaign: Campaign
    customer: Customer
    body: str
    category: str
    sent_at: datetime
    delivered_at: datetime | None
    read_at: datetime | None
    answered_at: datetime | None
    answer: str | None
    failure: int | None

    @property
    def wamid(self) -> str:
        return f"wamid.{self.public_id.hex}"

    @property
    def rank(self) -> int:
        if self.failure:
            return Rank.FAILED
        if self.read_at:
            return Rank.READ
        return Rank.DELIVERED if self.delivered_at else Rank.SENT


def letters(
    random: Random, campaign: Campaign, template: MessageTemplate, customers: Sequence[Customer], began_at: datetime
) -> list[Letter]:
    """One to each of these customers, in the order they left."""
    compiled = compile_template(template.components, template.parameter_format)
    moments = sorted(began_at + timedelta(seconds=random.uniform(1, SENDING_SECONDS)) for _ in customers)
    return [
        _letter(random, campaign, customer, compiled.body(_values(campaign, customer)), template.category, moment)
        for customer, moment in zip(customers, moments, strict=True)
    ]


def post(written: Sequence[Letter], channel: Channel, zone: ZoneInfo) -> list[int]:
    """Store them with their answers and their places under the limit; the messages' ids in the same order."""
    statement = insert(Message).returning(Message.id, sort_by_parameter_order=True)
    ids = list(db.session.scalars(statement, [_outgoing(letter, channel) for letter in written]))
    answers = [_incoming(letter, message_id, channel) for letter, message_id in zip(written, ids, strict=True)]
    if told := [answer for answer in answers if answer["body"]]:
        db.session.execute(insert(Message), told)
        conversations = insert_unless_there(Conversation).on_conflict_do_nothing()
        db.session.execute(conversations, [_conversation(answer) for answer in told])
    _take_places(written, channel, zone)
    return ids


def _letter(
    random: Random, campaign: Campaign, customer: Customer, body: str, category: str, sent_at: datetime
) -> Letter:
    failure = int((customer.phone or "")[-6:]) if customer.phone in names.FAILING else None
    steps = () if failure else ((DELIVERED, 20), (READ, 1_500), (ANSWERED, 600))
    delivered_at, read_at, answered_at = (*_moments(random, sent_at, steps), None, None, None)[:3]
    answer = random.choice(names.ANSWERS) if answered_at else None
    return Letter(
        uuid7(), campaign, customer, body, category, sent_at, delivered_at, read_at, answered_at, answer, failure
    )


def _moments(random: Random, sent_at: datetime, steps: Iterable[tuple[float, int]]) -> list[datetime | None]:
    """When each step was reached, each within so many seconds of the one before; None from the first one missed."""
    moments: list[datetime | None] = []
    moment: datetime | None = sent_at
    for chance, seconds in steps:
        passed, wait = random.random() < chance, random.uniform(1, seconds)
        moment = moment + timedelta(seconds=wait) if moment and passed else None
        moments.append(moment)
    return moments


def _values(campaign: Campaign, customer: Customer) -> dict[str, str]:
    return variables.fill(
        campaign.template_variables, variables.Facts({}, {"name": customer.name, "city": customer.city})
    )


def _outgoing(letter: Letter, channel: Channel) -> dict[str, Any]:
    failed_at = letter.sent_at + timedelta(seconds=9) if letter.failure else None
    return {
        "public_id": letter.public_id,
        "channel_id": channel.id,
        "customer_id": letter.customer.id,
        "campaign_id": letter.campaign.id,
        "type": "template",
        "phone": letter.customer.phone,
        "body": letter.body,
        "wamid": letter.wamid,
        "state": MessageState.ACCEPTED,  # Meta took it; what failed, failed afterwards
        "rank": letter.rank,
        "category": letter.category,
        "pricing_type": "regular" if letter.delivered_at else None,
        "pricing_category": "marketing" if letter.delivered_at else None,
        "error_code": letter.failure,
        "error_message": FAILURES.get(letter.failure or 0),
        "sent_at": letter.sent_at,
        "delivered_at": letter.delivered_at,
        "read_at": letter.read_at,
        "failed_at": failed_at,
        "responded_at": letter.answered_at,
        "created_at": letter.sent_at,
    }


def _incoming(letter: Letter, message_id: int, channel: Channel) -> dict[str, Any]:
    return {
        "channel_id": channel.id,
        "customer_id": letter.customer.id,
        "direction": Direction.IN,
        "type": "text",
        "phone": letter.customer.phone,
        "body": letter.answer,
        "wamid": f"wamid.{uuid7().hex}",
        "answers_id": message_id,
        "context_wamid": letter.wamid,
        "state": MessageState.RECEIVED,
        "created_at": letter.answered_at,
    }


def _conversation(answer: dict[str, Any]) -> dict[str, Any]:
    return {
        "channel_id": answer["channel_id"],
        "customer_id": answer["customer_id"],
        "window_expires_at": answer["created_at"] + WINDOW,
        "last_message_at": answer["created_at"],
        "unread": 1,
    }


def _take_places(written: Sequence[Letter], channel: Channel, zone: ZoneInfo) -> None:
    """Their places under the messaging limit, long given back, and the day's count that people read."""
    places = [
        {
            "portfolio_id": channel.portfolio_id,
            "contact": letter.customer.phone,
            "first_granted_at": letter.sent_at,
            "granted_at": letter.sent_at,
        }
        for letter in written
    ]
    db.session.execute(insert_unless_there(LimitContact).on_conflict_do_nothing(), places)
    day = {
        "portfolio_id": channel.portfolio_id,
        "day": written[0].sent_at.astimezone(zone).date(),
        "count": len(written),
    }
    db.session.execute(insert_unless_there(DailyCounter).on_conflict_do_nothing(), [day])
