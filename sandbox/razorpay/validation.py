"""Whether a payment link keeps Razorpay's rules."""

import time
from typing import Any

from sandbox.razorpay.errors import RazorpayError
from sandbox.world.payments import Payments

CHANGEABLE = ("accept_partial", "reference_id", "expire_by", "notes", "reminder_enable")
PARAMETERS = (
    *CHANGEABLE,
    "amount", "currency", "first_min_partial_amount", "description", "customer", "notify", "callback_url",
    "callback_method", "upi_link", "whatsapp_link", "options",
)  # fmt: skip
FLAGS = ("accept_partial", "reminder_enable", "upi_link", "whatsapp_link")
LEAST_AMOUNT = 100  # minor units
LONGEST = {"reference_id": 40, "description": 2048, "callback_url": 2048}
MOST_NOTES, LONGEST_NOTE = 15, 256
SOONEST_EXPIRY = 15 * 60
LATEST_EXPIRY = 184 * 24 * 3600  # six months


def check_new(given: dict[str, Any], payments: Payments) -> None:
    """Refuse a new link that Razorpay would refuse."""
    _check_known(given, PARAMETERS)
    _check_amounts(given)
    currency = given.get("currency", "INR")
    if not (isinstance(currency, str) and len(currency) == 3 and currency.isalpha() and currency.isupper()):
        raise RazorpayError("The currency is not supported.", "currency")
    for name in ("customer", "notify", "options"):
        if not isinstance(given.get(name, {}), dict):
            raise RazorpayError(f"The {name} must be an object.", name)
    if given.get("upi_link"):
        raise RazorpayError("UPI Payment Links is not supported in Test Mode", "upi_link")
    _check_callback(given)
    _check_common(given, payments)


def check_change(given: dict[str, Any], link: dict[str, Any], payments: Payments) -> None:
    """Refuse a change that Razorpay would refuse."""
    _check_known(given, CHANGEABLE)
    if link["status"] not in ("created", "partially_paid"):
        raise RazorpayError(f"Payment link cannot be edited as it is already {link['status']}")
    if given.get("reference_id") == link["reference_id"]:
        given = {name: value for name, value in given.items() if name != "reference_id"}
    _check_common(given, payments)


def _check_known(given: dict[str, Any], known: tuple[str, ...]) -> None:
    for name in given:
        if name not in known:
            raise RazorpayError(f"{name} is/are not required and should not be sent", name)


def _check_amounts(given: dict[str, Any]) -> None:
    amount = _whole("amount", given.get("amount"))
    if amount < LEAST_AMOUNT:
        raise RazorpayError(f"The amount must be at least {given.get('currency', 'INR')} 1.00", "amount")
    if given.get("first_min_partial_amount") is None:
        return
    first = _whole("first_min_partial_amount", given["first_min_partial_amount"])
    if not given.get("accept_partial") or not LEAST_AMOUNT <= first < amount:
        details = "first_min_partial_amount must be less than the amount of a link that accepts partial payments"
        raise RazorpayError(details, "first_min_partial_amount")


def _check_callback(given: dict[str, Any]) -> None:
    url, method = given.get("callback_url"), given.get("callback_method")
    if method is not None and (method != "get" or not url):
        raise RazorpayError("The callback method must be get, with a callback url.", "callback_method")
    if url and not str(url).startswith(("http://", "https://")):
        raise RazorpayError("The callback url format is invalid.", "callback_url")


def _check_common(given: dict[str, Any], payments: Payments) -> None:
    for name, longest in LONGEST.items():
        text = given.get(name)
        if text is not None and not isinstance(text, str):
            raise RazorpayError(f"The {name} must be a string.", name)
        if text and len(text) > longest:
            raise RazorpayError(f"The {name} may not be greater than {longest} characters.", name)
    for name in FLAGS:
        if not isinstance(given.get(name, False), bool):
            raise RazorpayError(f"The {name} field must be true or false.", name)
    _check_notes(given.get("notes"))
    _check_expiry(given.get("expire_by"))
    reference = given.get("reference_id")
    if reference and payments.of_reference(reference):
        raise RazorpayError(f"Payment link with reference ID already attempted: {reference}", "reference_id")


def _check_notes(notes: Any) -> None:
    if notes in (None, []):
        return
    if not isinstance(notes, dict) or len(notes) > MOST_NOTES:
        raise RazorpayError(f"The notes must be an object of at most {MOST_NOTES} pairs.", "notes")
    if any(len(str(text)) > LONGEST_NOTE for text in (*notes, *notes.values())):
        raise RazorpayError(f"A note may not be greater than {LONGEST_NOTE} characters.", "notes")


def _check_expiry(moment: Any) -> None:
    if moment in (None, 0):
        return
    ahead = _whole("expire_by", moment) - time.time()
    if ahead < SOONEST_EXPIRY:
        raise RazorpayError("expire_by should be at least 15 minutes after current time", "expire_by")
    if ahead > LATEST_EXPIRY:
        raise RazorpayError("expire_by should be at most 6 months after current time", "expire_by")


def _whole(name: str, value: Any) -> int:
    if value is None:
        raise RazorpayError(f"The {name} field is required.", name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise RazorpayError(f"The {name} must be an integer.", name)
    return value
