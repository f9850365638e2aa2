"""What the dashboard and the doctor read: today's messages, campaigns under way, the limit, webhooks, first steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, text, true
from sqlalchemy.orm import aliased

from app.auth import workspace
from app.campaigns.models import Campaign
from app.campaigns.queries import figures
from app.campaigns.queries.figures import UNDER_WAY, Running
from app.channels.models import Channel
from app.customers.models import Customer
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.messaging.contents import content_of
from app.messaging.engine.conversations import NO_MESSAGES
from app.messaging.models import Conversation, Direction, Message, MessageState, Rank
from app.operations import probe
from app.shared import clock
from app.webhooks.models import WebhookEvent

RECENT = 5
LATEST = 8

# When a message of today counts for a figure, as campaigns.figures.today says it: the page behind a figure
# holds as many people as the figure says.
FIGURES: Mapping[str, ColumnElement[bool]] = {
    "sent": Message.state == MessageState.ACCEPTED,
    "delivered": Message.rank >= Rank.DELIVERED,
    "read": Message.rank >= Rank.READ,
    "failed": Message.rank == Rank.FAILED,
}


@dataclass(frozen=True, slots=True)
class WebhookHealth:
    """When Meta last posted, how many posts wait to be digested, and since when the oldest."""

    last_at: datetime | None
    undigested: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Heard:
    """A customer and the last that they wrote, in one short line."""

    customer: Customer
    line: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One thing to do before the first campaign is out, and the endpoint where it is done."""

    label: str
    is_done: bool
    endpoint: str


def messages_of_today(figure: str) -> Select[Message, Customer, Campaign]:
    """The messages behind one of today's figures, with customer and campaign, latest first."""
    return (
        select(Message, Customer, Campaign)
        .outerjoin(Customer, Customer.id == Message.customer_id)
        .outerjoin(Campaign, Campaign.id == Message.campaign_id)
        .where(*_of_today(), FIGURES[figure])
        .order_by(Message.id.desc())
    )


def recent_campaigns() -> list[Running]:
    """The latest campaigns that are not under way, with their figures."""
    query = select(Campaign).where(Campaign.status.not_in(UNDER_WAY)).order_by(Campaign.created_at.desc())
    found = db.session.scalars(query.limit(RECENT)).all()
    counted = figures.of_many(campaign.id for campaign in found)
    return [Running(campaign, counted[campaign.id]) for campaign in found]


def campaigns_by_status() -> dict[str, int]:
    """How many campaigns stand in each status."""
    rows = db.session.execute(select(Campaign.status, func.count()).group_by(Campaign.status))
    return {str(status): number for status, number in rows}


def latest_from_customers() -> list[Heard]:
    """What customers wrote last, the latest first: those who wrote last, each with their last message."""
    last = (
        select(Message)
        .where(Message.customer_id == Customer.id, Message.direction == Direction.IN)
        .where(Message.type.not_in(NO_MESSAGES))
        .order_by(Message.id.desc())
        .limit(1)
        .lateral()
    )
    message = aliased(Message, last)
    query = (
        select(Customer, message)
        .join(Conversation, Conversation.customer_id == Customer.id)
        .join(message, true())
        .order_by(Conversation.last_message_at.desc())
        .limit(LATEST)
    )
    found = [Heard(customer, content_of(said).line, said.said_at) for customer, said in db.session.execute(query)]
    return sorted(found, key=lambda heard: heard.at, reverse=True)


def daily_count(channel: Channel) -> int:
    """How many customers today has cost, in the workspace's zone."""
    query = text("SELECT count FROM daily_counters WHERE portfolio_id = :portfolio AND day = :day")
    day = _midnight().date()
    return db.session.scalar(query, {"portfolio": channel.portfolio_id, "day": day}) or 0


def webhook_health() -> WebhookHealth:
    """How the webhooks fare."""
    waiting = select(func.count(), func.min(WebhookEvent.created_at)).where(WebhookEvent.digested_at.is_(None))
    undigested, oldest_at = db.session.execute(waiting).one()
    of_meta = select(WebhookEvent.created_at).where(WebhookEvent.digest != probe.DIGEST)
    last = of_meta.order_by(WebhookEvent.created_at.desc()).limit(1)
    return WebhookHealth(db.session.scalar(last), undigested, oldest_at)


def first_steps(channel: Channel | None) -> list[FirstStep]:
    """What is to be done before the first campaign is out; empty when all is."""
    steps = [
        FirstStep("Connect your WhatsApp number", bool(channel and channel.read_at), "operations.setup"),
        FirstStep("Fetch your message templates from Meta", _any(MessageTemplate.id), "message_templates.index"),
        FirstStep("Add customers who opted in", _any(Customer.id), "customers.index"),
        FirstStep("Send your first campaign", _any(Campaign.id, Campaign.started_at.is_not(None)), "campaigns.index"),
    ]
    return [] if all(step.is_done for step in steps) else steps


def in_words(span: timedelta) -> str:
    """A span of time as people say it: "5 seconds", "3 minutes", "2 hours", "4 days"."""
    seconds = max(0, round(span.total_seconds()))
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}s"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def _midnight() -> datetime:
    return clock.now().astimezone(workspace.zone()).replace(hour=0, minute=0, second=0, microsecond=0)


def _of_today() -> tuple[ColumnElement[bool], ...]:
    return (
        Message.direction == Direction.OUT,
        Message.is_superseded.is_(False),
        Message.created_at >= _midnight(),
    )


def _any(column: Any, *conditions: ColumnElement[bool]) -> bool:
    return db.session.scalar(select(column).where(*conditions).limit(1)) is not None
