"""Who a customer is to the business: number, user id, username; and whether they want to hear from it."""

import random
import string
import time
from typing import Any

from sandbox.announcements.announce import announce
from sandbox.ids import digits_of_phone
from sandbox.inbound.writing import BadInbound, write
from sandbox.stage import Stage
from sandbox.webhooks.payloads import contact_of, value_of
from sandbox.world.facts import Customer, Incoming

REASONS = {
    "stop": "User requested to stop marketing messages",
    "resume": "User requested to resume marketing messages",
}


def stop(customer: Customer, given: dict[str, Any], stage: Stage) -> None:
    """Stop marketing with WhatsApp's own switch; marketing messages fail with 131050 from now on."""
    _prefer("stop", customer, stage)


def resume(customer: Customer, given: dict[str, Any], stage: Stage) -> None:
    """Take marketing again with WhatsApp's own switch."""
    _prefer("resume", customer, stage)


def _prefer(value: str, customer: Customer, stage: Stage) -> None:
    stage.store.change_customer(customer, stopped_marketing=value == "stop")
    preference = {
        "user_id": customer.user_id,
        "detail": REASONS[value],
        "category": "marketing_messages",
        "value": value,
        "timestamp": int(time.time()),
    }
    if customer.shown_phone:
        preference = {"wa_id": customer.shown_phone} | preference
    told = value_of(stage.channel) | {"contacts": [contact_of(customer)], "user_preferences": [preference]}
    announce("user_preferences", told, stage)


def username_only(customer: Customer, given: dict[str, Any], stage: Stage) -> None:
    """`{username?}`: go by a username; webhooks no longer bring the phone."""
    usual = customer.username or customer.name.lower().replace(" ", ".") + customer.key[-3:]
    username = str(given.get("username") or usual).strip().removeprefix("@")
    stage.store.change_customer(customer, username=f"@{username}", hides_phone=True)


def show_phone(customer: Customer, given: dict[str, Any], stage: Stage) -> None:
    """Let webhooks bring the phone again."""
    if customer.phone is None:
        raise BadInbound("This customer never had a phone number here; only a user id.")
    stage.store.change_customer(customer, username=None, hides_phone=False)


def change_number(customer: Customer, given: dict[str, Any], stage: Stage) -> Incoming:
    """`{phone}`: move to another number, the conversation along; nobody answers at the old one."""
    phone = digits_of_phone(given.get("phone") or "")
    if phone is None:
        raise BadInbound("`phone` must be the new number with its country code.")
    if customer.phone is None or phone == customer.phone:
        raise BadInbound("Only a customer with a number can change it, and only to another one.")
    taken = stage.world.find_customer(phone)
    if taken is not None and taken.entries:
        raise BadInbound(f"+{phone} already has a conversation of its own.")
    old, old_id = customer.shown_phone, customer.user_id
    stage.store.change_customer(customer, phone=phone)
    news = {
        "body": f"User {customer.name} changed from {old or old_id} to {customer.shown_phone or customer.user_id}",
        "type": "user_changed_number",
        "user_id": customer.user_id,
        "previous_user_id": old_id,
    }
    news |= {"wa_id": phone} if customer.shown_phone else {}
    return _write_system(customer, news, old, stage)


def change_user_id(customer: Customer, given: dict[str, Any], stage: Stage) -> Incoming:
    """`{user_id?}`: get another business-scoped user id; everything else stays."""
    old = customer.user_id
    new = str(given.get("user_id") or f"IN.{''.join(random.choices(string.digits, k=21))}")
    if stage.world.find_customer(new) is not None:
        raise BadInbound(f"{new} is somebody already.")
    stage.store.change_customer(customer, given_user_id=new)
    body = f"User {customer.name} changed from {old} to {new}"
    news = {"body": body, "type": "user_changed_user_id", "user_id": new, "previous_user_id": old}
    return _write_system(customer, news, customer.shown_phone, stage)


def block(customer: Customer, given: dict[str, Any], stage: Stage) -> None:
    """Block the business: what it sends fails with 131026."""
    stage.store.change_customer(customer, has_blocked=True)


def unblock(customer: Customer, given: dict[str, Any], stage: Stage) -> None:
    """Let the business write again."""
    stage.store.change_customer(customer, has_blocked=False)


def rename(customer: Customer, given: dict[str, Any], stage: Stage) -> None:
    """`{name}`: another profile name."""
    name = str(given.get("name") or "").strip()
    if not name:
        raise BadInbound("`name` must be a text that is not empty.")
    stage.store.change_customer(customer, given_name=name)


def _write_system(customer: Customer, news: dict[str, Any], old_phone: str | None, stage: Stage) -> Incoming:
    """Meta speaks for the customer, from the number it was known by until now."""
    sender = {"from": old_phone} if old_phone else {}
    return write(customer, "system", news, sender, stage)
