"""Payment links: made, changed, paid, cancelled, expired. Every change that Razorpay tells is told."""

import hashlib
import hmac
import random
import string
import time
from typing import Any
from urllib.parse import urlencode

from sandbox.razorpay.errors import RazorpayError
from sandbox.razorpay.events import event_body
from sandbox.razorpay.validation import check_change, check_new
from sandbox.stage import Stage

METHODS = ("upi", "card", "netbanking", "wallet")
_LETTERS = string.ascii_letters + string.digits


def create(given: dict[str, Any], base: str, stage: Stage) -> dict[str, Any]:
    """A new link; `base` is the address its short URL leads to. Raises RazorpayError."""
    check_new(given, stage.world.payments)
    now, new_id = int(time.time()), _new_id("plink")
    link = {
        "id": new_id,
        "accept_partial": bool(given.get("accept_partial", False)),
        "amount": given["amount"],
        "amount_paid": 0,
        "callback_method": given.get("callback_method") or ("get" if given.get("callback_url") else ""),
        "callback_url": given.get("callback_url") or "",
        "cancelled_at": 0,
        "created_at": now,
        "currency": given.get("currency", "INR"),
        "customer": given.get("customer", {}),
        "description": given.get("description") or "",
        "expire_by": given.get("expire_by") or 0,
        "expired_at": 0,
        "first_min_partial_amount": given.get("first_min_partial_amount") or 0,
        "notes": given.get("notes") or None,
        "notify": given.get("notify") or {"email": False, "sms": False, "whatsapp": False},
        "order_id": _new_id("order"),
        "payments": [],
        "reference_id": given.get("reference_id") or "",
        "reminder_enable": bool(given.get("reminder_enable", False)),
        "reminders": [],
        "short_url": f"{base}/rzp/{new_id}",
        "status": "created",
        "updated_at": now,
        "upi_link": False,
        "user_id": "",
        "whatsapp_link": bool(given.get("whatsapp_link", False)),
    }
    return _keep(link, stage)


def link_of(link_id: str, stage: Stage) -> dict[str, Any]:
    """The link of an id. Raises RazorpayError."""
    link = stage.world.payments.links.get(link_id)
    if link is None:
        raise RazorpayError("The id provided does not exist")
    return link


def change(link_id: str, given: dict[str, Any], stage: Stage) -> dict[str, Any]:
    """Another reference, expiry, notes or habit of a link that is still open. Raises RazorpayError."""
    link = link_of(link_id, stage)
    check_change(given, link, stage.world.payments)
    return _keep(link | given, stage)


def cancel(link_id: str, stage: Stage) -> dict[str, Any]:
    """Cancel a link nobody paid anything on; told. Raises RazorpayError."""
    link = link_of(link_id, stage)
    if link["status"] != "created":
        raise RazorpayError(f"Payment link cannot be cancelled as it is already {link['status']}")
    link = _keep(link | {"status": "cancelled", "cancelled_at": int(time.time())}, stage)
    _tell("payment_link.cancelled", link, None, stage)
    return link


def pay(link_id: str, stage: Stage, amount: int | None = None, method: str = "upi") -> dict[str, Any]:
    """A customer pays: all that is owed, or `amount` minor units of it; told. The link as it is then.

    Raises RazorpayError when the link is not open, or when it does not take that amount.
    """
    link = _open_link(link_id, stage)
    owed = link["amount"] - link["amount_paid"]
    amount = owed if amount is None else amount
    _check_payment(link, amount, owed)
    payment = _payment(link, amount, method, "captured")
    paid = link["amount_paid"] + amount
    status = "paid" if paid == link["amount"] else "partially_paid"
    entry = {name: payment[name] for name in ("amount", "created_at", "method", "status")}
    entry |= {"payment_id": payment["id"], "plink_id": link_id, "updated_at": payment["created_at"]}
    link = link | {"amount_paid": paid, "status": status, "payments": [*link["payments"], entry]}
    link = _keep(link, stage)
    _tell(f"payment_link.{status}", link, payment, stage)
    return link


