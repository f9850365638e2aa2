"""What Meta tells of the account itself: its templates, numbers, limits, restrictions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from app.meta.foreign import moment, storable
from app.meta.payload_choices import PREFERENCES
from app.meta.payload_parts import MESSAGES, UNREADABLE, BadItem, Change, Json, OnBad, changes, ignore

ERRORS = "messages.errors"


@dataclass(frozen=True, slots=True)
class AccountChange:
    """A change that concerns no single customer. `field` is Meta's, or messages.errors; `entry_id` the WABA's id.

    `value` is fit for JSONB. `at` is Meta's time for it, where it gave one, else the time of reading.
    """

    field: str
    value: Json
    entry_id: str
    at: datetime


def account_changes(envelope: object, on_bad: OnBad = ignore) -> Iterator[AccountChange]:
    """Every account-level change in the envelope, of known and unknown fields, and the errors beside messages."""
    for change in changes(envelope):
        if change.field == MESSAGES:
            yield from _errors_in(change)
        elif change.field not in (PREFERENCES, UNREADABLE):
            yield from _read(change, on_bad)


def _errors_in(change: Change) -> Iterator[AccountChange]:
    errors = change.value.get("errors")
    if errors:
        value = {"errors": errors, "metadata": change.value.get("metadata")}
        yield from _read(Change(ERRORS, value, change.entry_id, change.at), ignore)


def _read(change: Change, on_bad: OnBad) -> Iterator[AccountChange]:
    try:
        value = storable(change.value)
    except RecursionError as problem:
        on_bad(BadItem(str(problem), change.value))
        return
    at = change.at or moment(change.value.get("timestamp")) or datetime.now(UTC)
    yield AccountChange(change.field, value if isinstance(value, dict) else {}, change.entry_id or "", at)
