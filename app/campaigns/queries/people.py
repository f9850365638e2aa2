"""The people behind a campaign's figures: each list holds exactly the rows its figure counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import aliased

from app.campaigns import words
from app.campaigns.models import Campaign, Recipient, RecipientState
from app.extensions import db
from app.messaging.models import Direction, Message, MessageState, Rank, SkipReason
from app.meta.errors import meaning_of
from app.shared import clock, csv_table

AT_ONCE = 1000
DECIDE_AFTER = timedelta(minutes=15)  # an unconfirmed message this old is rarely settled by a late status

_HANDED = Recipient.state == RecipientState.HANDED
BEHIND: dict[str, ColumnElement[bool]] = {
    "total": true(),
    "pending": Recipient.state == RecipientState.PENDING,
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
_RANKS = {Rank.READ: "read", Rank.DELIVERED: "delivered", Rank.FAILED: "failed", Rank.SENT: "sent"}


@dataclass(frozen=True, slots=True)
class Group:
    """So many people with one reason. `key` leads to them."""

    key: str
    sentence: str
    hint: str
    count: int


def behind(
    campaign: Campaign, status: str = "total", reason: str = "", search: str = ""
) -> Select[Recipient, Message, str]:
    """(recipient, message, what they first wrote back) of those behind a figure, in the file's order.

    `reason` is an error code or a skip reason; `search` part of a number or name.
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
    return "responded" if message.responded_at else _RANKS.get(message.rank, message.state.value)


def reason_of(recipient: Recipient, message: Message | None) -> str:
    """Why it was skipped or failed, in a sentence; empty for all others."""
    if recipient.state is RecipientState.SKIPPED:
        return skip_words(recipient.skip_reason).sentence
    if status_of(recipient, message) == "failed" and message is not None:
        return meaning_of(message.error_code).sentence
    return ""


def failure_groups(campaign: Campaign) -> list[Group]:
    """Why messages failed, the most frequent reason first."""
    query = (
        select(Message.error_code, func.count())
        .where(Message.campaign_id == campaign.id, ~Message.is_superseded, Message.rank == Rank.FAILED)
        .group_by(Message.error_code)
        .order_by(func.count().desc())
    )
    groups = []
    for code, count in db.session.execute(query):
        meaning = meaning_of(code)
        groups.append(Group("none" if code is None else str(code), meaning.sentence, meaning.hint, count))
    return groups


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
    if status == "failed" and reason:
        code = _code(reason)
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


def as_csv(query: Select[Recipient, Message, str]) -> Iterator[str]:
    """The list as CSV, line by line; times in UTC."""
    header = ["Phone", "Name", "Status", "Reason", "Sent", "Delivered", "Read", "Failed", "Responded", "Response"]
    return csv_table.export(_lines(query), header)


def _lines(query: Select[Recipient, Message, str]) -> Iterator[list[object]]:
    """Asked for at the first line and not before: a streamed answer has a session of its own."""
    for recipient, message, response in db.session.execute(query, execution_options={"yield_per": AT_ONCE}):
        yield _line(recipient, message, response)


def _line(recipient: Recipient, message: Message | None, response: str | None) -> list[object]:
    times = [getattr(message, f"{name}_at", None) for name in ("sent", "delivered", "read", "failed", "responded")]
    return [
        recipient.phone,
        recipient.name,
        status_of(recipient, message),
        reason_of(recipient, message),
        *(_stamp(moment) for moment in times),
        response,
    ]


def _stamp(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _for_reason(status: str, reason: str) -> ColumnElement[bool]:
    if status == "skipped":
        return Recipient.skip_reason == reason if reason in set(SkipReason) else Recipient.skip_reason.is_(None)
    return Message.error_code.is_not_distinct_from(_code(reason))


def _code(reason: str) -> int | None:
    try:
        return int(reason[:9])  # as many digits as the column holds
    except ValueError:
        return None


def _found_by(search: str) -> ColumnElement[bool]:
    named = Recipient.name.icontains(search, autoescape=True)
    digits = "".join(letter for letter in search if letter.isdigit()).lstrip("0")
    return or_(named, Recipient.phone.contains(digits)) if digits else named
