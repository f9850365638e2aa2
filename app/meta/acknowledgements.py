"""Answers without words: a reaction to a customer's message, and the blue ticks under it."""

from app.meta.envelope import BadMessage, Payload, envelope
from app.meta.transport import Transport


def reaction_message(
    to: str | None, wamid: str, emoji: str, callback_data: str, *, recipient: str | None = None
) -> Payload:
    """The body of a reaction to the message `wamid`; an empty emoji takes an earlier reaction back."""
    if not wamid:
        raise BadMessage("message_id", "A reaction needs the message it belongs to.")
    return envelope("reaction", {"message_id": wamid, "emoji": emoji}, to, callback_data, recipient)


def read_receipt(wamid: str, *, typing: bool = False) -> Payload:
    """The body that marks a customer's message as read; `typing` shows for up to 25 s that an answer is coming."""
    receipt: Payload = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
    return receipt | {"typing_indicator": {"type": "text"}} if typing else receipt


def mark_read(transport: Transport, phone_number_id: str, wamid: str, *, typing: bool = False) -> None:
    """Show the customer that the message `wamid`, and all before it, was read."""
    transport.post(f"{phone_number_id}/messages", read_receipt(wamid, typing=typing))
