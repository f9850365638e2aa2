"""The phone number node and the account's list of numbers; registration, and the number's shop window."""

import re
import time
from typing import Any

from sandbox.errors import TITLES, GraphError
from sandbox.graph.call import Call
from sandbox.graph.fields import project
from sandbox.graph.known_fields import PHONE_NUMBER
from sandbox.graph.lists import switch_of
from sandbox.limits import HOUR
from sandbox.stage import Stage
from sandbox.world.world import Channel

USUAL = ("verified_name", "code_verification_status", "display_phone_number", "quality_rating", "id")
PIN = re.compile(r"[0-9]{6}")
MOST_PIN_TRIES, PIN_HOURS = 10, 72
SWITCHES = ("is_cart_enabled", "is_catalog_visible")
TIERS = ((250, "TIER_250"), (2_000, "TIER_2K"), (10_000, "TIER_10K"), (100_000, "TIER_100K"))


async def show(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{phone number id}."""
    return _shown(stage, stage.world.channels[node], call)


async def listing(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{account id}/phone_numbers."""
    shown = [_shown(stage, channel, call) for channel in stage.world.channels.values()]
    cursors = {"before": "MAZ", "after": "MAZ"}
    return {"data": shown, "paging": {"cursors": cursors}}


async def register(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """POST /{phone number id}/register: with the PIN, or setting it the first time."""
    channel, pin = stage.world.channels[node], str(call.params.get("pin", ""))
    if call.params.get("messaging_product") != "whatsapp":
        raise GraphError(100, message="(#100) The parameter messaging_product is required.")
    if not PIN.fullmatch(pin):
        raise GraphError(100, "Param pin must have six digits.")
    since = time.time() - PIN_HOURS * HOUR
    if sum(tried_at > since for tried_at in channel.wrong_pins) >= MOST_PIN_TRIES:
        raise GraphError(133016)
    if channel.pin not in (None, pin):
        channel.wrong_pins = [*channel.wrong_pins, time.time()]
        stage.store.changed()
        raise GraphError(133005)
    channel.pin, channel.status, channel.wrong_pins = pin, "CONNECTED", []
    stage.store.changed()
    return {"success": True}


async def deregister(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """POST /{phone number id}/deregister: nothing is sent from this number any more."""
    stage.world.channels[node].status = "DISCONNECTED"
    stage.store.changed()
    return {"success": True}


async def shop_window(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{phone number id}/whatsapp_commerce_settings."""
    channel = stage.world.channels[node]
    return {"data": [{name: getattr(channel, name) for name in SWITCHES} | {"id": node}]}


async def dress_window(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """POST /{phone number id}/whatsapp_commerce_settings."""
    channel = stage.world.channels[node]
    for name in SWITCHES:
        if name in call.params:
            setattr(channel, name, switch_of(name, call.params[name]))
    stage.store.changed()
    return {"success": True}


def _shown(stage: Stage, channel: Channel, call: Call) -> dict[str, Any]:
    return project(_node(stage, channel), call.params.get("fields"), USUAL, PHONE_NUMBER, "WhatsAppBusinessPhoneNumber")


def _node(stage: Stage, channel: Channel) -> dict[str, Any]:
    return {
        "id": channel.id,
        "display_phone_number": channel.display_phone_number,
        "verified_name": channel.verified_name,
        "quality_rating": channel.quality_rating,
        "quality_score": {"score": channel.quality_rating},
        "status": channel.status,
        "name_status": channel.name_status,
        "code_verification_status": "VERIFIED",
        "platform_type": "CLOUD_API",
        "account_mode": "LIVE",
        "country_code": "IN",
        "throughput": {"level": channel.throughput_level},
        "whatsapp_business_manager_messaging_limit": tier_of(stage.tuning.messaging_limit),
        "is_pin_enabled": channel.pin is not None,
        "is_preverified_number": False,
        "health_status": health_of(stage, "PHONE_NUMBER", channel.id),
        "webhook_configuration": {"application": stage.tuning.webhooks.url},
    }


def tier_of(limit: int) -> str:
    """The smallest of Meta's tiers that holds a limit; 0 is unlimited."""
    fitting = (tier for most, tier in TIERS if 0 < limit <= most)
    return next(fitting, "TIER_UNLIMITED")


def health_of(stage: Stage, kind: str, node: str) -> dict[str, Any]:
    """Whether messages can be sent, and by what that is decided: a number is as well as its account."""
    account: dict[str, Any] = {"entity_type": "WABA", "id": stage.settings.account_id, "can_send_message": "AVAILABLE"}
    if code := stage.world.account.refuses(time.time()):
        problem = {
            "error_code": code,
            "error_description": TITLES[code][1],
            "possible_solution": "Ask Meta for a review.",
        }
        account |= {"can_send_message": "BLOCKED", "errors": [problem]}
    number = {"entity_type": kind, "id": node, "can_send_message": "AVAILABLE"}
    entities = [account] if kind == "WABA" else [number, account]
    return {"can_send_message": account["can_send_message"], "entities": entities}
