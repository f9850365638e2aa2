"""What became of our messages, and of the payments asked for in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.meta.foreign import integer, items, mapping, sequence, storable, text
from app.meta.payload_parts import (
    MESSAGES,
    Json,
    OnBad,
    bounded,
    ignore,
    needed,
    phone_number_id,
    read,
    time_of,
    values_of,
)


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """What became of one message of ours. `status` is sent, delivered, read, played, failed, or new to us.

    `recipient_id` is Meta's phone spelling, digits without "+", and may differ from the number written to; of a
    group's message nobody is named, for many receive it.
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
class PaymentStatus:
    """What became of one payment that a message of ours asked for. `raw` is the item, fit for JSONB."""

    wamid: str
    reference_id: str
    status: str
    at: datetime
    raw: dict[str, object]
    phone_number_id: str | None


def statuses(envelope: object, on_bad: OnBad = ignore) -> Iterator[StatusEvent]:
    """Every message status in the envelope. Payment news, which come in the same list, are not among them."""
    for value in values_of(envelope, MESSAGES):
        for item in sequence(value.get("statuses")):
            if not is_payment(item):
                yield from read(_status, item, value, on_bad)


def payments(envelope: object, on_bad: OnBad = ignore) -> Iterator[PaymentStatus]:
    """Every payment status in the envelope."""
    for value in values_of(envelope, MESSAGES):
        for item in sequence(value.get("statuses")):
            if is_payment(item):
                yield from read(_payment, item, value, on_bad)


def is_payment(item: object) -> bool:
    """Whether an item of `statuses` speaks of a payment and not of a message."""
    return mapping(item).get("type") == "payment"


def _status(item: Json, value: Json) -> StatusEvent:
    error = next(items(item.get("errors")), {})
    pricing = mapping(item.get("pricing"))
    is_of_one = item.get("recipient_type") != "group"
    return StatusEvent(
        needed(item, "id"),
        text(item.get("biz_opaque_callback_data")),
        needed(item, "status"),
        time_of(item),
        bounded(item.get("recipient_id"), "recipient_id") if is_of_one else None,
        bounded(item.get("recipient_user_id"), "recipient_user_id") if is_of_one else None,
        integer(error.get("code")),
        text(error.get("title")) or text(error.get("message")),
        text(mapping(error.get("error_data")).get("details")),
        text(pricing.get("type")),
        text(pricing.get("category")),
        phone_number_id(value),
    )


def _payment(item: Json, value: Json) -> PaymentStatus:
    raw = storable(item)
    return PaymentStatus(
        needed(item, "id"),
        needed(mapping(item.get("payment")), "reference_id"),
        needed(item, "status"),
        time_of(item),
        raw if isinstance(raw, dict) else {},
        phone_number_id(value),
    )
