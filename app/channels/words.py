"""Meta's words for a channel as people read them. A word Meta made up since is shown as it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.channels.limits import MessagingLimit, has_known_tier
from app.channels.models import Alert, Channel, Severity
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

NAME_STATUSES = {
    "APPROVED": Word("Approved", "green"),
    "AVAILABLE_WITHOUT_REVIEW": Word("Available", "green", "Customers see it; Meta reviews it later."),
    "PENDING": Word("Being reviewed", "secondary", "Meta reviews the display name."),
    "PENDING_REVIEW": Word("Being reviewed", "secondary", "Meta reviews the display name."),
    "DEFERRED": Word("Review deferred", "yellow", "Meta will review the display name later."),
    "DECLINED": Word("Declined", "red", "Choose another display name in WhatsApp Manager."),
    "REJECTED": Word("Declined", "red", "Choose another display name in WhatsApp Manager."),
    "EXPIRED": Word("Expired", "red", "Ask for the display name again in WhatsApp Manager."),
    "NONE": Word("Not reviewed", "secondary", "No display name was asked for."),
}

RESTRICTIONS = {
    "RESTRICTED_BIZ_INITIATED_MESSAGING": "Meta lets the account start no conversations.",
    "RESTRICTED_CUSTOMER_INITIATED_MESSAGING": "Meta lets the account answer no customers.",
    "RESTRICTED_ADD_PHONE_NUMBER_ACTION": "Meta lets the account add no phone numbers.",
    "BLOCKED": "Meta says that the number cannot send.",
    "DISABLED": "Meta disabled the account.",
    "DELETED": "The WhatsApp business account was deleted.",
    "OFFBOARDED": "The WhatsApp business account was taken off the platform.",
    "REJECTED": "Meta's review of the account ended in a no.",
    "DISCONNECTED": "The account was disconnected from the platform.",
}

THROUGHPUTS = {
    "STANDARD": "Standard: up to 80 messages a second",
    "HIGH": "High: up to 1,000 messages a second",
    "NOT_APPLICABLE": "None: the number cannot send now",
}


SEVERITIES = {
    Severity.CRITICAL: Word("Urgent", "red"),
    Severity.WARNING: Word("Warning", "yellow"),
    Severity.INFO: Word("For information", "blue"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A page of ours: its endpoint with arguments, and what the link to it says."""

    endpoint: str
    label: str
    arguments: dict[str, str] = field(default_factory=dict)


def place_of(alert: Alert) -> Place:
    """Where a person can do something about it, or see more."""
    if alert.kind.startswith("template."):
        return Place("message_templates.show", "See the template", {"public_id": alert.subject})
    if alert.kind.startswith("campaign."):
        return Place("campaigns.show", "See the campaign", {"public_id": alert.subject})
    if alert.kind == "limit.used":
        return Place("campaigns.limit", "See the limit")
    return Place("channels.index", "See the channel")


def quality(channel: Channel) -> Word:
    """Meta's quality rating of the number."""
    return _word(QUALITIES, channel.quality)


def status(channel: Channel) -> Word:
    """Whether the number works, as Meta says."""
    return _word(STATUSES, channel.status)


def name_status(channel: Channel) -> Word:
    """What Meta decided on the display name."""
    return _word(NAME_STATUSES, channel.name_status)


def restriction(word: str) -> str:
    """Meta's word for a restriction as a sentence."""
    return RESTRICTIONS.get(word, f"Meta restricts the account: {word.replace('_', ' ').lower()}.")


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
