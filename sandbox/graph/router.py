"""From a path to its handler: `/{version}/{node}/{edge}`, by the kind of node and the edge."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiohttp import web

from sandbox.errors import GraphError
from sandbox.faults import Dropped
from sandbox.graph import (
    accounts,
    analytics,
    apps,
    catalogs,
    items_batch,
    media,
    messages,
    phone_numbers,
    products,
    templates,
    uploads,
)
from sandbox.graph.call import USUAL, Call, check_token, part_of, read_call
from sandbox.graph.usage import count_call, usage_headers
from sandbox.ids import new_trace_id
from sandbox.settings import APP_ID, BUSINESS_ID
from sandbox.stage import Stage
from sandbox.tuning import Tuning

log = structlog.get_logger("sandbox")

Answer = dict[str, Any] | web.StreamResponse
Handler = Callable[[Stage, Call, str], Awaitable[Answer]]

EDGES: dict[tuple[str, str, str], Handler] = {
    ("GET", "debug_token", ""): apps.debug_token,
    ("GET", "app", ""): apps.show,
    ("POST", "app", "uploads"): uploads.begin,
    ("GET", "app", "subscriptions"): apps.subscriptions,
    ("POST", "app", "subscriptions"): apps.subscribe,
    ("DELETE", "app", "subscriptions"): apps.unsubscribe,
    ("GET", "upload", ""): uploads.progress,
    ("POST", "upload", ""): uploads.take,
    ("GET", "phone", ""): phone_numbers.show,
    ("POST", "phone", "messages"): messages.send,
    ("POST", "phone", "marketing_messages"): messages.send_marketing,
    ("POST", "phone", "media"): media.upload,
    ("POST", "phone", "register"): phone_numbers.register,
    ("POST", "phone", "deregister"): phone_numbers.deregister,
    ("GET", "phone", "whatsapp_commerce_settings"): phone_numbers.shop_window,
    ("POST", "phone", "whatsapp_commerce_settings"): phone_numbers.dress_window,
    ("GET", "account", ""): accounts.show,
    ("POST", "account", ""): accounts.change,
    ("GET", "account", "phone_numbers"): phone_numbers.listing,
    ("GET", "account", "message_templates"): templates.listing,
    ("POST", "account", "message_templates"): templates.create,
    ("DELETE", "account", "message_templates"): templates.remove,
    ("GET", "account", "template_analytics"): analytics.templates,
    ("GET", "account", "subscribed_apps"): accounts.subscriptions,
    ("POST", "account", "subscribed_apps"): accounts.subscribe,
    ("DELETE", "account", "subscribed_apps"): accounts.unsubscribe,
    ("GET", "account", "product_catalogs"): catalogs.connected,
    ("POST", "account", "product_catalogs"): catalogs.connect,
    ("DELETE", "account", "product_catalogs"): catalogs.disconnect,
    ("GET", "business", "owned_product_catalogs"): catalogs.owned,
    ("POST", "business", "owned_product_catalogs"): catalogs.create,
    ("GET", "catalog", ""): catalogs.show,
    ("POST", "catalog", ""): catalogs.rename,
    ("DELETE", "catalog", ""): catalogs.remove,
    ("GET", "catalog", "products"): products.listing,
    ("POST", "catalog", "products"): products.create,
    ("GET", "catalog", "product_groups"): products.groups,
    ("POST", "catalog", "items_batch"): items_batch.take,
    ("GET", "catalog", "check_batch_request_status"): items_batch.status,
    ("GET", "item", ""): products.show,
    ("POST", "item", ""): products.change,
    ("DELETE", "item", ""): products.remove,
    ("GET", "template", ""): templates.show,
    ("POST", "template", ""): templates.edit,
    ("POST", "template", "unpause"): templates.unpause,
    ("GET", "media", ""): media.show,
    ("GET", "media", "content"): media.content,
    ("DELETE", "media", ""): media.remove,
}
MOST_IN_BATCH = 50
KNOWN_EDGES = {edge for _, _, edge in EDGES}


async def answer(request: web.Request, stage: Stage) -> web.StreamResponse:
    """Answer a Graph call after the tuned latency, always in Meta's shape."""
    version = USUAL
    try:
        call = await read_call(request)
        version = call.version
        check_token(call, stage.tuning.token_expired, stage.settings.app_secret)
        result = await (_handle_all(stage, call) if "batch" in call.params else _handle(stage, call))
        response = result if isinstance(result, web.StreamResponse) else _json(200, result)
    except GraphError as refusal:
        response = _json(refusal.status, refusal.envelope())
    except Dropped:
        return web.Response()  # to a connection that is gone
    except web.HTTPException:
        raise
    except Exception:
        log.exception("graph.call_failed", path=request.path)
        response = _json(500, GraphError(1).envelope())
    response.headers["facebook-api-version"] = f"v{version}.0"
    response.headers["x-fb-trace-id"] = new_trace_id()
    response.headers.update(usage_headers(stage))
    await _wait(stage.tuning)
    return response


