"""The page a short URL opens: pay, pay a part, or let the payment fail."""

from pathlib import Path
from urllib.parse import quote

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, select_autoescape

from sandbox.razorpay import links
from sandbox.razorpay.errors import RazorpayError
from sandbox.stage import STAGE

_pages = Environment(loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=select_autoescape())


def routes() -> list[web.RouteDef]:
    """The table of the payer's page."""
    return [web.get("/rzp/{id}", show), web.post("/rzp/{id}/pay", pay), web.post("/rzp/{id}/fail", fail)]


async def show(request: web.Request) -> web.Response:
    """What is owed, and the buttons."""
    link = request.app[STAGE].world.payments.links.get(request.match_info["id"])
    if link is None:
        raise web.HTTPNotFound(text="There is no such payment link.")
    page = _pages.get_template("pay.html")
    text = page.render(
        link=link,
        owed=link["amount"] - link["amount_paid"],
        is_open=link["status"] in ("created", "partially_paid"),
        methods=links.METHODS,
        error=request.query.get("error", ""),
        business=request.app[STAGE].channel,
    )
    return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": "default-src 'self'"})


async def pay(request: web.Request) -> web.Response:
    """Pay all or a part, then go where the link wants the payer to go."""
    stage, form = request.app[STAGE], await request.post()
    link_id, rupees, method = request.match_info["id"], str(form.get("amount", "")), str(form.get("method", "upi"))
    try:
        link = links.pay(link_id, stage, _minor(rupees), method if method in links.METHODS else "upi")
    except RazorpayError as refusal:
        raise _again(link_id, str(refusal)) from None
    raise web.HTTPSeeOther(links.callback_of(link, stage) or f"/rzp/{link_id}")


async def fail(request: web.Request) -> web.Response:
    """Let the payment fail."""
    link_id = request.match_info["id"]
    try:
        links.fail(link_id, request.app[STAGE])
    except RazorpayError as refusal:
        raise _again(link_id, str(refusal)) from None
    raise _again(link_id, "The payment was declined by the bank.")


def _minor(text: str) -> int | None:
    """An amount as people write it, in minor units; None when nothing was written."""
    if not text.strip():
        return None
    whole, _, cents = text.strip().replace(",", "").partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) < 10) or (cents and not cents.isdecimal()):
        raise RazorpayError("The amount must be a number.", "amount")
    return int(whole) * 100 + int(cents[:2].ljust(2, "0"))


def _again(link_id: str, error: str) -> web.HTTPSeeOther:
    return web.HTTPSeeOther(f"/rzp/{quote(link_id)}?error={quote(error)}")
