"""What a customer does: writes, taps a button, orders. One way in for the page, the control API and the
customers who act by themselves."""

import time
from typing import Any

from sandbox.ids import digits_of_phone, new_message_id
from sandbox.stage import Stage
from sandbox.world.facts import Customer, Incoming

# Message types with the object each must bring, as in Meta's `messages[]`.
TYPES = (
    "text", "image", "video", "audio", "document", "sticker", "location", "contacts", "reaction",
    "button", "interactive", "order", "system", "unsupported",
)  # fmt: skip


class BadInbound(ValueError):
    """An act that was refused; its text is the sentence for the person who asked for it."""


def customer_named(given: dict[str, Any], stage: Stage) -> Customer:
    """The acting customer out of `{from?, user_id?, name?}`."""
    sender, user_id = given.get("from"), given.get("user_id")
    if sender is None and not user_id:
        raise BadInbound("Say who writes: `from` (a phone with country code) or `user_id`.")
    phone = digits_of_phone(sender) if sender is not None else None
    if sender is not None and phone is None:
        raise BadInbound(f"`from` must be a phone number with its country code, not {sender!r}.")
    customer = stage.world.customer(phone or str(user_id))
    if given.get("name"):
        customer.given_name = str(given["name"])
    return customer


def receive(given: dict[str, Any], stage: Stage) -> Incoming:
    """A customer acts: opens the 24-hour window and is told to the webhook.

    `given` is `{from | user_id, name?, type, <type>: {…}, context?}` as in Meta's `messages[]`; a text may
    be given as a bare string. Raises BadInbound.
    """
    kind = given.get("type", "text")
    if kind not in TYPES:
        raise BadInbound(f"`type` must be one of {', '.join(TYPES)}.")
    content = given.get(kind)
    if kind == "text" and isinstance(content, str):
        content = {"body": content}
    if not isinstance(content, dict | list) and kind != "unsupported":
        raise BadInbound(f"A message of type {kind} must bring `{kind}` as in Meta's messages.")
    _check_words(kind, content)
    extras: dict[str, Any] = {name: given[name] for name in ("context", "referral", "errors") if name in given}
    return write(customer_named(given, stage), kind, content, extras, stage)


def write(customer: Customer, kind: str, content: Any, extras: dict[str, Any], stage: Stage) -> Incoming:
    """Record one message of a customer; the caller vouches for its shape."""
    now = time.time()
    body = {"id": new_message_id(customer.key), "timestamp": str(int(now)), "type": kind}
    body |= {"from": customer.phone} if customer.phone else {}
    body |= {"from_user_id": customer.user_id, kind: content} | extras
    line = {
        "k": "in",
        "id": body["id"],
        "customer": customer.key,
        "name": customer.given_name,
        "channel": stage.channel.id,
        "at": now,
        "body": body,
    }
    message = stage.store.record(line)
    assert isinstance(message, Incoming)
    stage.postman.put((message, 0))
    return message


def _check_words(kind: str, content: Any) -> None:
    if kind == "text" and not (isinstance(content.get("body"), str) and content["body"]):
        raise BadInbound("`text.body` must be a text that is not empty.")
