"""Changing many products of a catalog at once: a batch is handed in, and asked after until Meta is done with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.meta.envelope import at_most
from app.meta.foreign import integer, items, sequence, text
from app.meta.transport import Transport

MAX_CHANGES = 5000
ADVISED_CHANGES = 3000
FINAL = ("finished", "canceled", "error")


@dataclass(frozen=True, slots=True)
class Change:
    """One product to CREATE, UPDATE or DELETE.

    `data` has Meta's names for batches: `id` is the SKU, then title, link, price as in "549.00 INR" …
    """

    method: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ItemMessage:
    """What Meta has to say of one product of a batch."""

    sku: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class BatchReceipt:
    """What became of handing in: without a `handle` nothing was queued at all."""

    handle: str | None
    errors: tuple[ItemMessage, ...]
    warnings: tuple[ItemMessage, ...]


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """How far Meta is. Finished does not mean that all were saved: `errors` and `invalid_skus` tell who was not.

    `status` is scheduled, dispatched, started, finished, canceled or error. Of many errors Meta lists a part;
    `error_count` counts them all.
    """

    handle: str
    status: str
    error_count: int
    errors: tuple[ItemMessage, ...]
    warnings: tuple[ItemMessage, ...]
    invalid_skus: tuple[str, ...]

    @property
    def is_final(self) -> bool:
        return self.status in FINAL


def send_batch(
    transport: Transport, catalog_id: str, changes: Sequence[Change], *, allow_upsert: bool = True
) -> BatchReceipt:
    """Hand in up to 5,000 changes. With `allow_upsert` an UPDATE of an unknown product creates it."""
    at_most("changes", "Changes in a batch", len(changes), MAX_CHANGES)
    body = {
        "item_type": "PRODUCT_ITEM",
        "allow_upsert": allow_upsert,
        "requests": [{"method": change.method, "data": dict(change.data)} for change in changes],
    }
    answer = transport.post(f"{catalog_id}/items_batch", body)
    handles = sequence(answer.get("handles"))
    told = list(items(answer.get("validation_status")))
    return BatchReceipt(
        text(handles[0]) if handles else None,
        tuple(_validations(told, "errors")),
        tuple(_validations(told, "warnings")),
    )


def read_batch(transport: Transport, catalog_id: str, handle: str) -> BatchStatus:
    """How far Meta is with the batch of this handle."""
    params = {"handle": handle, "load_ids_of_invalid_requests": "true"}
    node = next(transport.get_items(f"{catalog_id}/check_batch_request_status", params), {})
    return BatchStatus(
        text(node.get("handle")) or handle,
        (text(node.get("status")) or "unknown").lower(),
        integer(node.get("errors_total_count")) or 0,
        tuple(_messages(node.get("errors"))),
        tuple(_messages(node.get("warnings"))),
        tuple(filter(None, map(text, sequence(node.get("ids_of_invalid_requests"))))),
    )


def _validations(told: Sequence[Mapping[str, object]], kind: str) -> Iterator[ItemMessage]:
    for item in told:
        for message in items(item.get(kind)):
            yield ItemMessage(text(item.get("retailer_id")), text(message.get("message")) or "")


def _messages(listed: object) -> Iterator[ItemMessage]:
    for item in items(listed):
        yield ItemMessage(text(item.get("id")), text(item.get("message")) or "")
