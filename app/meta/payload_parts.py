"""What all readers of webhook bodies share: the way down to the items, and what every item has."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from app.meta.foreign import items, mapping, moment, sequence, text

Json = Mapping[str, object]
Fact = TypeVar("Fact")

MESSAGES = "messages"  # the field of what customers write and of what became of our messages
UNREADABLE = "unreadable"
MAX_ID = 256  # characters; Meta's own are much shorter


@dataclass(frozen=True, slots=True)
class BadItem:
    """An item we could not read, with the reason in words."""

    reason: str
    raw: object


OnBad = Callable[[BadItem], object]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an envelope: its field, its value, and the entry (the WABA's id, perhaps a time) it stood in."""

    field: str
    value: Json
    entry_id: str | None
    at: datetime | None


def ignore(bad: BadItem) -> None:
    """For callers that only want the good ones."""


def changes(envelope: object) -> Iterator[Change]:
    """Every change of the envelope; a part of the wrong shape comes with the field "unreadable" and no value."""
    for entry in _sequence_of(envelope, "entry"):
        entry_id, at = text(mapping(entry).get("id")), moment(mapping(entry).get("time"))
        for change in _sequence_of(entry, "changes"):
            field, value = mapping(change).get("field"), mapping(change).get("value")
            readable = isinstance(field, str) and field and isinstance(value, dict)
            yield Change(str(field) if readable else UNREADABLE, mapping(value) if readable else {}, entry_id, at)


def values_of(envelope: object, field: str) -> Iterator[Json]:
    """The values of the changes of that field."""
    return (change.value for change in changes(envelope) if change.field == field)


def read(reader: Callable[[Json, Json], Fact], item: object, value: Json, on_bad: OnBad) -> Iterator[Fact]:
    """The fact in an item, or nothing and a word to `on_bad`: one bad item never holds up its neighbours."""
    try:
        if not isinstance(item, dict):
            raise ValueError("is no JSON object")
        yield reader(item, value)
    except (ValueError, RecursionError) as problem:
        on_bad(BadItem(str(problem), item))


def needed(item: Json, name: str) -> str:
    """The id or word of that name. Raises ValueError where there is none."""
    found = bounded(item.get(name), name)
    if found is None:
        raise ValueError(f"has no {name}")
    return found


def bounded(value: object, name: str) -> str | None:
    """An id or a word, None where there is none. Raises ValueError for one too long to be looked up by."""
    found = text(value)
    if found is not None and len(found) > MAX_ID:
        raise ValueError(f"has an endless {name}, of {len(found)} characters")
    return found


def name_of(contact: Json, kind: str = "name") -> str | None:
    """What a contact's profile calls them."""
    return (text(mapping(contact.get("profile")).get(kind)) or "")[:MAX_ID].strip() or None


def time_of(item: Json) -> datetime:
    """The item's own time. Raises ValueError where there is none."""
    at = moment(item.get("timestamp"))
    if at is None:
        raise ValueError("has no usable timestamp")
    return at


def phone_number_id(value: Json) -> str | None:
    """Which of our numbers a value of the field `messages` is about."""
    return bounded(mapping(value.get("metadata")).get("phone_number_id"), "phone_number_id")


def contact_of(value: Json, user_id: object, phone: object) -> Json:
    """The contact with that user id or phone: a batch may bring several, in any order. Without both, the only one."""
    contacts = list(items(value.get("contacts")))
    for contact in contacts:
        for name, sender in (("user_id", user_id), ("wa_id", phone)):
            if sender and contact.get(name) == sender:
                return contact
    return contacts[0] if len(contacts) == 1 and not (phone or user_id) else {}


def _sequence_of(holder: object, name: str) -> list[object]:
    """The list of that name; one None where there is none, so that the fault shows as one unreadable item."""
    return sequence(mapping(holder).get(name)) or [None]
