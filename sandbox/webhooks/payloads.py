"""Webhook bodies in Meta's shapes, out of facts."""

import hashlib
import hmac
import json
import random
from typing import Any

from sandbox.errors import webhook_error
from sandbox.world.facts import AccountEvent, Customer, Fact, Incoming, Outgoing
from sandbox.world.world import Channel, World

Update = tuple[Fact, int]  # a fact and the step of it that is to be told

UNTIMED = ("messages", "user_preferences")  # fields whose entry brings no `time`


def body_of(updates: list[Update], account_id: str, world: World, failed_contacts_rate: float = 0.0) -> bytes:
    """One webhook post for many updates: statuses of a number share a value, as in Meta's batches.

    Meta leaves the contact out of failures, mostly: `failed_contacts_rate` of them bring it all the same.
    """
    entries: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    by_channel: dict[str, dict[str, Any]] = {}
    for fact, step in updates:
        if isinstance(fact, AccountEvent):
            time = {} if fact.field in UNTIMED else {"time": int(fact.at)}
            entries.append({"id": account_id, **time, "changes": [{"field": fact.field, "value": fact.value}]})
        elif isinstance(fact, Incoming):
            changes.append({"field": "messages", "value": _message_value(fact, world)})
        else:
            value = by_channel.setdefault(fact.channel_id, value_of(world.channels.get(fact.channel_id)))
            _add_status(value, fact, step, failed_contacts_rate)
    changes += ({"field": "messages", "value": value} for value in by_channel.values())
    if changes:
        entries.append({"id": account_id, "changes": changes})
    return serialise({"object": "whatsapp_business_account", "entry": entries})


def serialise(body: dict[str, Any]) -> bytes:
    """Meta's own spelling of JSON: non-ASCII and slashes escaped. Who re-serialises it before checking
    the signature finds out here."""
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/").encode()


def signature(body: bytes, app_secret: str) -> str:
    """The value of `X-Hub-Signature-256`."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def contact_of(customer: Customer) -> dict[str, Any]:
    """The item of `contacts[]`; without `wa_id` for a customer whose phone the business may not see."""
    return _contact(customer, customer.user_id, customer.shown_phone)


def value_of(channel: Channel | None) -> dict[str, Any]:
    """The beginning of every value that a number tells."""
    metadata = {"display_phone_number": channel.digits, "phone_number_id": channel.id} if channel else {}
    return {"messaging_product": "whatsapp", "metadata": metadata}


def _contact(customer: Customer, user_id: str, phone: str | None) -> dict[str, Any]:
    profile = {"name": customer.name} | ({"username": customer.username} if customer.username else {})
    contact: dict[str, Any] = {"profile": profile, "user_id": user_id}
    return contact | ({"wa_id": phone} if phone else {})


def _message_value(message: Incoming, world: World) -> dict[str, Any]:
    """Whoever wrote is named as they were known when they wrote; a system message names nobody."""
    value, body = value_of(world.channels.get(message.channel_id)), message.body
    if body["type"] != "system":
        value["contacts"] = [_contact(message.customer, body["from_user_id"], body.get("from"))]
    return value | {"messages": [body]}


def _add_status(value: dict[str, Any], message: Outgoing, step: int, failed_contacts_rate: float) -> None:
    status, _, code = message.steps[step].partition(":")
    value.setdefault("statuses", []).append(_status(message, step, status, code))
    if not code or random.random() < failed_contacts_rate:
        contact = contact_of(message.customer)
        contacts = value.setdefault("contacts", [])
        if contact not in contacts:
            contacts.append(contact)


def _status(message: Outgoing, step: int, status: str, code: str) -> dict[str, Any]:
    customer = message.customer
    item: dict[str, Any] = {
        "id": message.id,
        "status": status,
        "timestamp": str(int(message.due(step))),
        "recipient_user_id": customer.user_id,
    }
    if customer.shown_phone and not message.by_user_id:
        item["recipient_id"] = customer.shown_phone
    if message.callback is not None:
        item["biz_opaque_callback_data"] = message.callback
    if code:
        item["errors"] = [webhook_error(int(code))]
    elif _carries_price(message, status):
        kind = message.pricing_type
        item["pricing"] = {
            "billable": kind == "regular",
            "pricing_model": "PMP",
            "type": kind,
            "category": message.category,
        }
    return item


def _carries_price(message: Outgoing, status: str) -> bool:
    """On `sent`, and on whichever of `delivered` and `read` comes first."""
    return status in ("sent", "delivered") or "delivered" not in message.steps
