"""Razorpay's `/v1/payment_links` over HTTP, with Basic auth."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import BasicAuth, web

from sandbox.razorpay import links
from sandbox.razorpay.errors import RazorpayError
from sandbox.stage import STAGE, Stage

ROOT = "/v1/payment_links"
MEDIA = ("sms", "email")
MOST_LISTED = 100

Call = Callable[[web.Request, Stage], Awaitable[Any]]


def routes() -> list[web.RouteDef]:
    """The table of Razorpay's calls."""
    return [
        web.post(ROOT, _door(create)),
        web.get(ROOT, _door(listing)),
        web.get(ROOT + "/{id}", _door(show)),
        web.patch(ROOT + "/{id}", _door(change)),
        web.post(ROOT + "/{id}/cancel", _door(cancel)),
        web.post(ROOT + "/{id}/notify_by/{medium}", _door(notify)),
        web.route("*", "/v1/{rest:.*}", _door(unknown)),
    ]


def _door(call: Call) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        stage = request.app[STAGE]
        try:
            _check_key(request, stage)
            result, status = await call(request, stage), 200
        except RazorpayError as refusal:
            result, status = refusal.envelope(), refusal.status
        await asyncio.sleep(stage.tuning.latency_ms / 1000)
        return web.json_response(result, status=status)

    return answer


async def create(request: web.Request, stage: Stage) -> dict[str, Any]:
    """A new link."""
    base = f"{request.scheme}://{request.host}"
    return links.create(await _body(request), base, stage)


async def listing(request: web.Request, stage: Stage) -> dict[str, Any]:
    """The newest links, by reference or payment when asked."""
    reference, payment = request.query.get("reference_id"), request.query.get("payment_id")
    found = [
        link
        for link in reversed(stage.world.payments.links.values())
        if reference in (None, link["reference_id"])
        and (payment is None or payment in (one["payment_id"] for one in link["payments"]))
    ]
    return {"payment_links": found[:MOST_LISTED]}


async def show(request: web.Request, stage: Stage) -> dict[str, Any]:
    """One link."""
    return links.link_of(request.match_info["id"], stage)


async def change(request: web.Request, stage: Stage) -> dict[str, Any]:
    """Change a link that is open."""
    return links.change(request.match_info["id"], await _body(request), stage)


async def cancel(request: web.Request, stage: Stage) -> dict[str, Any]:
    """Cancel a link nobody paid on."""
    return links.cancel(request.match_info["id"], stage)


async def notify(request: web.Request, stage: Stage) -> dict[str, Any]:
    """Send the link again; nobody here has a mailbox, so that it is only said to be done."""
    links.link_of(request.match_info["id"], stage)
    if request.match_info["medium"] not in MEDIA:
        raise RazorpayError("not a valid notification medium", "medium")
    return {"success": True}


async def unknown(request: web.Request, stage: Stage) -> dict[str, Any]:
    """Any other path of Razorpay's."""
    raise RazorpayError("The requested URL was not found on the server.", status=404)


def _check_key(request: web.Request, stage: Stage) -> None:
    settings = stage.settings
    try:
        given = BasicAuth.decode(request.headers.get("Authorization", ""))
    except ValueError:
        raise RazorpayError("Please provide your api key for authentication purposes.", status=401) from None
    if (given.login, given.password) != (settings.razorpay_key_id, settings.razorpay_key_secret):
        raise RazorpayError("Authentication failed", status=401)


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError):
        raise RazorpayError("The request body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise RazorpayError("The request body must be a JSON object.")
    return body
