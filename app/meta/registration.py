"""Taking a phone number into use for sending, and out of it."""

import re

from app.meta.envelope import BadMessage
from app.meta.outcome import require_success
from app.meta.transport import Transport

PIN = re.compile(r"[0-9]{6}")


def register_phone_number(transport: Transport, phone_number_id: str, pin: str) -> None:
    """Register the number with its two-step PIN of six digits; Meta allows ten tries in 72 hours."""
    if not PIN.fullmatch(pin):
        raise BadMessage("pin", "The PIN has six digits.")
    require_success(transport.post(f"{phone_number_id}/register", {"messaging_product": "whatsapp", "pin": pin}))


def deregister_phone_number(transport: Transport, phone_number_id: str) -> None:
    """Take the number out of use here."""
    require_success(transport.post(f"{phone_number_id}/deregister", {"messaging_product": "whatsapp"}))
