"""The business account node, its subscription to webhooks, and what a token may do."""

import time
from typing import Any

from sandbox.errors import GraphError
from sandbox.graph.call import Call
from sandbox.graph.fields import project
from sandbox.graph.phone_numbers import health_of, tier_of
from sandbox.settings import APP_ID, BUSINESS_ID
from sandbox.stage import Stage

USUAL = ("id", "name", "timezone_id", "message_template_namespace")
KNOWN = (
    "pricing_analytics",
    "template_analytics",
    "analytics",
    "on_behalf_of_business_info",
    "owner_business",
)
SCOPES = ("whatsapp_business_messaging", "whatsapp_business_management", "catalog_management")
ONE_YEAR = 365 * 24 * 3600


async def show(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{account id}."""
    account = {
        "id": node,
        "name": "Sahyadri Holidays",
        "currency": "INR",
        "country": "IN",
        "timezone_id": "71",
        "message_template_namespace": "5ad1c1a0_0b7e_4a53_9d52_c5c1d2a0f0aa",
        "account_review_status": "APPROVED",
        "business_verification_status": "verified",
        "marketing_messages_onboarding_status": "ELIGIBLE",
        "marketing_messages_lite_api_status": "ELIGIBLE",
        "whatsapp_business_manager_messaging_limit": tier_of(stage.tuning.messaging_limit),
        "owner_business_info": {"name": "Sahyadri Holidays", "id": BUSINESS_ID},
        "health_status": health_of(stage, "WABA", node),
        "status": "ACTIVE",
    }
    return project(account, call.params.get("fields"), USUAL, KNOWN, "WhatsAppBusinessAccount")


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


async def debug_token(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /debug_token?input_token=: every token is a system user's and never expires."""
    if not call.params.get("input_token"):
        raise GraphError(100, message="(#100) The parameter input_token is required.")
    targets = [stage.settings.account_id]
    data = {
        "app_id": APP_ID,
        "type": "SYSTEM_USER",
        "application": "Sandbox app",
        "is_valid": True,
        "issued_at": int(time.time()) - ONE_YEAR,
        "expires_at": 0,
        "data_access_expires_at": 0,
        "scopes": list(SCOPES),
        "granular_scopes": [{"scope": scope, "target_ids": targets} for scope in SCOPES[:2]],
        "user_id": "500000000000001",
    }
    return {"data": data}
