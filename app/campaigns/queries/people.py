"""The people behind a campaign's figures: each list holds exactly the rows its figure counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import aliased

from app.campaigns import words
from app.campaigns.models import Campaign, Recipient, RecipientState
from app.extensions import db
from app.messaging.models import Direction, Message, MessageState, Rank, SkipReason, WaitReason
from app.meta.errors import ErrorClass, meaning_of
from app.shared import clock

DECIDE_AFTER = timedelta(minutes=15)  # an unconfirmed message this old is rarely settled by a late status

_HANDED = Recipient.state == RecipientState.HANDED
BEHIND: dict[str, ColumnElement[bool]] = {
    "total": true(),
    "pending": Recipient.state == RecipientState.PENDING,
    "waiting": and_(Recipient.state == RecipientState.PENDING, Recipient.waits_for.is_not(None)),
    "sending": and_(_HANDED, Message.state.in_((MessageState.CREATED, MessageState.SENDING))),
    "unconfirmed": and_(_HANDED, Message.state == MessageState.UNCONFIRMED),
    "sent": and_(_HANDED, Message.state == MessageState.ACCEPTED),
    "delivered": and_(_HANDED, Message.rank >= Rank.DELIVERED),
    "read": and_(_HANDED, Message.rank >= Rank.READ),
    "responded": and_(_HANDED, Message.responded_at.is_not(None)),
    "clicked": and_(_HANDED, Message.clicked_at.is_not(None)),
    "opted_out": and_(_HANDED, Message.opted_out_at.is_not(None)),
    "failed": and_(_HANDED, Message.rank == Rank.FAILED),
    "skipped": Recipient.state == RecipientState.SKIPPED,
}
_ANSWER = aliased(Message)
_RESPONSE = (
    select(_ANSWER.body)
    .where(_ANSWER.answers_id == Message.id, _ANSWER.direction == Direction.IN)
    .order_by(_ANSWER.id)
    .limit(1)
    .correlate(Message)
    .scalar_subquery()
    .label("response")
)
_PASSING = (ErrorClass.THROTTLED, ErrorClass.TRANSIENT)
_RANKS = {Rank.READ: "read", Rank.DELIVERED: "delivered", Rank.FAILED: "failed", Rank.SENT: "sent"}


@dataclass(frozen=True, slots=True)
class Group:
    """So many people with one reason. `key` leads to them; of those who wait, when the first is due."""

    key: str
    sentence: str
    hint: str
    count: int
    due_at: datetime | None = None


def behind(
    campaign: Campaign, status: str = "total", reason: str = "", search: str = ""
) -> Select[Recipient, Message, str]:
    """(recipient, message, what they first wrote back) of those behind a figure, in the file's order.

    `reason` is an error code, a skip reason or what they wait for; `search` part of a number or name.
    """
    query = (
        select(Recipient, Message, _RESPONSE)
        .outerjoin(Message, Message.id == Recipient.message_id)
        .where(Recipient.campaign_id == campaign.id, BEHIND.get(status, BEHIND["total"]))
        .order_by(Recipient.position)
    )
    if reason:
        query = query.where(_for_reason(status, reason))
    if words_ := search.strip().replace("\x00", ""):
        query = query.where(_found_by(words_))
    return query


def status_of(recipient: Recipient, message: Message | None) -> str:
    """Where this recipient stands, in one word."""
    if recipient.state is not RecipientState.HANDED or message is None:
        return recipient.state.value
    if message.opted_out_at:
        return "opted_out"
    return "responded" if message.responded_at else progress_of(message)


def progress_of(message: Message) -> str:
    """How far a message came, in one word."""
    if message.state is MessageState.ACCEPTED and message.rank < Rank.SENT:
        return "sent"  # so we assumed
    return _RANKS.get(message.rank, message.state.value)


def reason_of(recipient: Recipient, message: Message | None) -> str:
    """Why it was skipped, failed or waits, in a sentence; empty for all others."""
    if recipient.state is RecipientState.SKIPPED:
        return skip_words(recipient.skip_reason).sentence
    if waits_until(recipient):
        return _why_waiting(recipient, message)
    if status_of(recipient, message) == "failed" and message is not None:
        return meaning_of(message.error_code).sentence
    return ""


def waits_until(recipient: Recipient) -> datetime | None:
    """When a pending recipient may be written to, if they wait for something; None for all others."""
    is_waiting = recipient.state is RecipientState.PENDING and recipient.waits_for is not None
    return recipient.due_at if is_waiting else None


def is_undecided(recipient: Recipient, message: Message | None) -> bool:
    """Whether their message is in doubt so long that a person may decide on it."""
    return (
        recipient.state is RecipientState.HANDED
        and message is not None
        and message.state is MessageState.UNCONFIRMED
        and message.created_at < clock.now() - DECIDE_AFTER
    )


def failure_groups(campaign: Campaign) -> list[Group]:
    """Why messages failed, the most frequent reason first."""
    query = (
        select(Message.error_code, func.count())
        .where(Message.campaign_id == campaign.id, ~Message.is_superseded, Message.rank == Rank.FAILED)
        .group_by(Message.error_code)
        .order_by(func.count().desc())
    )
    return [failure_group(code, count) for code, count in db.session.execute(query)]


def failure_group(code: int | None, count: int) -> Group:
    """So many messages that failed with this code. Of what passes by itself, these have no more tries left."""
    meaning = meaning_of(code)
    hint = words.EXHAUSTED if meaning.error_class in _PASSING else meaning.hint
    return Group("none" if code is None else str(code), meaning.sentence, hint, count)


def skip_groups(campaign: Campaign) -> list[Group]:
    """Why recipients were skipped, the most frequent reason first."""
    query = (
        select(Recipient.skip_reason, func.count())
        .where(Recipient.campaign_id == campaign.id, Recipient.state == RecipientState.SKIPPED)
        .group_by(Recipient.skip_reason)
        .order_by(func.count().desc())
    )
    groups = []
    for reason, count in db.session.execute(query):
        said = skip_words(reason)
        groups.append(Group(str(reason or "none"), said.sentence, said.hint, count))
    return groups


def skip_words(reason: SkipReason | None) -> words.Reason:
    """A skip reason for people."""
    if reason in words.SKIPS:
        return words.SKIPS[reason]
    return words.Reason("Skipped.", "")


def reason_words(status: str, reason: str) -> str:
    """The sentence of a list that is narrowed to one reason; empty when it is not."""
    if status == "skipped" and reason in set(SkipReason):
        return skip_words(SkipReason(reason)).sentence
    if status == "waiting" and reason in set(WaitReason):
        return words.WAITS[WaitReason(reason)].sentence
    if status == "failed" and reason:
        code = code_of(reason)
        return meaning_of(code).sentence
    return ""


def undecided(campaign: Campaign) -> int:
    """Unconfirmed messages that no status has settled for a quarter of an hour."""
    query = select(func.count()).where(
        Message.campaign_id == campaign.id,
        ~Message.is_superseded,
        Message.state == MessageState.UNCONFIRMED,
        Message.created_at < clock.now() - DECIDE_AFTER,
    )
    return db.session.scalar(query) or 0


def _why_waiting(recipient: Recipient, message: Message | None) -> str:
    said = words.WAITS[WaitReason(recipient.waits_for or "")].sentence
    if recipient.waits_for is WaitReason.RETRY and message is not None:
        return f"{said} {meaning_of(message.error_code).sentence}"
    return said


def _for_reason(status: str, reason: str) -> ColumnElement[bool]:
    if status == "skipped":
        return Recipient.skip_reason == reason if reason in set(SkipReason) else Recipient.skip_reason.is_(None)
    if status == "waiting":
        return Recipient.waits_for == reason if reason in set(WaitReason) else Recipient.waits_for.is_(None)
    return Message.error_code.is_not_distinct_from(code_of(reason))


def code_of(reason: str) -> int | None:
    """The error code behind a group's key; None for failures without one."""
    try:
        return int(reason[:9])  # as many digits as the column holds
    except ValueError:
        return None


def _found_by(search: str) -> ColumnElement[bool]:
    named = Recipient.name.icontains(search, autoescape=True)
    digits = "".join(letter for letter in search if letter.isdigit()).lstrip("0")
    return or_(named, Recipient.phone.contains(digits)) if digits else named
