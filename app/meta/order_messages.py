"""An order to be paid in the chat (India), and news of how it goes on. Amounts are whole minor units (paise)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.meta.envelope import BadMessage, Payload, at_most, envelope, given, words
from app.meta.interactive import Header, interactive

OFFSET = 100
REFERENCE = re.compile(r"[A-Za-z0-9_.-]{1,35}")
GOODS = ("physical-goods", "digital-goods")
GATEWAYS = ("razorpay", "payu", "billdesk", "zaakpay")
STATUSES = ("pending", "processing", "partially_shipped", "shipped", "completed", "canceled")
MAX_ITEM_NAME, MAX_ITEMS, MAX_PICTURED_ITEMS = 60, 999, 10
MAX_DESCRIPTION = 120
MAX_RECEIPT = 40
SHORTEST_EXPIRY = timedelta(seconds=300)


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One line of an order; `amount` is for one piece. Without a catalog the law wants its origin and importer."""

    retailer_id: str
    name: str
    amount: int
    quantity: int
    sale_amount: int | None = None
    country_of_origin: str | None = None
    importer_name: str | None = None
    importer_address: Mapping[str, str] | None = None
    image_link: str | None = None

    @property
    def total(self) -> int:
        return (self.amount if self.sale_amount is None else self.sale_amount) * self.quantity


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """What is ordered and what it costs. `reference_id` is new for every message, also when one is sent again.

    `beneficiaries` are Meta's objects with the address that physical goods go to.
    """

    reference_id: str
    items: Sequence[OrderItem]
    catalog_id: str | None = None
    currency: str = "INR"
    goods: str = "physical-goods"
    tax: int = 0
    shipping: int = 0
    discount: int = 0
    beneficiaries: Sequence[Mapping[str, object]] = ()
    expires_at: datetime | None = None
    expiry_note: str = "The order was not paid in time."

    @property
    def subtotal(self) -> int:
        return sum(item.total for item in self.items)

    @property
    def total(self) -> int:
        return self.subtotal + self.tax + self.shipping - self.discount


def payment_link(uri: str) -> dict[str, object]:
    """Paid on the page behind a link; the gateway's own webhook tells of it."""
    if not uri.lower().startswith("https://"):
        raise BadMessage("payment", "The payment link begins with https://.")
    return {"type": "payment_link", "payment_link": {"uri": uri}}


def payment_gateway(
    gateway: str, configuration: str, *, receipt: str | None = None, notes: Mapping[str, str] | None = None
) -> dict[str, object]:
    """Paid inside WhatsApp through the payment configuration of this name at Meta."""
    if gateway not in GATEWAYS:
        raise BadMessage("payment", f"The payment gateway is one of {', '.join(GATEWAYS)}.")
    if receipt:
        words("receipt", "The receipt", receipt, MAX_RECEIPT)
    extra = given(receipt=receipt, notes=dict(notes) if notes else None)
    settings: dict[str, object] = {"type": gateway, "configuration_name": configuration}
    return {"type": "payment_gateway", "payment_gateway": settings | ({gateway: extra} if extra else {})}


def order_details_message(
    to: str | None,
    body: str,
    order: OrderDetails,
    payment: Mapping[str, object],
    callback_data: str,
    *,
    header: Header | None = None,
    footer: str | None = None,
    reply_to: str | None = None,
    recipient: str | None = None,
) -> Payload:
    """The body of an order with a button to pay; `payment` is a `payment_link` or a `payment_gateway`."""
    _check(order)
    parameters = {
        "reference_id": order.reference_id,
        "type": order.goods,
        "payment_type": "upi",
        "payment_settings": [payment],
        "currency": order.currency,
        "total_amount": _money(order.total),
        "order": _order(order),
    }
    if order.beneficiaries:
        parameters["beneficiaries"] = list(order.beneficiaries)
    content = interactive("order_details", {"name": "review_and_pay", "parameters": parameters}, body, header, footer)
    return envelope("interactive", content, to, callback_data, recipient, reply_to)


