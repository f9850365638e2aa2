"""Webhook bodies, read into small facts. One bad item never holds up its neighbours: it goes to `on_bad`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from app.meta.foreign import integer, items, mapping, moment, sequence, storable, text

Json = Mapping[str, object]
Fact = TypeVar("Fact")

MAX_KIND = 80


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """What became of one message of ours. `status` is sent, delivered, read, played, failed, or new to us.

    `recipient_id` is Meta's phone spelling, digits without "+", and may differ from the number written to.
    """

    wamid: str
    callback_data: str | None
    status: str
    at: datetime
    recipient_id: str | None
    recipient_user_id: str | None
    error_code: int | None
    error_title: str | None
    error_details: str | None
    pricing_type: str | None
    pricing_category: str | None
    phone_number_id: str | None


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message of a customer. `text` is what they wrote or tapped, `context_id` the wamid they answer.

    `from_phone` is digits without "+"; it or `from_user_id` may be missing. `raw` is the item, fit for JSONB.
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


@dataclass(frozen=True, slots=True)
class BadItem:
    """An item we could not read, with the reason in words."""

    reason: str
    raw: object


OnBad = Callable[[BadItem], object]


def ignore(bad: BadItem) -> None:
    """For callers that only want the good ones."""


def statuses(envelope: object, on_bad: OnBad = ignore) -> Iterator[StatusEvent]:
    """Every message status in the envelope. Payment news, which come in the same list, are not among them."""
    for value in _message_values(envelope):
        for item in sequence(value.get("statuses")):
            if not _is_payment(item):
                yield from _read(_status, item, value, on_bad)


def inbound_messages(envelope: object, on_bad: OnBad = ignore) -> Iterator[InboundMessage]:
    """Every message that customers wrote, of any type, in the order they stand."""
    for value in _message_values(envelope):
        for item in sequence(value.get("messages")):
            yield from _read(_inbound, item, value, on_bad)


def kinds(envelope: object) -> list[str]:
    """What the envelope is about, each kind once: messages.statuses, messages.text, account_update, …

    `unreadable` stands for an envelope or a part of it that has not Meta's shape.
    """
    found: dict[str, None] = {}
    for field, value in _changes(envelope):
        found |= dict.fromkeys(_message_kinds(value) if field == "messages" else [field])
    return [text(kind[:MAX_KIND]) or "unreadable" for kind in found]


def _changes(envelope: object) -> Iterator[tuple[str, Json]]:
    """Field and value of every change; a part of the wrong shape comes as ("unreadable", {})."""
    for entry in _sequence_of(envelope, "entry"):
        for change in _sequence_of(entry, "changes"):
            field, value = mapping(change).get("field"), mapping(change).get("value")
            readable = isinstance(field, str) and field and isinstance(value, dict)
            yield (str(field), mapping(value)) if readable else ("unreadable", {})


def _sequence_of(holder: object, name: str) -> list[object]:
    """The list of that name; one None where there is none, so that the fault shows as one unreadable item."""
    return sequence(mapping(holder).get(name)) or [None]


def _message_values(envelope: object) -> Iterator[Json]:
    return (value for field, value in _changes(envelope) if field == "messages")


def _message_kinds(value: Json) -> Iterator[str]:
    for item in sequence(value.get("messages")):
        yield f"messages.{text(mapping(item).get('type')) or 'unreadable'}"
    for item in sequence(value.get("statuses")):
        yield "messages.payment" if _is_payment(item) else "messages.statuses"
    for name in ("errors", "user_actions"):
        if value.get(name):
            yield f"messages.{name}"
    if not any(value.get(name) for name in ("messages", "statuses", "errors", "user_actions")):
        yield "messages"


def _is_payment(item: object) -> bool:
    return mapping(item).get("type") == "payment"


def _read(reader: Callable[[Json, Json], Fact], item: object, value: Json, on_bad: OnBad) -> Iterator[Fact]:
    try:
        if not isinstance(item, dict):
            raise ValueError("is no JSON object")
        yield reader(item, value)
    except (ValueError, RecursionError) as problem:
        on_bad(BadItem(str(problem), item))


def _status(item: Json, value: Json) -> StatusEvent:
    error = next(items(item.get("errors")), {})
    pricing = mapping(item.get("pricing"))
    return StatusEvent(
        _needed(item, "id"),
        text(item.get("biz_opaque_callback_data")),
        _needed(item, "status"),
        _time_of(item),
        text(item.get("recipient_id")),
        text(item.get("recipient_user_id")),
        integer(error.get("code")),
        text(error.get("title")) or text(error.get("message")),
        text(mapping(error.get("error_data")).get("details")),
        text(pricing.get("type")),
        text(pricing.get("category")),
        _phone_number_id(value),
    )


def _inbound(item: Json, value: Json) -> InboundMessage:
    contact = _contact_of(item, value)
    raw = storable(item)
    return InboundMessage(
        _needed(item, "id"),
        text(item.get("from")) or text(contact.get("wa_id")),
        text(item.get("from_user_id")) or text(contact.get("user_id")),
        text(mapping(contact.get("profile")).get("name")),
        _needed(item, "type"),
        _words_of(item),
        text(mapping(item.get("context")).get("id")),
        _time_of(item),
        raw if isinstance(raw, dict) else {},
        _phone_number_id(value),
    )


def _contact_of(item: Json, value: Json) -> Json:
    """The contact this message is from: a batch may bring several, in any order."""
    contacts = list(items(value.get("contacts")))
    for contact in contacts:
        for name, sender in (("user_id", item.get("from_user_id")), ("wa_id", item.get("from"))):
            if sender and contact.get(name) == sender:
                return contact
    return contacts[0] if len(contacts) == 1 and not (item.get("from") or item.get("from_user_id")) else {}


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


def _words_of(item: Json) -> str | None:
    kind = text(item.get("type")) or ""
    return next(filter(None, (_at(item.get(kind), path) for path in WORDS.get(kind, ()))), None)


def _at(value: object, path: tuple[str, ...]) -> str | None:
    for name in path:
        value = mapping(value).get(name)
    return text(value)


def _needed(item: Json, name: str) -> str:
    found = text(item.get(name))
    if found is None:
        raise ValueError(f"has no {name}")
    return found


def _time_of(item: Json) -> datetime:
    at = moment(item.get("timestamp"))
    if at is None:
        raise ValueError("has no usable timestamp")
    return at


def _phone_number_id(value: Json) -> str | None:
    return text(mapping(value.get("metadata")).get("phone_number_id"))
