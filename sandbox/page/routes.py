"""The sandbox's page: phones, their conversations, and what a customer can do."""

import time
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, select_autoescape

from sandbox import acts, inbound
from sandbox.control import STAGE
from sandbox.ids import digits_of_phone
from sandbox.seen import see
from sandbox.stage import Stage
from sandbox.world.facts import Customer, Incoming, Outgoing

PER_PAGE = 30
LAST_ENTRIES = 60  # how much of a conversation is shown

_pages = Environment(loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=select_autoescape())


def routes() -> list[web.RouteDef]:
    """The table of the page."""
    return [
        web.get("/", phones),
        web.get("/phones/{key}", conversation),
        web.post("/phones", write_as),
        web.post("/phones/{key}/reply", reply),
        web.post("/phones/{key}/tap", tap),
    ]


async def phones(request: web.Request) -> web.Response:
    """The simulated phones, the one active last first."""
    stage, search = request.app[STAGE], request.query.get("q", "").strip()
    asked = request.query.get("page", "")
    page = max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1
    found = stage.world.latest_customers(search)
    rows = list(islice(found, (page - 1) * PER_PAGE, page * PER_PAGE + 1))
    return _page(
        "phones.html",
        stage,
        rows=[_row(customer, stage) for customer in rows[:PER_PAGE]],
        search=search,
        page=page,
        has_more=len(rows) > PER_PAGE,
        error=request.query.get("error", ""),
    )


async def conversation(request: web.Request) -> web.Response:
    """A conversation as its customer sees it."""
    stage = request.app[STAGE]
    customer = _customer(request)
    bubbles = [_bubble(entry, stage) for entry in customer.entries[-LAST_ENTRIES:]]
    return _page(
        "conversation.html",
        stage,
        customer=customer,
        bubbles=bubbles,
        hidden=max(0, len(customer.entries) - LAST_ENTRIES),
        is_open=customer.has_open_window(time.time()),
    )


async def write_as(request: web.Request) -> web.Response:
    """Write as any number, known or not."""
    form = await request.post()
    phone = digits_of_phone(form.get("from", ""))
    body = str(form.get("body", "")).strip()
    if phone is None or not body:
        raise web.HTTPSeeOther("/?error=" + quote("Give a number with its country code, and a text."))
    _write(request.app[STAGE].world.customer(phone), body, request.app[STAGE])
    raise web.HTTPSeeOther(f"/phones/{phone}")


async def reply(request: web.Request) -> web.Response:
    """Write as this customer."""
    customer = _customer(request)
    body = str((await request.post()).get("body", "")).strip()
    if body:
        _write(customer, body, request.app[STAGE])
    raise _back_to(customer)


async def tap(request: web.Request) -> web.Response:
    """Tap a button of a message."""
    customer = _customer(request)
    form = await request.post()
    for entry in customer.entries:
        if isinstance(entry, Outgoing) and entry.id == form.get("message"):
            acts.tap(entry, request.app[STAGE], str(form.get("title", "")))
    raise _back_to(customer)


def _write(customer: Customer, body: str, stage: Stage) -> None:
    inbound.write(customer, "text", {"body": body[:4096]}, {}, stage)


def _customer(request: web.Request) -> Customer:
    customer = request.app[STAGE].world.find_customer(request.match_info["key"])
    if customer is None:
        raise web.HTTPNotFound(text="No message was ever exchanged with this number.")
    return customer


def _back_to(customer: Customer) -> web.HTTPSeeOther:
    return web.HTTPSeeOther(f"/phones/{quote(customer.key)}")


def _row(customer: Customer, stage: Stage) -> dict[str, Any]:
    last = _bubble(customer.entries[-1], stage) if customer.entries else None
    return {"customer": customer, "last": last}


def _bubble(entry: Outgoing | Incoming, stage: Stage) -> dict[str, Any]:
    if isinstance(entry, Incoming):
        seen = see(entry.body, None)
        return {"entry": entry, "seen": seen, "is_mine": True, "at": _clock(entry.at)}
    statuses = entry.statuses()
    return {
        "entry": entry,
        "seen": acts.seen_by_customer(entry, stage),
        "is_mine": False,
        "at": _clock(entry.accepted_at),
        "status": statuses[-1] if statuses else None,
    }


def _clock(moment: float) -> str:
    return datetime.fromtimestamp(moment).astimezone().strftime("%d %b, %H:%M")


def _page(name: str, stage: Stage, **shown: Any) -> web.Response:
    page = _pages.get_template(name)
    text = page.render(business=stage.channel, counts=len(stage.world.customers), **shown)
    return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": "default-src 'self'"})
