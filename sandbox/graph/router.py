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
from sandbox.graph import accounts, media, messages, phone_numbers, templates
from sandbox.graph.call import USUAL, Call, check_token, read_call
from sandbox.ids import new_trace_id
from sandbox.stage import Stage
from sandbox.tuning import Tuning

log = structlog.get_logger("sandbox")

Answer = dict[str, Any] | web.StreamResponse
Handler = Callable[[Stage, Call, str], Awaitable[Answer]]

EDGES: dict[tuple[str, str, str], Handler] = {
    ("GET", "debug_token", ""): accounts.debug_token,
    ("GET", "phone", ""): phone_numbers.show,
    ("POST", "phone", "messages"): messages.send,
    ("POST", "phone", "media"): media.upload,
    ("GET", "account", ""): accounts.show,
    ("GET", "account", "phone_numbers"): phone_numbers.listing,
    ("GET", "account", "message_templates"): templates.listing,
    ("POST", "account", "message_templates"): templates.create,
    ("DELETE", "account", "message_templates"): templates.remove,
    ("GET", "account", "subscribed_apps"): accounts.subscriptions,
    ("POST", "account", "subscribed_apps"): accounts.subscribe,
    ("DELETE", "account", "subscribed_apps"): accounts.unsubscribe,
    ("GET", "template", ""): templates.show,
    ("POST", "template", ""): templates.edit,
    ("GET", "media", ""): media.show,
    ("GET", "media", "content"): media.content,
    ("DELETE", "media", ""): media.remove,
}
KNOWN_EDGES = {edge for _, _, edge in EDGES}


async def answer(request: web.Request, stage: Stage) -> web.StreamResponse:
    """Answer a Graph call after the tuned latency, always in Meta's shape."""
    version = USUAL
    try:
        call = await read_call(request)
        version = call.version
        result = await _handle(stage, call)
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
    await _wait(stage.tuning)
    return response


async def _handle(stage: Stage, call: Call) -> Answer:
    check_token(call, stage.tuning.token_expired, stage.settings.app_secret)
    node, edge = (call.path + ["", ""])[:2]
    if len(call.path) > 2 or edge not in KNOWN_EDGES:
        raise GraphError(2500, message=f"Unknown path components: /{'/'.join(call.path[1:])}", status=400)
    kind = kind_of(stage, node)
    handler = EDGES.get((call.request.method, kind, edge)) if kind else None
    if handler is None:
        raise _unsupported(call, node)
    return await handler(stage, call, node)


def kind_of(stage: Stage, node: str) -> str | None:
    """What a node id stands for; None for an id nobody knows."""
    world = stage.world
    if node in world.channels:
        return "phone"
    if node in (stage.settings.account_id, "debug_token"):
        return "account" if node == stage.settings.account_id else node
    if node in world.templates:
        return "template"
    return "media" if node in world.media else None


def _unsupported(call: Call, node: str) -> GraphError:
    message = (
        f"Unsupported {call.request.method.lower()} request. Object with ID '{node}' does not exist, "
        "cannot be loaded due to missing permissions, or does not support this operation."
    )
    return GraphError(100, message=message, type="GraphMethodException", subcode=33)


def _json(status: int, body: dict[str, Any]) -> web.Response:
    text = json.dumps(body, separators=(",", ":"))
    return web.Response(status=status, text=text, content_type="application/json")


async def _wait(tuning: Tuning) -> None:
    milliseconds = tuning.latency_ms + random.uniform(0, tuning.latency_jitter_ms)
    if milliseconds:
        await asyncio.sleep(milliseconds / 1000)
