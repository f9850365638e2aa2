"""The app itself: its webhook subscriptions, and what a token may do."""

import secrets
import time
from typing import Any

import aiohttp

from sandbox.errors import GraphError
from sandbox.graph.call import Call
from sandbox.graph.fields import project
from sandbox.graph.lists import any_of
from sandbox.settings import APP_ID, BUSINESS_ID
from sandbox.stage import Stage

NAME = "Sandbox app"
SCOPES = (
    "whatsapp_business_messaging", "whatsapp_business_management", "catalog_management", "business_management",
)  # fmt: skip
OBJECTS = ("whatsapp_business_account",)
ONE_YEAR = 365 * 24 * 3600
PATIENCE = aiohttp.ClientTimeout(total=10)


async def show(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{app id}, also as /app."""
    return project(
        {"id": APP_ID, "name": NAME, "link": call.base}, call.params.get("fields"), ("name",), (), "Application"
    )


async def debug_token(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /debug_token?input_token=: every token is a system user's and never expires, until tuned to be expired."""
    if not call.params.get("input_token"):
        raise GraphError(100, message="(#100) The parameter input_token is required.")
    targets = {"whatsapp": [stage.settings.account_id], "catalog": list(stage.world.shop.catalogs)}
    data = {
        "app_id": APP_ID,
        "type": "SYSTEM_USER",
        "application": NAME,
        "is_valid": not stage.tuning.token_expired,
        "issued_at": int(time.time()) - ONE_YEAR,
        "expires_at": 0,
        "data_access_expires_at": 0,
        "scopes": list(SCOPES),
        "granular_scopes": [
            {"scope": scope, "target_ids": targets.get(scope.partition("_")[0], [BUSINESS_ID])} for scope in SCOPES
        ],
        "user_id": "500000000000001",
    }
    return {"data": data}


async def subscriptions(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{app id}/subscriptions."""
    return {"data": list(stage.world.app_subscriptions.values())}


async def subscribe(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """POST /{app id}/subscriptions: where webhooks of an object go, and which fields. Webhooks go there from now on."""
    given = call.params
    kind, url = given.get("object"), str(given.get("callback_url", ""))
    if kind not in OBJECTS:
        raise GraphError(100, message=f"(#100) Param object must be one of {{{', '.join(OBJECTS)}}}")
    if not given.get("verify_token"):
        raise GraphError(100, message="(#100) The parameter verify_token is required.")
    await _shake_hands(url, str(given["verify_token"]))
    fields = [{"name": name, "version": f"v{call.version}.0"} for name in any_of(given.get("fields"))]
    stage.world.app_subscriptions[kind] = {"object": kind, "callback_url": url, "active": True, "fields": fields}
    stage.tuning.change({"webhooks": {"url": url}})
    stage.store.changed()
    return {"success": True}


async def _shake_hands(url: str, verify_token: str) -> None:
    """Ask the callback for the challenge. Raises GraphError when it is not given back."""
    challenge = str(secrets.randbelow(10**10))
    question = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
    try:
        async with aiohttp.ClientSession(timeout=PATIENCE) as session, session.get(url, params=question) as answer:
            is_right = answer.status == 200 and (await answer.text()).strip() == challenge
            found = f"HTTP {answer.status}"
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as failure:
        is_right, found = False, type(failure).__name__
    if not is_right:
        raise GraphError(2200, message=f"(#2200) Callback verification failed with the following errors: {found}")


async def unsubscribe(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """DELETE /{app id}/subscriptions?object=, or all."""
    kind = call.params.get("object")
    stage.world.app_subscriptions = {
        name: one for name, one in stage.world.app_subscriptions.items() if kind not in (None, name)
    }
    stage.store.changed()
    return {"success": True}
