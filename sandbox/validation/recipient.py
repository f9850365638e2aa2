"""To whom a message goes."""

from typing import Any

from sandbox.errors import GraphError, invalid, missing
from sandbox.ids import digits_of_phone
from sandbox.world.world import Channel

LONGEST_CALLBACK = 512


def check_envelope(body: dict[str, Any]) -> None:
    """What every message must say before anything else."""
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, "The parameter messaging_product is required.")
    if str(body.get("recipient_type", "individual")).lower() != "individual":
        raise GraphError(100, "Param recipient_type must be one of {INDIVIDUAL}.")
    callback = body.get("biz_opaque_callback_data")
    if callback is not None and (not isinstance(callback, str) or len(callback) > LONGEST_CALLBACK):
        raise GraphError(100, f"Param biz_opaque_callback_data must be at most {LONGEST_CALLBACK} characters.")


def recipient_of(body: dict[str, Any], channel: Channel) -> tuple[str, bool]:
    """The customer's key, and whether it was named by user id; `to` wins when both are given."""
    if body.get("to"):
        phone = digits_of_phone(body["to"])
        if phone is None:
            raise invalid("Parameter 'to' is not a phone number")
        if phone == channel.digits:
            raise GraphError(131021, "The sender and the recipient are the same phone number.")
        return phone, False
    if not body.get("recipient"):
        raise missing("to")
    user_id = str(body["recipient"])
    country, dot, rest = user_id.partition(".")
    if not (dot and len(country) == 2 and country.isupper() and rest.isalnum() and len(rest) <= 128):
        raise invalid("Parameter 'recipient' is not a business-scoped user id")
    return user_id, True
