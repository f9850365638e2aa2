"""A recipient's attempts: every message that was written for them, also those that a newer one superseded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from app.campaigns import words
from app.campaigns.models import Campaign, Recipient, RecipientState
from app.campaigns.words import Reason
from app.extensions import db
from app.messaging.models import Message, MessageState, Rank
from app.meta.errors import meaning_of
from app.shared.errors import Missing

_EARLIER = aliased(Message)
# Of each: when it ended (or began, where nobody knows its end), its state and Meta's code.
EARLIER = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_array(
                    func.coalesce(_EARLIER.failed_at, _EARLIER.created_at), _EARLIER.state, _EARLIER.error_code
                ),
                _EARLIER.id,
            )
        )
    )
    .where(_EARLIER.recipient_id == Recipient.id, _EARLIER.is_superseded)
    .correlate(Recipient)
    .scalar_subquery()
    .label("earlier")
)


def recipient_of(campaign: Campaign, recipient_id: int) -> Recipient:
    """That recipient of this campaign. Raises `Missing`."""
    found = db.session.scalar(
        select(Recipient).where(Recipient.id == recipient_id, Recipient.campaign_id == campaign.id)
    )
    if found is None:
        raise Missing("There is no such recipient in this campaign.")
    return found


def attempts_of(recipient: Recipient) -> list[Message]:
    """Every message of this recipient, the first attempt first."""
    earlier = and_(Message.recipient_id == recipient.id, Message.is_superseded)
    query = select(Message).where(or_(earlier, Message.id == recipient.message_id)).order_by(Message.id)
    return list(db.session.scalars(query))


def count_of(recipient: Recipient, earlier: list[Any]) -> int:
    """How often this recipient was written to, with those earlier attempts."""
    return len(earlier) + (recipient.state is RecipientState.HANDED)


def result_of(message: Message) -> Reason:
    """What came of an attempt and what helps, in words; empty where its times say all."""
    if message.assumed_at:
        return words.ASSUMED
    if message.rank == Rank.FAILED or message.state in (MessageState.FAILED, MessageState.UNCONFIRMED):
        return _why(message.state, message.error_code)
    return Reason("", "")


def in_short(earlier: list[Any]) -> str:
    """The earlier attempts in one cell: time in UTC, code and sentence of each."""
    return "; ".join(_line(*attempt) for attempt in earlier)


def _line(at: str, state: str, code: int | None) -> str:
    stamp = datetime.fromisoformat(at).astimezone(UTC).isoformat(timespec="seconds")
    number = f"{code} " if code and code > 0 else ""
    return f"{stamp} {number}{_why(MessageState(state), code).sentence}"


def _why(state: MessageState, code: int | None) -> Reason:
    if state is MessageState.UNCONFIRMED:
        return words.IN_DOUBT
    meaning = meaning_of(code)
    return Reason(meaning.sentence, meaning.hint)
