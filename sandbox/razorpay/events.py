"""Webhook bodies in Razorpay's shapes."""

import json
import time
from typing import Any

ACCOUNT = "acc_Sandbox0000001"


def event_body(event: str, link: dict[str, Any] | None, payment: dict[str, Any] | None) -> str:
    """The exact text to post. It is spaced and keeps non-ASCII as it is: who re-serialises it before checking the
    signature finds out here."""
    payload: dict[str, Any] = {}
    if link is not None:
        payload["payment_link"] = {"entity": _entity(link)}
    if link is not None and payment is not None:
        payload["order"] = {"entity": _order(link)}
    if payment is not None:
        payload["payment"] = {"entity": payment}
    body = {
        "entity": "event",
        "account_id": ACCOUNT,
        "event": event,
        "contains": list(payload),
        "payload": payload,
        "created_at": int(time.time()),
    }
    return json.dumps(body, ensure_ascii=False)


def _entity(link: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in link.items() if name != "payments"}


def _order(link: dict[str, Any]) -> dict[str, Any]:
    """The order behind a link. Razorpay leaves its id without the prefix that the payment's `order_id` has."""
    return {
        "id": link["order_id"].removeprefix("order_"),
        "entity": "order",
        "amount": link["amount"],
        "amount_paid": link["amount_paid"],
        "amount_due": link["amount"] - link["amount_paid"],
        "currency": link["currency"],
        "receipt": link["reference_id"],
        "status": "paid" if link["status"] == "paid" else "attempted",
        "attempts": max(1, len(link["payments"])),
        "notes": link["notes"] or [],
        "created_at": link["created_at"],
    }
