"""The phones, their conversations, and acting as their owners."""

import time
from itertools import islice
from typing import Any

from aiohttp import web

from sandbox.acts.reading import unread
from sandbox.acts.table import act
from sandbox.ids import digits_of_phone
from sandbox.inbound.receive import receive
from sandbox.inbound.writing import BadInbound
from sandbox.page.bubbles import bubbles_of, last_line
from sandbox.page.rendering import back_to, page, phone_path
from sandbox.seen.shelf import whole_catalog
from sandbox.stage import STAGE, Stage
from sandbox.world.facts import Customer

PER_PAGE = 30
LAST_ENTRIES = 60  # how much of a conversation is shown
QUANTITY = "quantity:"  # how the fields of a cart begin
NOTES = {
    "pay": "Done.",
    "read": "Read.",
    "stop": "Stopped marketing on WhatsApp. Marketing messages fail with 131050 from now on.",
    "resume": "Takes marketing again.",
    "block": "Blocked the business. What it sends fails with 131026.",
    "unblock": "Unblocked the business.",
    "username_only": "Goes by a username now; webhooks bring no phone.",
    "show_phone": "Webhooks bring the phone again.",
    "change_number": "Moved to a new number, the conversation along.",
    "change_user_id": "Has a new user id.",
    "order": "Order sent.",
}


async def phones(request: web.Request) -> web.Response:
    """The simulated phones, the one active last first."""
    return page("phones.html", request, request.app[STAGE], **_listed(request))


async def conversation(request: web.Request) -> web.Response:
    """A conversation as its customer sees it."""
    stage, customer = request.app[STAGE], _customer(request)
    shown = customer.entries[-LAST_ENTRIES:]
    return page(
        "conversation.html",
        request,
        stage,
        customer=customer,
        path=phone_path(customer.key),
        bubbles=bubbles_of(customer.entries, shown, stage),
        hidden=len(customer.entries) - len(shown),
        is_open=customer.has_open_window(time.time()),
        unread=len(unread(customer)),
        catalog=list(whole_catalog(stage.world)),
        quoted=request.query.get("to", ""),
        **_listed(request),
    )


async def write_as(request: web.Request) -> web.Response:
    """Write as somebody new: a number, or a user id with a username."""
    form = await request.post()
    phone, username = digits_of_phone(form.get("from", "")), str(form.get("username", "")).strip().lstrip("@")
    body = str(form.get("body", "")).strip()
    if not body or (phone is None and not username):
        raise back_to("/", error="Give a number with its country code, or a username; and a text.")
    who: dict[str, Any] = {"from": phone} if phone else {"user_id": _user_id(username), "username": f"@{username}"}
    name = str(form.get("name", "")).strip() or username
    message = _received(who | {"name": name, "text": {"body": body[:4096]}} | _from_ad(form.get("ad")), request)
    raise back_to(phone_path(message.key))


def _received(given: dict[str, Any], request: web.Request) -> Customer:
    try:
        return receive(given, request.app[STAGE]).customer
    except BadInbound as refusal:
        raise back_to("/", error=str(refusal)) from None


def _from_ad(ticked: Any) -> dict[str, Any]:
    return {"referral": True} if ticked else {}


def _user_id(username: str) -> str:
    """The id of somebody who has only a username; the same name is the same person."""
    return "IN." + "".join(filter(str.isalnum, username))[:100]


async def do(request: web.Request) -> web.Response:
    """An act of this customer, by its name."""
    customer, name = _customer(request), request.match_info["act"]
    try:
        answer = act(name, customer, _given(await request.post()), request.app[STAGE])
    except BadInbound as refusal:
        raise back_to(phone_path(customer.key), error=str(refusal)) from None
    note = NOTES.get(name, "")
    if name == "click":
        note = "Meta told the business of the tap." if answer["told"] else "Nobody tells the business of this tap."
    raise back_to(phone_path(customer.key), **({"note": note} if note else {}))


def _given(form: Any) -> dict[str, Any]:
    """The form's fields; those of a cart together as `items`."""
    given: dict[str, Any] = {name: str(value) for name, value in form.items() if not name.startswith(QUANTITY)}
    wishes = {name: str(n).strip() for name, n in form.items() if name.startswith(QUANTITY)}
    if wishes:
        items = {name.removeprefix(QUANTITY): n for name, n in wishes.items() if n not in ("", "0")}
        if not items:
            raise BadInbound("Choose a quantity of at least one product.")
        given["items"] = items
    return given


def _customer(request: web.Request) -> Customer:
    customer = request.app[STAGE].world.find_customer(request.match_info["key"])
    if customer is None:
        raise web.HTTPNotFound(text="No message was ever exchanged with this number.")
    return customer


def _listed(request: web.Request) -> dict[str, Any]:
    """The list of phones, as every page of a conversation shows it too."""
    stage, search = request.app[STAGE], request.query.get("q", "").strip()
    asked = request.query.get("page", "")
    number = max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1
    found = stage.world.latest_customers(search)
    rows = list(islice(found, (number - 1) * PER_PAGE, number * PER_PAGE + 1))
    return {
        "rows": [_row(customer, stage) for customer in rows[:PER_PAGE]],
        "search": search,
        "page_number": number,
        "has_more": len(rows) > PER_PAGE,
        "count": len(stage.world.customers),
    }


def _row(customer: Customer, stage: Stage) -> dict[str, Any]:
    last = last_line(customer.entries, stage)
    return {"customer": customer, "path": phone_path(customer.key), "last": last, "unread": len(unread(customer))}
