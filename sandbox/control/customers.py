"""The customers: who they are, what was said, and acting as one of them."""

import time
from typing import Any

from aiohttp import web

from sandbox.acts.reading import unread
from sandbox.acts.table import act
from sandbox.control.door import NotHere, body_of, page_of
from sandbox.control.truth import message_json
from sandbox.ids import digits_of_phone
from sandbox.stage import Stage
from sandbox.world.facts import Customer, Incoming, Outgoing


async def listing(request: web.Request, stage: Stage) -> dict[str, Any]:
    """The customers, the one active last first; `search` finds part of a number, name or username."""
    limit, offset = page_of(request, 50, 1000)
    found = list(stage.world.latest_customers(request.query.get("search", "").strip()))
    return {"total": len(found), "customers": [customer_json(one) for one in found[offset : offset + limit]]}


async def show(request: web.Request, stage: Stage) -> dict[str, Any]:
    """A customer and the conversation, oldest first; `limit` entries from the end."""
    limit, offset = page_of(request, 100, 1000)
    customer = _customer(request, stage)
    last = len(customer.entries) - offset
    entries = customer.entries[max(0, last - limit) : max(0, last)]
    return customer_json(customer) | {
        "total": len(customer.entries),
        "conversation": [_entry(one, stage) for one in entries],
    }


async def act_as(request: web.Request, stage: Stage) -> dict[str, Any]:
    """A customer acts; a number nobody knows yet becomes one by acting."""
    key = request.match_info["key"]
    phone = digits_of_phone(key)
    customer = stage.world.customer(phone) if phone else _customer(request, stage)
    given = await body_of(request) if request.body_exists else {}
    return act(request.match_info["act"], customer, given, stage)


def customer_json(customer: Customer) -> dict[str, Any]:
    """A customer as the sandbox knows them; `shown_phone` is what webhooks bring."""
    return {
        "key": customer.key,
        "phone": customer.phone,
        "shown_phone": customer.shown_phone,
        "user_id": customer.user_id,
        "name": customer.name,
        "username": customer.username,
        "has_blocked": customer.has_blocked,
        "stopped_marketing": customer.stopped_marketing,
        "has_open_window": customer.has_open_window(time.time()),
        "unread": len(unread(customer)),
        "entries": len(customer.entries),
    }


def _entry(entry: Outgoing | Incoming, stage: Stage) -> dict[str, Any]:
    if isinstance(entry, Incoming):
        return {"direction": "in", "id": entry.id, "at": entry.at, "message": entry.body, "was_read": entry.was_read}
    return {"direction": "out"} | message_json(entry, stage)


def _customer(request: web.Request, stage: Stage) -> Customer:
    customer = stage.world.find_customer(request.match_info["key"])
    if customer is None:
        raise NotHere(f"Nobody is known by {request.match_info['key']!r}.")
    return customer