def order_status_message(
    to: str | None,
    body: str,
    reference_id: str,
    status: str,
    callback_data: str,
    *,
    description: str | None = None,
    footer: str | None = None,
    reply_to: str | None = None,
    recipient: str | None = None,
) -> Payload:
    """The body of news about the order sent as `reference_id`; completed and canceled are the end of it."""
    _check_reference(reference_id)
    if status not in STATUSES:
        raise BadMessage("status", f"The order's status is one of {', '.join(STATUSES)}.")
    if description:
        words("description", "The description", description, MAX_DESCRIPTION)
    parameters = {"reference_id": reference_id, "order": given(status=status, description=description)}
    action = {"name": "review_order", "parameters": parameters}
    content = interactive("order_status", action, body, None, footer)
    return envelope("interactive", content, to, callback_data, recipient, reply_to)


def _check(order: OrderDetails) -> None:
    _check_reference(order.reference_id)
    at_most("items", "Items of an order", len(order.items), MAX_ITEMS)
    if sum(bool(item.image_link) for item in order.items) and len(order.items) > MAX_PICTURED_ITEMS:
        raise BadMessage("items", f"With pictures of their own an order shows at most {MAX_PICTURED_ITEMS} items.")
    for item in order.items:
        _check_item(item, order.catalog_id)
    if order.goods not in GOODS:
        raise BadMessage("goods", f"The goods are one of {', '.join(GOODS)}.")
    if order.goods == "physical-goods" and order.shipping and not order.beneficiaries:
        raise BadMessage("beneficiaries", "Goods that are shipped need the address they go to.")
    if min(order.tax, order.shipping, order.discount) < 0 or order.total <= 0:
        raise BadMessage("total", "What is to be paid must be more than nothing.")
    if order.expires_at and order.expires_at - datetime.now(UTC) < SHORTEST_EXPIRY:
        raise BadMessage("expires_at", "An order can be paid for at least five minutes.")


def _check_reference(reference_id: str) -> None:
    if not REFERENCE.fullmatch(reference_id):
        sentence = "A reference has 1 to 35 letters, digits, dots, dashes and underscores."
        raise BadMessage("reference_id", sentence)


def _check_item(item: OrderItem, catalog_id: str | None) -> None:
    words("items", "An item's name", item.name, MAX_ITEM_NAME)
    if item.quantity < 1 or item.amount < 0 or (item.sale_amount or 0) < 0:
        raise BadMessage("items", f"{item.name} needs a price and a quantity of at least 1.")
    if not catalog_id and not (item.country_of_origin and item.importer_name and item.importer_address):
        sentence = f"Without a catalog {item.name} needs its country of origin and its importer's name and address."
        raise BadMessage("items", sentence)


def _order(order: OrderDetails) -> dict[str, object]:
    amounts = {"subtotal": order.subtotal, "tax": order.tax}
    amounts |= {name: value for name, value in (("shipping", order.shipping), ("discount", order.discount)) if value}
    return (
        {"status": "pending"}
        | given(catalog_id=order.catalog_id)
        | {"items": [_item(item) for item in order.items]}
        | {name: _money(value) for name, value in amounts.items()}
        | given(expiration=_expiration(order))
    )


def _item(item: OrderItem) -> dict[str, object]:
    return given(
        retailer_id=item.retailer_id,
        name=item.name,
        amount=_money(item.amount),
        sale_amount=None if item.sale_amount is None else _money(item.sale_amount),
        quantity=item.quantity,
        country_of_origin=item.country_of_origin,
        importer_name=item.importer_name,
        importer_address=dict(item.importer_address) if item.importer_address else None,
        image={"link": item.image_link} if item.image_link else None,
    )


def _expiration(order: OrderDetails) -> dict[str, object] | None:
    if order.expires_at is None:
        return None
    note = words("expiry_note", "The note on an order's end", order.expiry_note, MAX_DESCRIPTION)
    return {"timestamp": str(int(order.expires_at.timestamp())), "description": note}


def _money(value: int) -> dict[str, int]:
    return {"value": value, "offset": OFFSET}
