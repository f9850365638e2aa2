"""Meta's words for a channel as people read them. A word Meta made up since is shown as it is."""

from __future__ import annotations

from dataclasses import dataclass

from app.channels.limits import MessagingLimit, has_known_tier
from app.channels.models import Channel
from app.meta.phone_numbers import TIER_LIMITS


@dataclass(frozen=True, slots=True)
class Word:
    """A text, the colour of its badge, and what it means for the sender."""

    text: str
    color: str
    meaning: str = ""


UNREAD = Word("Not read yet", "secondary", "Read it from Meta to know.")

QUALITIES = {
    "GREEN": Word("High", "green", "Customers take your messages well."),
    "YELLOW": Word(
        "Medium",
        "yellow",
        "Some customers block or report your messages; choose them better.",
    ),
    "RED": Word("Low", "red", "Many customers block or report your messages; Meta may lower the limit."),
    "UNKNOWN": Word("Not rated yet", "secondary", "Meta rates a number after some days of messages."),
    "NA": Word("Not rated yet", "secondary", "Meta rates a number after some days of messages."),
}

STATUSES = {
    "CONNECTED": Word("Connected", "green", "The number can send and receive."),
    "PENDING": Word("Pending", "yellow", "The number is not registered yet; finish it in WhatsApp Manager."),
    "UNVERIFIED": Word("Not verified", "yellow", "Verify the number in WhatsApp Manager."),
    "FLAGGED": Word("Flagged", "yellow", "Its quality is low; Meta may restrict it."),
    "RESTRICTED": Word("Restricted", "red", "Its limit is used up or its quality fell; it may only answer."),
    "RATE_LIMITED": Word("Slowed down", "yellow", "It sent faster than Meta allows."),
    "DISCONNECTED": Word("Disconnected", "red", "Register the number again in WhatsApp Manager."),
    "MIGRATED": Word("Moved away", "red", "The number now belongs to another account."),
    "BANNED": Word("Banned", "red", "Meta closed the number; ask for a review in Business Support Home."),
    "DELETED": Word("Deleted", "red", "The number no longer exists at Meta."),
}

THROUGHPUTS = {
    "STANDARD": "Standard: up to 80 messages a second",
    "HIGH": "High: up to 1,000 messages a second",
    "NOT_APPLICABLE": "None: the number cannot send now",
}


def quality(channel: Channel) -> Word:
    """Meta's quality rating of the number."""
    return _word(QUALITIES, channel.quality)


def status(channel: Channel) -> Word:
    """Whether the number works, as Meta says."""
    return _word(STATUSES, channel.status)


def throughput(channel: Channel) -> str:
    """How fast Meta lets the number send."""
    return THROUGHPUTS.get(channel.throughput or "", channel.throughput or UNREAD.text)


def tier(channel: Channel) -> str:
    """Meta's messaging limit in words."""
    if not has_known_tier(channel):
        return "Not told by Meta yet" if channel.read_at else UNREAD.text
    number = TIER_LIMITS[channel.tier or ""]
    return "Any number of customers" if number is None else f"{number:,} customers in 24 hours"


def limit(messaging_limit: MessagingLimit) -> str:
    """The limit we keep in words."""
    value = messaging_limit.value
    return "No limit" if value is None else f"{value:,} customers in 24 hours"


def _word(known: dict[str, Word], said: str | None) -> Word:
    if not said:
        return UNREAD
    return known.get(said, Word(said.replace("_", " ").capitalize(), "secondary"))
