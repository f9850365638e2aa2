"""Reads of messages: what was said with one customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, false, func, not_, select

from app.customers.models import ConsentEntry, Customer
from app.extensions import db
from app.messaging.models import Conversation, Message

PAGE = 40
MOST = 400  # of what came since a page was opened; it is asked for all the time


@dataclass(frozen=True, slots=True)
class Line:
    """A message, the one that it is about, and whether it was a yes or a no to marketing (None: neither)."""

    message: Message
    about: Message | None
    consent: bool | None


@dataclass(frozen=True, slots=True)
class Thread:
    """A part of what was said, newest last; `first` begins it, None when nothing was said."""

    lines: list[Line]
    first: UUID | None
    has_earlier: bool


def thread(customer: Customer, before: UUID | None = None) -> Thread:
    """The latest messages from and to `customer`; the latest before that one, when given."""
    condition = Message.id < _id_of(before) if before else None
    return _thread(customer, condition, PAGE)


def thread_since(customer: Customer, first: UUID) -> Thread:
    """All messages from and to `customer` from that one on, as they are by now."""
    return _thread(customer, Message.id >= _id_of(first), MOST)


def window_closes_at(customer: Customer) -> datetime | None:
    """Until when we may write freely to `customer`; None when they never wrote."""
    closes = select(func.max(Conversation.window_expires_at)).where(Conversation.customer_id == customer.id)
    return db.session.scalar(closes)


def _thread(customer: Customer, condition: ColumnElement[bool] | None, limit: int) -> Thread:
    query = select(Message).where(Message.customer_id == customer.id, not_(IN_A_GROUP))
    if condition is not None:
        query = query.where(condition)
    found = list(db.session.scalars(query.order_by(Message.id.desc()).limit(limit + 1)))
    shown = found[:limit]
    first = shown[-1].public_id if shown else None
    return Thread(_lines(customer, sorted(shown, key=_when)), first, len(found) > limit)


def _lines(customer: Customer, messages: Sequence[Message]) -> list[Line]:
    named = {message.answers_id for message in messages if message.answers_id}
    about = {message.id: message for message in db.session.scalars(select(Message).where(Message.id.in_(named)))}
    answers = _answers(customer, [message.wamid for message in messages if message.wamid])
    return [Line(message, about.get(message.answers_id or 0), answers.get(message.wamid or "")) for message in messages]


def _answers(customer: Customer, wamids: Sequence[str]) -> dict[str, bool]:
    """Which of these messages stand in the consent ledger, and as a yes or a no."""
    wamid = ConsentEntry.evidence["wamid"].astext.label("wamid")
    entries = select(wamid, ConsentEntry.granted).where(ConsentEntry.customer_id == customer.id, wamid.in_(wamids))
    return {row.wamid: row.granted for row in db.session.execute(entries)}


def _id_of(public_id: UUID) -> ScalarSelect[int]:
    return select(Message.id).where(Message.public_id == public_id).scalar_subquery()


def _when(message: Message) -> tuple[datetime, int]:
    """What comes in late stands where it belongs. Meta's times are whole seconds: within one, as we heard of them."""
    at = message.said_at
    return at.replace(microsecond=0), message.id


# In a group nobody speaks to us alone.
IN_A_GROUP = func.coalesce(Message.raw.has_key("group_id"), false())
