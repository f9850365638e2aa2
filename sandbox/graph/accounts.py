"""The business account node and its subscription to webhooks."""

from typing import Any

from sandbox.graph.analytics import pricing_of
from sandbox.graph.call import Call
from sandbox.graph.fields import parts_of, project
from sandbox.graph.known_fields import ACCOUNT
from sandbox.graph.lists import switch_of
from sandbox.graph.phone_numbers import health_of, tier_of
from sandbox.settings import APP_ID, BUSINESS_ID
from sandbox.stage import Stage

USUAL = ("id", "name", "timezone_id", "message_template_namespace")
SWITCH = "disable_marketing_messages_on_cloud_api"


async def show(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{account id}."""
    asked = call.params.get("fields")
    account: dict[str, Any] = {
        "id": node,
        "name": "Sahyadri Holidays",
        "currency": "INR",
        "country": "IN",
        "timezone_id": "71",
        "message_template_namespace": "5ad1c1a0_0b7e_4a53_9d52_c5c1d2a0f0aa",
        "account_review_status": stage.world.account.review_status,
        "business_verification_status": "verified",
        "marketing_messages_onboarding_status": _onboarding(stage, "ONBOARDED"),
        "marketing_messages_lite_api_status": _onboarding(stage, "ONBOARDED"),
        SWITCH: stage.tuning.marketing.disable_marketing_messages_on_cloud_api,
        "is_enabled_for_insights": stage.world.has_insights,
        "service_pricing_policy": "CHARGED_AFTER_FREE_TIER",
        "whatsapp_business_manager_messaging_limit": tier_of(stage.tuning.messaging_limit),
        "owner_business_info": {"name": "Sahyadri Holidays", "id": BUSINESS_ID},
        "health_status": health_of(stage, "WABA", node),
        "status": "ACTIVE",
        "ownership_type": "SELF",
        "is_shared_with_partners": False,
    }
    account["subscribed_apps"] = await subscriptions(stage, call, node)
    analytics = parts_of(str(asked or "")).get("pricing_analytics")
    if analytics is not None:
        account["pricing_analytics"] = pricing_of(stage, analytics)
    return project(account, asked, USUAL, ACCOUNT, "WhatsAppBusinessAccount")


async def change(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """POST /{account id}: template analytics on, marketing out of /messages."""
    if "is_enabled_for_insights" in call.params:
        wanted = switch_of("is_enabled_for_insights", call.params["is_enabled_for_insights"])
        stage.world.has_insights = stage.world.has_insights or wanted  # cannot be switched off again
    if SWITCH in call.params:
        stage.tuning.change({"marketing": {SWITCH: switch_of(SWITCH, call.params[SWITCH])}})
    stage.store.changed()
    return {"id": node, "success": True}


async def subscribe(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """POST /{account id}/subscribed_apps."""
    stage.world.subscribed = True
    stage.store.changed()
    return {"success": True}


async def unsubscribe(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """DELETE /{account id}/subscribed_apps: nothing is told any more."""
    stage.world.subscribed = False
    stage.store.changed()
    return {"success": True}


async def subscriptions(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{account id}/subscribed_apps."""
    app = {"whatsapp_business_api_data": {"link": call.base, "name": "Sandbox app", "id": APP_ID}}
    return {"data": [app] if stage.world.subscribed else []}


def _onboarding(stage: Stage, done: str) -> str:
    return done if stage.tuning.marketing.is_onboarded else "ELIGIBLE"
