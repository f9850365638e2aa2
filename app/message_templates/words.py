"""Meta's words for a template as people read them. A word Meta made up since is shown as it is."""

from __future__ import annotations

from dataclasses import dataclass

from babel import Locale, UnknownLocaleError

from app.message_templates.models import MessageTemplate


@dataclass(frozen=True, slots=True)
class Word:
    """A text, the colour of its badge, and what it means for the sender."""

    text: str
    color: str
    meaning: str = ""


STATUSES = {
    "APPROVED": Word("Approved", "green", "Campaigns can use it."),
    "PENDING": Word("In review", "yellow", "Meta is still reading it; that takes minutes, at most a day."),
    "REJECTED": Word("Rejected", "red", "Change it in WhatsApp Manager and submit it again."),
    "PAUSED": Word(
        "Paused",
        "orange",
        "Customers reacted badly, so Meta stopped it for some hours; it comes back.",
    ),
    "DISABLED": Word("Disabled", "red", "Customers reacted badly again and again: Meta stopped it for good."),
    "IN_APPEAL": Word("In appeal", "yellow", "Meta looks once more at its decision."),
    "LIMIT_EXCEEDED": Word(
        "Too many templates", "red", "The account has as many templates as it may; delete some at Meta."
    ),
    "ARCHIVED": Word(
        "Archived",
        "secondary",
        "Unused for a year. Unarchive it in WhatsApp Manager, or it is deleted.",
    ),
    "PENDING_DELETION": Word("Being deleted", "secondary", "Somebody deleted it at Meta."),
    "DELETED": Word("Deleted", "secondary", "It no longer exists at Meta; old campaigns still show it."),
    "FLAGGED": Word("Flagged", "orange", "Its quality is low; Meta pauses it if that goes on."),
    "LOCKED": Word("Locked", "red", "Meta locked it; see WhatsApp Manager."),
    "UNKNOWN": Word("Unknown", "secondary", "Meta did not say in which state it is."),
}

REJECTIONS = {
    "ABUSIVE_CONTENT": "Meta found abusive or forbidden content in it.",
    "INCORRECT_CATEGORY": "Its text does not fit its category; submit it in another one.",
    "INVALID_FORMAT": "Its form is wrong: look at the variables, their samples and the special characters.",
    "PROMOTIONAL": "It promotes something, which its category does not allow.",
    "SCAM": "Meta took it for a scam.",
    "TAG_CONTENT_MISMATCH": "Its language or category does not match its text.",
}

QUALITIES = {
    "GREEN": Word("High quality", "green"),
    "YELLOW": Word("Medium quality", "yellow"),
    "RED": Word("Low quality", "red"),
}

KINDS = {
    "text": "Text",
    "image": "Address of an image",
    "video": "Address of a video",
    "document": "Address of a document",
    "url_suffix": "End of the button's address",
    "coupon_code": "Coupon code",
}


def status(code: str) -> Word:
    """A status of Meta's."""
    return STATUSES.get(code, Word(category(code), "secondary", "Meta's word; see WhatsApp Manager."))


def rejection(template: MessageTemplate) -> str:
    """Why Meta refused the template; empty when it did not say."""
    reason = template.rejected_reason or ""
    return REJECTIONS.get(reason, f"Meta's reason: {category(reason)}." if reason else "")


def quality(template: MessageTemplate) -> Word | None:
    """How customers take the template; None while Meta has not rated it."""
    return QUALITIES.get(template.quality or "")


def category(code: str) -> str:
    """MARKETING → Marketing."""
    return code.replace("_", " ").capitalize()


def language(code: str) -> str:
    """en_US → English (United States); a code nobody knows stays as it is."""
    try:
        return Locale.parse(code).get_display_name("en") or code
    except (UnknownLocaleError, ValueError):
        return code


def kind(code: str) -> str:
    """What a variable takes."""
    return KINDS.get(code, category(code))