async def _handle_all(stage: Stage, call: Call) -> web.Response:
    """POST / with `batch`: many calls in one, each answered by itself."""
    parts = call.params["batch"]
    if call.path or not isinstance(parts, list) or not all(isinstance(one, dict) for one in parts):
        raise GraphError(100, message="(#100) Param batch must be a list of calls, posted to /")
    if len(parts) > MOST_IN_BATCH:
        raise GraphError(
            100, message=f"(#100) Too many requests in batch message. Maximum batch size is {MOST_IN_BATCH}"
        )
    return _json(200, [await _handle_part(stage, call, one) for one in parts])


async def _handle_part(stage: Stage, call: Call, part: dict[str, Any]) -> dict[str, Any]:
    address, body = str(part.get("relative_url", "")), str(part.get("body") or "")
    try:
        result = await _handle(stage, part_of(call, str(part.get("method", "GET")), address, body))
        if isinstance(result, web.StreamResponse):
            raise GraphError(100, message="(#100) Files cannot be part of a batch")
        code = 200
    except GraphError as refusal:
        result, code = refusal.envelope(), refusal.status
    return {"code": code, "headers": [], "body": json.dumps(result)}


async def _handle(stage: Stage, call: Call) -> Answer:
    if stage.tuning.fail_with >= 0:
        raise GraphError(stage.tuning.fail_with)
    node, edge = (call.path + ["", ""])[:2]
    if len(call.path) > 2 or edge not in KNOWN_EDGES:
        raise GraphError(2500, message=f"Unknown path components: /{'/'.join(call.path[1:])}", status=400)
    kind = kind_of(stage, node)
    handler = EDGES.get((call.method, kind, edge)) if kind else None
    if handler is None:
        raise _unsupported(call, node)
    count_call(stage, edge)
    return await handler(stage, call, node)


def kind_of(stage: Stage, node: str) -> str | None:
    """What a node id stands for; None for an id nobody knows."""
    world = stage.world
    if node in world.channels:
        return "phone"
    fixed = {stage.settings.account_id: "account", BUSINESS_ID: "business", APP_ID: "app", "app": "app"}
    if node in fixed or node == "debug_token":
        return fixed.get(node, node)
    if node in world.templates:
        return "template"
    if node in world.shop.catalogs:
        return "catalog"
    if node in world.uploads:
        return "upload"
    if node in world.media:
        return "media"
    return "item" if world.shop.item(node) else None


def _unsupported(call: Call, node: str) -> GraphError:
    message = (
        f"Unsupported {call.method.lower()} request. Object with ID '{node}' does not exist, "
        "cannot be loaded due to missing permissions, or does not support this operation."
    )
    return GraphError(100, message=message, type="GraphMethodException", subcode=33)


def _json(status: int, body: Any) -> web.Response:
    text = json.dumps(body, separators=(",", ":"))
    return web.Response(status=status, text=text, content_type="application/json")


async def _wait(tuning: Tuning) -> None:
    milliseconds = tuning.latency_ms + random.uniform(0, tuning.latency_jitter_ms)
    if milliseconds:
        await asyncio.sleep(milliseconds / 1000)
