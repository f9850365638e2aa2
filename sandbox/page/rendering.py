"""Turning a template into an answer, with what every page shows."""

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, select_autoescape

from sandbox.page.gallery import address_of
from sandbox.page.wording import clock, exact, formatted, money
from sandbox.stage import Stage

POLICY = "default-src 'self'; img-src 'self' data:"

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=select_autoescape(),
    trim_blocks=True,
    lstrip_blocks=True,
)
_pages.filters |= {"formatted": formatted, "clock": clock, "exact": exact, "address": address_of}
_pages.globals |= {"money": money}


def page(name: str, request: web.Request, stage: Stage, status: int = 200, **shown: Any) -> web.Response:
    """The template, filled; `note` and `error` of the address are shown above it."""
    told = {"note": request.query.get("note", ""), "error": request.query.get("error", "")}
    text = _pages.get_template(name).render(business=stage.channel, **(told | shown))
    headers = {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin"}
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)


def back_to(path: str, **told: str) -> web.HTTPSeeOther:
    """Lead the browser there, with a `note` or an `error` to show."""
    return web.HTTPSeeOther(path + ("?" + urlencode(told) if told else ""))


def phone_path(key: str) -> str:
    """The page of a customer."""
    return f"/phones/{quote(key)}"
