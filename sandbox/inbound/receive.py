"""A customer's act as the control API brings it: in Meta's shape, or shorter."""

from typing import Any

from sandbox.acts import identity
from sandbox.ids import digits_of_phone
from sandbox.inbound.content import TYPES, UNREADABLE, complete, touchable
from sandbox.inbound.writing import BadInbound, answering, found, write
from sandbox.stage import Stage
from sandbox.world.facts import Customer, Incoming

SAMPLE_AD = {
    "source_url": "https://fb.me/3cr4Wqqkv",
    "source_id": "120226305854810726",
    "source_type": "ad",
    "headline": "Goa from ₹8,999",
    "body": "Three nights by the sea. Chat with us.",
    "media_type": "image",
    "image_url": "https://example.in/images/goa.jpg",
    "thumbnail_url": "https://example.in/images/goa-small.jpg",
    "ctwa_clid": "AfcKFY1w9ZvQ0bXn4xq",
    "welcome_message": {"text": "Hi! How can we help you?"},
}


def customer_named(given: dict[str, Any], stage: Stage) -> Customer:
    """The acting customer out of `{from?, user_id?, name?, username?}`. Raises BadInbound."""
    sender, user_id = given.get("from"), given.get("user_id") or given.get("from_user_id")
    if sender is None and not user_id:
        raise BadInbound("Say who writes: `from` (a phone with country code) or `user_id`.")
    phone = digits_of_phone(sender) if sender is not None else None
    if sender is not None and phone is None:
        raise BadInbound(f"`from` must be a phone number with its country code, not {sender!r}.")
    customer = stage.world.customer(phone or str(user_id))
    if given.get("name"):
        customer.given_name = str(given["name"])
    if given.get("username") and given["username"] != customer.username:
        stage.store.change_customer(customer, username=str(given["username"]))
    return customer


def receive(given: dict[str, Any], stage: Stage) -> Incoming:
    """A customer acts: opens the 24-hour window and is told to the webhook.

    `given` is `{from | user_id, name?, type, <type>: {…}, context?, referral?}` as in Meta's `messages[]`. Shorter:
    a bare text; media, location and contacts without content (a sample is sent); a bare emoji; a button or row by
    its title, `{"type": "button", "button": "Stop offers"}`; order items without price; `context` as a message id,
    or false for none; `"referral": true`. Raises BadInbound.
    """
    kind = given.get("type", "text")
    if kind == "system":
        return _system(given, stage)
    if kind not in TYPES:
        raise BadInbound(f"`type` must be one of {', '.join((*TYPES, 'system'))}.")
    _check_presence(kind, given)
    customer = customer_named(given, stage)
    if kind in ("button", "interactive") and isinstance(given[kind], str):
        message, (kind, content) = touchable(customer, given[kind], stage)
        given = given if "context" in given else given | answering(message, stage)
    else:
        content = complete(kind, given.get(kind), customer, stage)
    return write(customer, kind, content, _extras(kind, given, customer, stage), stage)


def _check_presence(kind: str, given: dict[str, Any]) -> None:
    if kind in ("text", "reaction", "button", "interactive", "order", "edit") and given.get(kind) is None:
        raise BadInbound(f"A message of type {kind} must bring `{kind}` as in Meta's messages.")


def _extras(kind: str, given: dict[str, Any], customer: Customer, stage: Stage) -> dict[str, Any]:
    extras: dict[str, Any] = {name: given[name] for name in ("errors", "identity") if name in given}
    if kind == "unsupported":
        extras.setdefault("errors", [UNREADABLE])
    if given.get("context"):
        extras |= _context(given["context"], customer, stage)
    if given.get("referral"):
        extras["referral"] = _referral(given["referral"])
    return extras


def _referral(given: Any) -> dict[str, Any]:
    if given is not True and not isinstance(given, dict):
        raise BadInbound("`referral` must be true for a sample ad, or an object as in Meta's messages.")
    return SAMPLE_AD if given is True else given


def _context(given: Any, customer: Customer, stage: Stage) -> dict[str, Any]:
    """A bare id is the message answered; an id of neither side stays as it is."""
    if not isinstance(given, str | dict):
        raise BadInbound("`context` must be a message id, or an object as in Meta's messages.")
    context = {"id": given} if isinstance(given, str) else given
    message = found(customer, str(context.get("id")))
    usual = answering(message, stage)["context"] if message else {}
    return {"context": usual | context}


def _system(given: dict[str, Any], stage: Stage) -> Incoming:
    system = given.get("system")
    kind = system.get("type") if isinstance(system, dict) else None
    customer = customer_named(given, stage)
    if isinstance(system, dict) and kind == "user_changed_number":
        return identity.change_number(customer, {"phone": system.get("wa_id")}, stage)
    if isinstance(system, dict) and kind == "user_changed_user_id":
        return identity.change_user_id(customer, {"user_id": system.get("user_id")}, stage)
    raise BadInbound("`system.type` must be user_changed_number (with `wa_id`) or user_changed_user_id.")
