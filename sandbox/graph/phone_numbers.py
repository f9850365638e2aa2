"""The phone number node and the account's list of numbers."""

from typing import Any

from sandbox.graph.call import Call
from sandbox.graph.fields import project
from sandbox.stage import Stage
from sandbox.world.world import Channel

USUAL = ("verified_name", "code_verification_status", "display_phone_number", "quality_rating", "id")
KNOWN = ("username", "is_official_business_account", "last_onboarded_time", "certificate", "new_name_status")
TIERS = ((250, "TIER_250"), (2_000, "TIER_2K"), (10_000, "TIER_10K"), (100_000, "TIER_100K"))


async def show(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{phone number id}."""
    return _shown(stage, stage.world.channels[node], call)


async def listing(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{account id}/phone_numbers."""
    shown = [_shown(stage, channel, call) for channel in stage.world.channels.values()]
    cursors = {"before": "MAZ", "after": "MAZ"}
    return {"data": shown, "paging": {"cursors": cursors}}


def _shown(stage: Stage, channel: Channel, call: Call) -> dict[str, Any]:
    return project(_node(stage, channel), call.params.get("fields"), USUAL, KNOWN, "WhatsAppBusinessPhoneNumber")


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
        "health_status": health_of(stage, "PHONE_NUMBER", channel.id),
        "webhook_configuration": {"application": stage.tuning.webhooks.url},
    }


def tier_of(limit: int) -> str:
    """The smallest of Meta's tiers that holds a limit; 0 is unlimited."""
    fitting = (tier for most, tier in TIERS if 0 < limit <= most)
    return next(fitting, "TIER_UNLIMITED")


def health_of(stage: Stage, kind: str, node: str) -> dict[str, Any]:
    """Whether messages can be sent, and by what that is decided."""
    entities = ((kind, node), ("WABA", stage.settings.account_id))
    listed = [{"entity_type": name, "id": id, "can_send_message": "AVAILABLE"} for name, id in entities]
    return {"can_send_message": "AVAILABLE", "entities": listed[: 1 if kind == "WABA" else 2]}
