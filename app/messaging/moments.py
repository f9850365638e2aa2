"""What timelines of customers are told of messages; those of campaigns are the campaigns' to tell."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import case, func, not_, select

from app.customers.models import Customer
from app.customers.moments import after
from app.customers.timeline import Moment, Place, Source, register
from app.extensions import db
from app.messaging.bubbles import fate_of
from app.messaging.contents import content_of
from app.messaging.models import Direction, Message
from app.messaging.queries import IN_A_GROUP

NAME = "messages"
SAID_AT = func.coalesce(case((Message.direction == Direction.IN, Message.sent_at)), Message.created_at)  # `said_at`


def tell() -> None:
    """Let timelines tell of messages."""
    register(Source(NAME, "Messages", _messages))


def _messages(customer: Customer, place: Place | None, number: int) -> Sequence[Moment]:
    query = (
        select(Message)
        .where(Message.customer_id == customer.id, Message.campaign_id.is_(None), not_(IN_A_GROUP))
        .where(after(place, NAME, SAID_AT, Message.id))
        .order_by(SAID_AT.desc(), Message.id.desc())
        .limit(number)
    )
    return [_moment(message) for message in db.session.scalars(query)]


def _moment(message: Message) -> Moment:
    line = content_of(message).line
    if message.direction is Direction.IN:
        return Moment(message.said_at, message.id, "message-circle", "They wrote", line)
    fate = fate_of(message)
    return Moment(message.said_at, message.id, "send", "We wrote", line, badge=(fate.word, fate.color))
