"""What the sandbox knows for certain: counts, every accepted send, every post to the webhook."""

import asyncio
import time
from itertools import islice
from typing import Any

from aiohttp import web

from sandbox.control.door import moment, page_of
from sandbox.stage import Stage
from sandbox.world.facts import Outgoing

USUAL_LIMIT, MOST = 100, 10_000


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
    limit, offset = page_of(request, USUAL_LIMIT, MOST)
    since, template = moment(request.query.get("since")), request.query.get("template")
    found = [
        message
        for message in stage.world.messages_to(request.query.get("to"))
        if message.accepted_at >= since and (not template or message.template and message.template[0] == template)
    ]
    page = list(islice(found, offset, offset + limit))
    return {"total": len(found), "messages": await asyncio.to_thread(_shown, page, stage)}


async def webhooks(request: web.Request, stage: Stage) -> dict[str, Any]:
    """The last posts to the webhook since the start, latest first."""
    limit, offset = page_of(request, 20, 100)
    posts = list(stage.postman.posts.latest())
    return {"total": len(posts), "webhooks": [post.as_json() for post in posts[offset : offset + limit]]}


def message_json(message: Outgoing, stage: Stage) -> dict[str, Any]:
    """An accepted send with its payload as it came and the statuses it has reached."""
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
        "payload": stage.store.payload_of(message),
        "statuses": message.statuses(),
    }


def _shown(found: list[Outgoing], stage: Stage) -> list[dict[str, Any]]:
    return [message_json(message, stage) for message in found]
