"""What customers write, tap, order and undo; and the news that one of them has another number or id now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.meta.foreign import mapping, sequence, storable, text
from app.meta.payload_parts import (
    MAX_ID,
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


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message of a customer. `text` is what they wrote or tapped, `context_id` the wamid they answer.

    Reactions, edits and revokes have the wamid of the message that they are about as their `context_id`.
    `from_phone` is digits without "+"; it or `from_user_id` may be missing. `payload` is the hidden value of a
    tapped button. `raw` is the item, fit for JSONB.
    """

    wamid: str
    from_phone: str | None
    from_user_id: str | None
    profile_name: str | None
    type: str
    text: str | None
    context_id: str | None
    at: datetime
    raw: dict[str, object]
    phone_number_id: str | None
    username: str | None = None
    payload: str | None = None
    group_id: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A person has another number or user id now; what is None did not change. Phones are digits without "+"."""

    new_phone: str | None
    new_user_id: str | None
    old_phone: str | None
    old_user_id: str | None


def inbound_messages(envelope: object, on_bad: OnBad = ignore) -> Iterator[InboundMessage]:
    """Every message that customers wrote, of any type, in the order they stand."""
    for value in values_of(envelope, MESSAGES):
        for item in sequence(value.get("messages")):
            yield from read(_inbound, item, value, on_bad)


def move_in(message: InboundMessage) -> Move | None:
    """What a system message says of a changed number or user id; None for any other message."""
    system = mapping(message.raw.get("system"))
    if message.type != "system" or system.get("type") not in MOVES:
        return None
    new_phone, new_user_id, old_user_id = (_id(system, name) for name in ("wa_id", "user_id", "previous_user_id"))
    if not (new_phone or new_user_id):
        return None
    old_user_id = old_user_id or (message.from_user_id if message.from_user_id != new_user_id else None)
    return Move(new_phone, new_user_id, message.from_phone, old_user_id)


def _id(system: Json, name: str) -> str | None:
    found = text(system.get(name))
    return found if found and len(found) <= MAX_ID else None


MOVES = ("user_changed_number", "user_changed_user_id")


def _inbound(item: Json, value: Json) -> InboundMessage:
    contact = contact_of(value, item.get("from_user_id"), item.get("from"))
    raw = storable(item)
    return InboundMessage(
        needed(item, "id"),
        bounded(item.get("from") or contact.get("wa_id"), "from"),
        bounded(item.get("from_user_id") or contact.get("user_id"), "from_user_id"),
        name_of(contact),
        needed(item, "type"),
        _words_of(item),
        _named_wamid(item),
        time_of(item),
        raw if isinstance(raw, dict) else {},
        phone_number_id(value),
        name_of(contact, "username"),
        _first(item, HIDDEN),
        text(item.get("group_id")),
    )


def _named_wamid(item: Json) -> str | None:
    kind = text(item.get("type")) or ""
    path = NAMED.get(kind, ("context", "id"))
    return bounded(_at(item, path), "context")


# Where a message names the one that it is about, where that is not its context.
NAMED: dict[str, tuple[str, str]] = {
    "reaction": ("reaction", "message_id"),
    "edit": ("edit", "original_message_id"),
    "revoke": ("revoke", "original_message_id"),
}

# Where the words of a message stand, by its type; of several places the first that holds any.
WORDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "text": (("body",),),
    "button": (("text",), ("payload",)),
    "interactive": (("button_reply", "title"), ("list_reply", "title"), ("nfm_reply", "body")),
    "image": (("caption",),),
    "video": (("caption",),),
    "document": (("caption",), ("filename",)),
    "reaction": (("emoji",),),
    "location": (("name",), ("address",)),
    "order": (("text",),),
    "system": (("body",),),
}
HIDDEN: dict[str, tuple[tuple[str, ...], ...]] = {
    "button": (("payload",),),
    "interactive": (("button_reply", "id"), ("list_reply", "id")),
}


def _words_of(item: Json) -> str | None:
    if item.get("type") == "edit":
        return _first(mapping(mapping(item.get("edit")).get("message")), WORDS)
    return _first(item, WORDS)


def _first(item: Json, places: dict[str, tuple[tuple[str, ...], ...]]) -> str | None:
    kind = text(item.get("type")) or ""
    return next(filter(None, (_at(item.get(kind), path) for path in places.get(kind, ()))), None)


def _at(value: object, path: tuple[str, ...]) -> str | None:
    for name in path:
        value = mapping(value).get(name)
    return text(value)
