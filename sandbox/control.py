"""The control API: what the sandbox knows for certain, and how to make things happen. No Graph path."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from aiohttp import web

from sandbox.aftermath import happen
from sandbox.inbound import BadInbound, receive
from sandbox.stage import Stage
from sandbox.tuning import BadTuning
from sandbox.world.facts import Outgoing

STAGE = web.AppKey("stage", Stage)
USUAL_LIMIT, MOST = 100, 10_000


class BadRequest(ValueError):
    """A control call that was refused; its text is the sentence for the person who made it."""


def routes() -> list[web.RouteDef]:
    """The table of control calls."""
    return [
        web.get("/__sandbox__/state", _door(state)),
        web.get("/__sandbox__/messages", _door(messages)),
        web.get("/__sandbox__/config", _door(show_config)),
        web.put("/__sandbox__/config", _door(change_config)),
        web.post("/__sandbox__/inbound", _door(inbound)),
        web.post("/__sandbox__/event", _door(event)),
        web.post("/__sandbox__/reset", _door(reset)),
        web.route("*", "/__sandbox__/{rest:.*}", _door(unknown)),
    ]


def _door(
    call: Callable[[web.Request, Stage], Awaitable[Any]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(await call(request, request.app[STAGE]))
        except (BadRequest, BadInbound, BadTuning) as refusal:
            return web.json_response({"error": {"message": str(refusal)}}, status=400)

    return answer


async def state(request: web.Request, stage: Stage) -> dict[str, Any]:
    """Counts: what came in, what was told, what is owed."""
    world = stage.world
    return {
        "accepted": len(world.outgoing),
        "rejected": world.counts["rejected"],
        "rejected_by_code": dict(world.rejected),
        "inbound": len(world.incoming),
        "customers": len(world.customers),
        "templates": len(world.templates),
        "unique_customers_24h": world.unique.count(time.time()),
        "statuses_sent": world.counts["statuses_sent"],
        "webhooks_sent": world.counts["webhooks_sent"],
        "pending": world.counts["pending"],
        "refused": world.counts["webhooks_refused"],
        "given_up": world.counts["webhooks_given_up"],
    }


async def messages(request: web.Request, stage: Stage) -> dict[str, Any]:
    """The ground truth: every accepted send, oldest first."""
    query = request.query
    limit = _number(query.get("limit"), "limit", USUAL_LIMIT)
    offset = _number(query.get("offset"), "offset", 0)
    if limit > MOST:
        raise BadRequest(f"limit must be at most {MOST}; page on with offset.")
    since, template = _moment(query.get("since")), query.get("template")
    found = [
        message
        for message in stage.world.messages_to(query.get("to"))
        if message.accepted_at >= since and (not template or message.template and message.template[0] == template)
    ]
    page = list(islice(found, offset, offset + limit))
    return {"total": len(found), "messages": await asyncio.to_thread(_shown, page, stage)}


async def show_config(request: web.Request, stage: Stage) -> dict[str, Any]:
    """The tuning as it is."""
    return stage.tuning.as_json()


async def change_config(request: web.Request, stage: Stage) -> dict[str, Any]:
    """Merge a partial tuning; the answer is the whole."""
    stage.tuning.change(await _body(request))
    stage.store.changed()
    return stage.tuning.as_json()


async def inbound(request: web.Request, stage: Stage) -> dict[str, Any]:
    """A customer acts."""
    message = receive(await _body(request), stage)
    return {"id": message.id, "from": message.customer.phone, "user_id": message.customer.user_id}


async def event(request: web.Request, stage: Stage) -> dict[str, Any]:
    """Something happens to the account: told to the webhook, and true here from now on."""
    given = await _body(request)
    field, value = given.get("field"), given.get("value")
    if not isinstance(field, str) or not field:
        raise BadRequest("`field` must be the name of a webhook field, such as account_update.")
    if not isinstance(value, dict):
        raise BadRequest("`value` must be an object as in Meta's webhook of that field.")
    _take_effect(field, value, stage)
    fact = stage.store.record({"k": "event", "field": field, "value": value, "at": time.time()})
    happen((fact, 0), stage)
    return {"success": True}


async def reset(request: web.Request, stage: Stage) -> dict[str, Any]:
    """Forget everything."""
    stage.forget()
    return {"success": True}


async def unknown(request: web.Request, stage: Stage) -> dict[str, Any]:
    """Any other path of the control API."""
    raise BadRequest(f"There is no {request.method} {request.path} in the control API.")


def _take_effect(field: str, value: dict[str, Any], stage: Stage) -> None:
    """The simulated account changes as the event says."""
    if field == "message_template_status_update" and value.get("event"):
        _change_template(value, "status", _STATUS_AFTER.get(value["event"], value["event"]), stage)
    elif field == "message_template_quality_update" and value.get("new_quality_score"):
        score = {"score": value["new_quality_score"], "date": int(time.time())}
        _change_template(value, "quality_score", score, stage)
    elif field == "phone_number_quality_update" and value.get("event") in _QUALITY_AFTER:
        stage.channel.quality_rating = _QUALITY_AFTER[value["event"]]


_STATUS_AFTER = {"REINSTATED": "APPROVED", "UNARCHIVED": "APPROVED", "FLAGGED": "APPROVED"}
_QUALITY_AFTER = {"FLAGGED": "RED", "UNFLAGGED": "GREEN", "DOWNGRADE": "YELLOW", "UPGRADE": "GREEN"}


def _change_template(value: dict[str, Any], name: str, becomes: Any, stage: Stage) -> None:
    key = (value.get("message_template_name"), value.get("message_template_language"))
    for template in stage.world.templates.values():
        if template.key == key or template.id == str(value.get("message_template_id")):
            setattr(template, name, becomes)
            stage.store.changed()


def _shown(found: list[Outgoing], stage: Stage) -> list[dict[str, Any]]:
    return [_message(message, stage) for message in found]


def _message(message: Outgoing, stage: Stage) -> dict[str, Any]:
    payload = stage.store.payload_of(message)
    customer = message.customer
    return {
        "id": message.id,
        "to": customer.phone,
        "recipient": customer.user_id if message.by_user_id else None,
        "type": message.kind,
        "template": message.template[0] if message.template else None,
        "language": message.template[1] if message.template else None,
        "biz_opaque_callback_data": message.callback,
        "accepted_at": message.accepted_at,
        "payload": payload,
        "statuses": message.statuses(),
    }


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise BadRequest("The body must be JSON.") from None
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object.")
    return body


def _number(text: str | None, name: str, otherwise: int) -> int:
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdigit()):
        raise BadRequest(f"{name} must be a whole number, 0 or more.")
    return int(text)


def _moment(text: str | None) -> float:
    """Seconds since the epoch, out of such a number or an ISO 8601 time (UTC when it names no zone)."""
    if not text:
        return 0.0
    try:
        return float(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest("since must be seconds since 1970 or an ISO 8601 time.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
