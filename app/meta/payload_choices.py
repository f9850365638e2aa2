"""What customers did outside a conversation: marketing stopped or wanted again, a link of ours opened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.meta.foreign import sequence, storable, text
from app.meta.payload_parts import (
    MESSAGES,
    Json,
    OnBad,
    bounded,
    contact_of,
    ignore,
    name_of,
    needed,
    phone_number_id,
    read,
    time_of,
    values_of,
)

PREFERENCES = "user_preferences"
LINK_CLICK = "marketing_messages_link_click"


@dataclass(frozen=True, slots=True)
class Preference:
    """A choice about marketing messages made in WhatsApp: `value` is stop, resume, signup, or new to us."""

    phone: str | None
    user_id: str | None
    profile_name: str | None
    category: str | None
    value: str
    at: datetime
    raw: dict[str, object]
    phone_number_id: str | None


@dataclass(frozen=True, slots=True)
class LinkClick:
    """Somebody opened a link of a marketing message."""

    phone: str | None
    user_id: str | None
    at: datetime
    phone_number_id: str | None


def preferences(envelope: object, on_bad: OnBad = ignore) -> Iterator[Preference]:
    """Every choice about marketing messages in the envelope."""
    for field in (PREFERENCES, MESSAGES):
        for value in values_of(envelope, field):
            for item in sequence(value.get("user_preferences")):
                yield from read(_preference, item, value, on_bad)


def link_clicks(envelope: object, on_bad: OnBad = ignore) -> Iterator[LinkClick]:
    """Every opened link in the envelope; actions of other kinds are none."""
    for value in values_of(envelope, MESSAGES):
        for item in sequence(value.get("user_actions")):
            if not isinstance(item, dict) or item.get("action_type") == LINK_CLICK:
                yield from read(_click, item, value, on_bad)


def _preference(item: Json, value: Json) -> Preference:
    phone, user_id, name = _person(item, value)
    raw = storable(item)
    return Preference(
        phone,
        user_id,
        name,
        text(item.get("category")),
        needed(item, "value"),
        time_of(item),
        raw if isinstance(raw, dict) else {},
        phone_number_id(value),
    )


def _click(item: Json, value: Json) -> LinkClick:
    phone, user_id, _ = _person(item, value)
    return LinkClick(phone, user_id, time_of(item), phone_number_id(value))


def _person(item: Json, value: Json) -> tuple[str | None, str | None, str | None]:
    """Phone, user id and name; what the item itself does not say, its contact may."""
    number, user = item.get("wa_id") or item.get("from"), item.get("user_id") or item.get("from_user_id")
    contact = contact_of(value, user, number)
    phone = bounded(number or contact.get("wa_id"), "wa_id")
    user_id = bounded(user or contact.get("user_id"), "user_id")
    if not (phone or user_id):
        raise ValueError("names nobody")
    return phone, user_id, name_of(contact)
