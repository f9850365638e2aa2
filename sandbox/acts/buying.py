"""What a customer orders, pays and opens."""

import secrets
import time
from typing import Any

from sandbox.acts.answers import message_named, seen_by_customer
from sandbox.announcements.announce import announce
from sandbox.inbound.content import complete
from sandbox.inbound.writing import BadInbound, answering, write
from sandbox.razorpay import links
from sandbox.razorpay.errors import RazorpayError
from sandbox.seen.parts import Bill, Tappable
from sandbox.seen.shelf import whole_catalog
from sandbox.stage import Stage
from sandbox.webhooks.payloads import contact_of, value_of
from sandbox.world.facts import Customer, Incoming, Outgoing

OUTCOMES = {"captured": "success", "pending": "pending", "failed": "failed"}


def order(customer: Customer, given: dict[str, Any], stage: Stage) -> Incoming:
    """`{message?, items?, text?, from_profile?}`: order from a product message or the catalog.

    `items` is `{retailer id: quantity}` or a list as in Meta's `order`; without it, one of each product the message
    shows. `from_profile`: out of the catalog on the business's profile, in answer to no message.
    """
    if given.get("from_profile"):
        wish = {"product_items": _items(given.get("items") or {}), "text": given.get("text") or ""}
        return write(customer, "order", complete("order", wish, customer, stage), {}, stage)
    message = message_named(customer, given)
    seen = seen_by_customer(message, stage)
    products = seen.products or list(whole_catalog(stage.world) if seen.shows_catalog else ())
    wish = {"product_items": _items(given.get("items") or {one.retailer_id: 1 for one in products})}
    wish |= {"text": given.get("text") or "", "catalog_id": products[0].catalog_id if products else None}
    return write(customer, "order", complete("order", wish, customer, stage), answering(message, stage), stage)


def _items(given: Any) -> list[dict[str, Any]]:
    if isinstance(given, dict):
        given = [{"product_retailer_id": name, "quantity": _quantity(n)} for name, n in given.items()]
    if not isinstance(given, list) or not given:
        raise BadInbound("Nothing was chosen: `items` names no product, and the message shows none.")
    return given


def _quantity(given: Any) -> int:
    text = str(given).strip()
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) < 1000):
        raise BadInbound("Each quantity must be a whole number between 1 and 999.")
    return int(text)


def pay(customer: Customer, given: dict[str, Any], stage: Stage) -> None:
    """`{message?, amount?, outcome?}`: pay the bill of an order_details message. `amount` in minor units pays a part
    of a payment link; `outcome` is captured, pending or failed, for a payment inside WhatsApp."""
    message = message_named(customer, given)
    bill = seen_by_customer(message, stage).bill
    if bill is None:
        raise BadInbound("The message asks for no payment.")
    if bill.way == "payment_link":
        _pay_link(bill.uri, given, stage)
    else:
        _pay_inside(message, bill, str(given.get("outcome") or "captured"), stage)


def _pay_link(uri: str, given: dict[str, Any], stage: Stage) -> None:
    link = link_behind(uri, stage)
    if link is None:
        raise BadInbound(f"{uri} is no payment link of this sandbox.")
    amount = str(given.get("amount") or "").strip()
    if amount and not (amount.isascii() and amount.isdigit()):
        raise BadInbound("`amount` must be a whole number of minor units.")
    try:
        if given.get("outcome") == "failed":
            links.fail(link["id"], stage)
        else:
            links.pay(link["id"], stage, int(amount) if amount else None)
    except RazorpayError as refusal:
        raise BadInbound(str(refusal)) from None


def link_behind(uri: str, stage: Stage) -> dict[str, Any] | None:
    """The sandbox's own payment link of that address."""
    return next((one for one in stage.world.payments.links.values() if one["short_url"] == uri), None)


def _pay_inside(message: Outgoing, bill: Bill, outcome: str, stage: Stage) -> None:
    if outcome not in OUTCOMES:
        raise BadInbound(f"`outcome` must be one of {', '.join(OUTCOMES)}.")
    customer = message.customer
    if bill.reference_id in stage.world.paid_orders:
        raise BadInbound(f"{bill.reference_id} is already paid.")
    if outcome == "captured":
        stage.world.paid_orders[bill.reference_id] = int(bill.total.get("value") or 0)
        stage.store.changed()
    status: dict[str, Any] = {
        "id": message.id,
        "type": "payment",
        "status": outcome,
        "timestamp": str(int(time.time())),
    }
    status |= {"recipient_user_id": customer.user_id}
    status |= {"recipient_id": customer.shown_phone} if customer.shown_phone else {}
    told = value_of(stage.channel) | {"contacts": [contact_of(customer)]}
    announce("messages", told | {"statuses": [status | {"payment": _payment(bill, outcome)}]}, stage)


def _payment(bill: Bill, outcome: str) -> dict[str, Any]:
    now = int(time.time())
    transaction: dict[str, Any] = {
        "id": f"order_{secrets.token_hex(7)}",
        "pg_transaction_id": f"pay_{secrets.token_hex(7)}",
        "type": "razorpay",
        "status": OUTCOMES[outcome],
        "created_timestamp": now,
        "updated_timestamp": now,
        "method": {"type": "upi"},
    }
    if outcome == "failed":
        transaction["error"] = {"code": "BAD_REQUEST_ERROR", "reason": "payment_declined"}
    return {
        "reference_id": bill.reference_id,
        "amount": bill.total,
        "currency": bill.currency,
        "transaction": transaction,
    }


def click(customer: Customer, given: dict[str, Any], stage: Stage) -> dict[str, Any]:
    """`{message?, title? | place?}`: open the link of a message. Meta tells of it only for marketing messages sent
    through their own endpoint; the answer says whether it did."""
    message = message_named(customer, given)
    link = _link(message, given, stage)
    if message.category == "marketing_lite":
        action = {
            "timestamp": str(int(time.time())),
            "action_type": "marketing_messages_link_click",
            "marketing_messages_link_click_data": {
                "click_id": secrets.token_hex(16),
                "tracking_token": secrets.token_urlsafe(16),
                "click_component": "CTA",
            },
        }
        told = value_of(stage.channel) | {"contacts": [contact_of(customer)], "user_actions": [action]}
        announce("messages", told, stage)
    return {"told": message.category == "marketing_lite", "target": link.target}


def _link(message: Outgoing, given: dict[str, Any], stage: Stage) -> Tappable:
    for place, one in enumerate(seen_by_customer(message, stage).touchables):
        is_meant = str(given.get("place") or place) == str(place) and given.get("title", one.title) == one.title
        if one.leads_out and is_meant:
            return one
    raise BadInbound("The message has no such link.")
