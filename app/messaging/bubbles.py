"""A conversation as the team reads it: bubbles and small notes, what each answers, what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.messaging.contents import Content, content_of
from app.messaging.engine.conversations import NO_MESSAGES
from app.messaging.models import Direction, Message, MessageState, Rank
from app.messaging.queries import Line
from app.meta.errors import NOT_SENT, meaning_of
from app.meta.foreign import mapping
from app.shared import clock

QUOTELESS = ("edit", "revoke")  # they say themselves what they are about, and that has changed already


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a message of ours, in a word with its icon; why and what helps where it went wrong."""

    word: str
    icon: str
    color: str = "secondary"
    sentence: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message on the screen. `day` stands above it when it is another than that of the message before."""

    message: Message
    content: Content
    at: datetime
    day: str
    is_ours: bool
    is_note: bool
    kind: str
    quote: str
    is_quoted: bool  # by the customer or by us; otherwise it is only counted as an answer
    fate: Fate | None
    deeds: tuple[str, ...]
    consent: bool | None
    is_edited: bool


def bubbles(lines: Iterable[Line], zone: ZoneInfo) -> list[Bubble]:
    """The lines of a thread as they are shown, their times in `zone`."""
    today, last_day, last_credit = clock.now().astimezone(zone).date(), None, None
    shown = []
    for line in lines:
        at = line.message.said_at.astimezone(zone)
        quote = _quote(line, last_credit)
        shown.append(_bubble(line, at, "" if at.date() == last_day else _day(at.date(), today), quote))
        last_day = at.date()
        last_credit = line.message.answers_id if quote and not _is_quoting(line.message) else last_credit
    return shown


def fate_of(message: Message) -> Fate:
    """What became of a message of ours."""
    if message.state is MessageState.FAILED or message.rank == Rank.FAILED:
        return _failure(message)
    if message.state is MessageState.ACCEPTED:
        return _ARRIVED[message.rank]
    return _UNDERWAY[message.state]


def _bubble(line: Line, at: datetime, day: str, quote: str) -> Bubble:
    message = line.message
    is_ours = message.direction is Direction.OUT
    return Bubble(
        message=message,
        content=content_of(message),
        at=at,
        day=day,
        is_ours=is_ours,
        is_note=message.type in NO_MESSAGES,
        kind=_kind(message),
        quote=quote,
        is_quoted=_is_quoting(message),
        fate=fate_of(message) if is_ours else None,
        deeds=tuple(_deeds(message)),
        consent=line.consent,
        is_edited="edited_at" in mapping(message.payload),
    )


def _quote(line: Line, last_credit: int | None) -> str:
    """What it answers; what it only counts for is said once and not under each message that follows."""
    message = line.message
    if line.about is None or message.type in QUOTELESS:
        return ""
    is_told = message.type in NO_MESSAGES or message.answers_id == last_credit
    return content_of(line.about).line if _is_quoting(message) or not is_told else ""


def _is_quoting(message: Message) -> bool:
    return message.direction is Direction.OUT or message.context_wamid is not None


def _kind(message: Message) -> str:
    if message.campaign_id:
        return "Campaign"
    return "Template" if message.type == "template" else ""


def _deeds(message: Message) -> Iterator[str]:
    """What its customer did about a message of ours."""
    if message.responded_at:
        yield "Responded"
    if message.clicked_at:
        yield "Tapped"
    if message.opted_out_at:
        yield "Opted out"


def _failure(message: Message) -> Fate:
    meaning = meaning_of(message.error_code)
    own = message.error_message if message.error_code in (None, NOT_SENT) else None
    return Fate("Failed", "alert-circle", "red", own or meaning.sentence, meaning.hint)


def _day(day: date, today: date) -> str:
    if day == today:
        return "Today"
    return "Yesterday" if day == today - timedelta(days=1) else f"{day:%-d %B %Y}"


_ARRIVED = {
    Rank.NONE: Fate("Sent", "check"),
    Rank.SENT: Fate("Sent", "check"),
    Rank.DELIVERED: Fate("Delivered", "checks"),
    Rank.READ: Fate("Read", "checks", "blue"),
}
_UNDERWAY = {
    MessageState.CREATED: Fate("Waits to be sent", "clock"),
    MessageState.SENDING: Fate("Being sent", "clock"),
    MessageState.UNCONFIRMED: Fate(
        "Unconfirmed",
        "help",
        "orange",
        "The connection broke while it was leaving; nobody knows whether Meta has it.",
        "It is not sent again by itself. If Meta has it, its status settles this.",
    ),
}