def fail(link_id: str, stage: Stage, method: str = "upi") -> dict[str, Any]:
    """A customer's payment fails: told as a failed payment; the link stays open. Raises RazorpayError."""
    link = _open_link(link_id, stage)
    payment = _payment(link, link["amount"] - link["amount_paid"], method, "failed")
    payment |= {
        "error_code": "BAD_REQUEST_ERROR",
        "error_description": "Payment was declined by the bank.",
        "error_source": "bank",
        "error_step": "payment_authorization",
        "error_reason": "payment_failed",
    }
    _tell("payment.failed", None, payment, stage)
    return link


def callback_of(link: dict[str, Any], stage: Stage) -> str | None:
    """Where the payer's browser is sent after the last payment, signed; None when the link asks for nothing."""
    if not link["callback_url"] or not link["payments"]:
        return None
    payment_id = link["payments"][-1]["payment_id"]
    signed = f"{link['id']}|{link['reference_id']}|{link['status']}|{payment_id}"
    secret = stage.settings.razorpay_key_secret.encode()
    parameters = {
        "razorpay_payment_id": payment_id,
        "razorpay_payment_link_id": link["id"],
        "razorpay_payment_link_reference_id": link["reference_id"],
        "razorpay_payment_link_status": link["status"],
        "razorpay_signature": hmac.new(secret, signed.encode(), hashlib.sha256).hexdigest(),
    }
    joint = "&" if "?" in link["callback_url"] else "?"
    return f"{link['callback_url']}{joint}{urlencode(parameters)}"


def resume_expiries(stage: Stage) -> None:
    """After a restart: links expire when they were to."""
    for link in stage.world.payments.links.values():
        _plan_expiry(link, stage)


def _open_link(link_id: str, stage: Stage) -> dict[str, Any]:
    link = link_of(link_id, stage)
    if link["status"] not in ("created", "partially_paid"):
        raise RazorpayError(f"This payment link is already {link['status']}.")
    return link


def _check_payment(link: dict[str, Any], amount: int, owed: int) -> None:
    if amount == owed:
        return
    if not link["accept_partial"]:
        raise RazorpayError("This payment link does not accept partial payments.", "amount")
    least = 1 if link["payments"] else max(1, link["first_min_partial_amount"])
    if not least <= amount <= owed:
        raise RazorpayError(f"The amount must be between {least} and {owed}.", "amount")


def _payment(link: dict[str, Any], amount: int, method: str, status: str) -> dict[str, Any]:
    customer = link["customer"]
    return {
        "id": _new_id("pay"),
        "entity": "payment",
        "amount": amount,
        "currency": link["currency"],
        "status": status,
        "order_id": link["order_id"],
        "invoice_id": None,
        "international": False,
        "method": method,
        "amount_refunded": 0,
        "refund_status": None,
        "captured": status == "captured",
        "description": f"#{link['id'].removeprefix('plink_')}",
        "email": customer.get("email") or "void@razorpay.com",
        "contact": customer.get("contact") or "+919900000000",
        "notes": link["notes"] or [],
        "vpa": "customer@upi" if method == "upi" else None,
        "fee": round(amount * 0.0236),
        "tax": round(amount * 0.0036),
        "error_code": None,
        "error_description": None,
        "created_at": int(time.time()),
    }


def _keep(link: dict[str, Any], stage: Stage) -> dict[str, Any]:
    link = link | {"updated_at": int(time.time())}
    stage.world.payments.links[link["id"]] = link
    stage.store.payments.changed()
    _plan_expiry(link, stage)
    return link


def _plan_expiry(link: dict[str, Any], stage: Stage) -> None:
    if link["expire_by"] and link["status"] in ("created", "partially_paid"):
        stage.agenda.at(link["expire_by"], _expire, link["id"], link["expire_by"], stage)


def _expire(link_id: str, moment: int, stage: Stage) -> None:
    link = stage.world.payments.links.get(link_id)
    is_due = link is not None and link["expire_by"] == moment and link["status"] in ("created", "partially_paid")
    if link is None or not is_due:
        return
    link = _keep(link | {"status": "expired", "expired_at": moment}, stage)
    _tell("payment_link.expired", link, None, stage)


def _tell(event: str, link: dict[str, Any] | None, payment: dict[str, Any] | None, stage: Stage) -> None:
    stage.courier.send(_new_id("evt"), event_body(event, link, payment))


def _new_id(kind: str) -> str:
    return f"{kind}_" + "".join(random.choices(_LETTERS, k=14))
