"""Outgoing templates and texts: pure builders of the body, and `send`, the one call that makes a phone ring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.meta.envelope import MAX_CALLBACK_DATA, BadMessage, Payload, envelope, given, words
from app.meta.errors import OutcomeUnknown
from app.meta.foreign import items, text
from app.meta.transport import Transport

__all__ = [
    "MAX_CALLBACK_DATA",
    "Accepted",
    "BadMessage",
    "Payload",
    "marketing",
    "send",
    "template_message",
    "text_message",
]

MAX_TEXT = 4096
PRODUCT_POLICIES = ("CLOUD_API_FALLBACK", "STRICT")


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
    reply_to: str | None = None,
) -> Payload:
    """The body of a template message to a phone (`to`, E.164) or a user id (`recipient`)."""
    template: dict[str, object] = {"name": template_name, "language": {"code": language}}
    if components:
        template["components"] = list(components)
    return envelope("template", template, to, callback_data, recipient, reply_to)


def text_message(
    to: str | None,
    body: str,
    callback_data: str,
    reply_to: str | None = None,
    preview_url: bool = False,
    recipient: str | None = None,
) -> Payload:
    """The body of a free text, allowed for 24 hours after the customer wrote; `reply_to` is a wamid."""
    content = {"body": words("body", "The text", body, MAX_TEXT), "preview_url": preview_url}
    return envelope("text", content, to, callback_data, recipient, reply_to)


def marketing(
    payload: Mapping[str, object], product_policy: str | None = None, message_activity_sharing: bool | None = None
) -> Payload:
    """A template message with the wishes that only the marketing service knows (`send(…, marketing_service=True)`).

    `product_policy` CLOUD_API_FALLBACK lets Meta send it the usual way where the service cannot; STRICT does not.
    """
    if payload.get("type") != "template":
        raise BadMessage("type", "The marketing service carries templates only.")
    if product_policy not in (None, *PRODUCT_POLICIES):
        raise BadMessage("product_policy", f"The product policy is one of {' and '.join(PRODUCT_POLICIES)}.")
    return {**payload, **given(product_policy=product_policy, message_activity_sharing=message_activity_sharing)}


def send(
    transport: Transport, phone_number_id: str, payload: Mapping[str, object], *, marketing_service: bool = False
) -> Accepted:
    """Send one message, once, without any retry; `marketing_service` chooses Meta's other door for it.

    Raises MetaError (refused), NotSent (never left) or OutcomeUnknown (also for a 200 that names no message).
    """
    door = "marketing_messages" if marketing_service else "messages"
    answer = transport.post(f"{phone_number_id}/{door}", payload)
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
