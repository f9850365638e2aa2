"""Outgoing messages: pure builders of the body, and `send`, the one call that makes a phone ring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.meta.errors import OutcomeUnknown
from app.meta.foreign import items, text
from app.meta.transport import Transport

MAX_CALLBACK_DATA = 512

Payload = dict[str, object]


@dataclass(frozen=True, slots=True)
class Accepted:
    """Meta took the message (which is not: delivered). `message_status` comes with templates only."""

    wamid: str
    wa_id: str | None
    user_id: str | None
    message_status: str | None


def template_message(
    to: str | None,
    template_name: str,
    language: str,
    components: Sequence[Mapping[str, object]],
    callback_data: str,
    recipient: str | None = None,
) -> Payload:
    """The body of a template message to a phone (`to`, E.164) or a user id (`recipient`)."""
    template: dict[str, object] = {"name": template_name, "language": {"code": language}}
    if components:
        template["components"] = list(components)
    return _message("template", template, to, callback_data, recipient)


def text_message(
    to: str | None,
    body: str,
    callback_data: str,
    reply_to: str | None = None,
    preview_url: bool = False,
    recipient: str | None = None,
) -> Payload:
    """The body of a free text, allowed for 24 hours after the customer wrote; `reply_to` is a wamid."""
    content = {"body": body, "preview_url": preview_url}
    return _message("text", content, to, callback_data, recipient, reply_to)


def _message(
    kind: str,
    content: Mapping[str, object],
    to: str | None,
    callback_data: str,
    recipient: str | None,
    reply_to: str | None = None,
) -> Payload:
    if not to and not recipient:
        raise ValueError("A message needs a phone number or a user id to go to.")
    if not callback_data or len(callback_data) > MAX_CALLBACK_DATA:
        raise ValueError(f"A message needs callback data of 1 to {MAX_CALLBACK_DATA} characters.")
    message: Payload = {"messaging_product": "whatsapp", "recipient_type": "individual"}
    if to:
        message["to"] = to
    if recipient:
        message["recipient"] = recipient
    if reply_to:
        message["context"] = {"message_id": reply_to}
    return message | {"type": kind, kind: content, "biz_opaque_callback_data": callback_data}


def send(transport: Transport, phone_number_id: str, payload: Mapping[str, object]) -> Accepted:
    """Send one message, once, without any retry.

    Raises MetaError (refused), NotSent (never left) or OutcomeUnknown (also for a 200 that names no message).
    """
    answer = transport.post(f"{phone_number_id}/messages", payload)
    message = next(items(answer.get("messages")), {})
    contact = next(items(answer.get("contacts")), {})
    wamid = text(message.get("id"))
    if wamid is None:
        raise OutcomeUnknown("an answer without a message id", 200)
    return Accepted(
        wamid,
        text(contact.get("wa_id")),
        text(contact.get("user_id")),
        text(message.get("message_status")),
    )
