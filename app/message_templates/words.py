"""Meta's words for a template as people read them. A word Meta made up since is shown as it is."""

from __future__ import annotations

from dataclasses import dataclass

from babel import Locale, UnknownLocaleError

from app.message_templates.models import MessageTemplate, TemplateEvent


@dataclass(frozen=True, slots=True)
class Word:
    """A text, the colour of its badge, and what it means for the sender."""

    text: str
    color: str
    meaning: str = ""


STATUSES = {
    "APPROVED": Word("Approved", "green", "Campaigns can use it."),
    "PENDING": Word("In review", "yellow", "Meta is still reading it; that takes minutes, at most a day."),
    "DRAFT": Word("Draft", "secondary", "Kept here; Meta has not seen it yet."),
    "UNCONFIRMED": Word(
        "Unconfirmed", "orange", "Meta gave no clear answer when it was submitted. Press Sync now in a minute to see."
    ),
    "REJECTED": Word("Rejected", "red", "Edit it and submit it again, or make a copy with another name."),
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

# Meta's reason -> what usually helps.
ADVICE = {
    "ABUSIVE_CONTENT": "Take out threats, insults and anything that Meta's commerce policy forbids.",
    "INCORRECT_CATEGORY": "Offers, news and invitations are marketing; only what a customer did or ordered is utility.",
    "INVALID_FORMAT": "Number variables without a gap, put words around them, and give each a sample that fits.",
    "PROMOTIONAL": "Take the offer out, or submit it as marketing.",
    "SCAM": "Say who you are and link to your own site, without shortened addresses.",
    "TAG_CONTENT_MISMATCH": "Choose the language that the text is written in, and one language only.",
}

QUALITIES = {
    "GREEN": Word("High quality", "green"),
    "YELLOW": Word("Medium quality", "yellow"),
    "RED": Word("Low quality", "red"),
}

KINDS = {
    "text": "Text",
    "latitude": "Latitude",
    "longitude": "Longitude",
    "place_name": "Name of a place",
    "place_address": "Address of a place",
    "product": "A product's SKU",
    "catalog": "Id of a catalog",
    "sections": "Products in sections",
    "expiration": "End of the offer",
    "payload": "Payload of a reply",
    "filename": "Name of the file",
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


def advice(template: MessageTemplate) -> str:
    """What helps against the rejection: Meta's own recommendation where it gave one."""
    return template.rejection_advice or ADVICE.get(template.rejected_reason or "", "")


def history(event: TemplateEvent) -> str:
    """One line of a template's history."""
    if event.kind == "status":
        return (
            f"{status(event.before).text} → {status(event.after or '').text}"
            if event.before
            else (status(event.after or "").text)
        )
    if event.kind == "quality":
        return f"Quality {_quality(event.before)} → {_quality(event.after)}"
    if event.kind == "category":
        return f"Category {category(event.before or '–')} → {category(event.after or '–')}"
    return {"submitted": "Submitted to Meta", "edited": "Edited", "components": "Text changed"}.get(
        event.kind, category(event.kind)
    )


def reason(event: TemplateEvent) -> str:
    """Why it happened, in plain words."""
    code = event.reason or ""
    return REJECTIONS.get(code, "" if code == "NONE" else code)


def _quality(code: str | None) -> str:
    return QUALITIES[code].text.lower() if code in QUALITIES else "unknown"


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
