"""Webhook bodies, read into small facts. One bad item never holds up its neighbours: it goes to `on_bad`."""

from collections.abc import Iterator

from app.meta.foreign import mapping, sequence, text
from app.meta.payload_account import AccountChange, account_changes
from app.meta.payload_choices import LinkClick, Preference, link_clicks, preferences
from app.meta.payload_inbound import InboundMessage, Move, inbound_messages, move_in
from app.meta.payload_parts import MESSAGES, UNREADABLE, BadItem, Json, OnBad, changes, ignore
from app.meta.payload_statuses import PaymentStatus, StatusEvent, is_payment, payments, statuses

__all__ = [
    "AccountChange",
    "BadItem",
    "InboundMessage",
    "LinkClick",
    "Move",
    "OnBad",
    "PaymentStatus",
    "Preference",
    "StatusEvent",
    "account_changes",
    "ignore",
    "inbound_messages",
    "kinds",
    "link_clicks",
    "move_in",
    "payments",
    "preferences",
    "statuses",
]

MAX_KIND = 80


def kinds(envelope: object) -> list[str]:
    """What the envelope is about, each kind once: messages.statuses, messages.text, account_update, …

    `unreadable` stands for an envelope or a part of it that has not Meta's shape.
    """
    found: dict[str, None] = {}
    for change in changes(envelope):
        found |= dict.fromkeys(_message_kinds(change.value) if change.field == MESSAGES else [change.field])
    return [text(kind[:MAX_KIND]) or UNREADABLE for kind in found]


def _message_kinds(value: Json) -> Iterator[str]:
    for item in sequence(value.get("messages")):
        yield f"messages.{text(mapping(item).get('type')) or UNREADABLE}"
    for item in sequence(value.get("statuses")):
        yield "messages.payment" if is_payment(item) else "messages.statuses"
    for name in BESIDES:
        if value.get(name):
            yield f"messages.{name}"
    if not any(value.get(name) for name in ("messages", "statuses", *BESIDES)):
        yield "messages"


BESIDES = ("errors", "user_actions", "user_preferences")
