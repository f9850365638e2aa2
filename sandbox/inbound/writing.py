"""One way in for everything a customer writes: the page, the control API, and customers acting by themselves."""

import time
from typing import Any

from sandbox.ids import new_message_id
from sandbox.stage import Stage
from sandbox.world.facts import Customer, Incoming, Outgoing


class BadInbound(ValueError):
    """An act that was refused; its text is the sentence for the person who asked for it."""


def write(customer: Customer, kind: str, content: Any, extras: dict[str, Any], stage: Stage) -> Incoming:
    """Record one message of a customer and tell it; the caller vouches for its shape. Raises BadInbound."""
    if customer.has_blocked:
        raise BadInbound("This customer has blocked the business; unblock first.")
    now = time.time()
    body = {"id": new_message_id(customer.key), "timestamp": str(int(now)), "type": kind}
    body |= {"from": customer.shown_phone} if customer.shown_phone else {}
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


def answering(message: Outgoing | Incoming, stage: Stage) -> dict[str, Any]:
    """The `context` of an answer to a message of either side."""
    sender = stage.channel.digits if isinstance(message, Outgoing) else message.customer.shown_phone
    context = {"id": message.id}
    return {"context": ({"from": sender} if sender else {}) | context}


def found(customer: Customer, message_id: str) -> Outgoing | Incoming | None:
    """The message of that id in the customer's conversation."""
    return next((entry for entry in reversed(customer.entries) if entry.id == message_id), None)
