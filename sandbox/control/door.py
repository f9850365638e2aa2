"""What every control call has in common: JSON in and out, refusals as a sentence."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from sandbox.inbound.writing import BadInbound
from sandbox.stage import STAGE, Stage
from sandbox.tuning import BadTuning


class BadRequest(ValueError):
    """A control call that was refused; its text is the sentence for the person who made it."""


class NotHere(BadRequest):
    """A control call about somebody or something the sandbox does not know."""


Call = Callable[[web.Request, Stage], Awaitable[Any]]


def door(call: Call) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The handler around a call."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(await call(request, request.app[STAGE]))
        except (BadRequest, BadInbound, BadTuning) as refusal:
            status = 404 if isinstance(refusal, NotHere) else 400
            return web.json_response({"error": {"message": str(refusal)}}, status=status)

    return answer


async def body_of(request: web.Request) -> dict[str, Any]:
    """The JSON object a call brings. Raises BadRequest."""
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError):
        raise BadRequest("The body must be JSON.") from None
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object.")
    return body


def number(text: str | None, name: str, otherwise: int) -> int:
    """A whole number out of a query. Raises BadRequest."""
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise BadRequest(f"{name} must be a whole number, 0 or more.")
    return int(text)


def page_of(request: web.Request, usual: int, most: int) -> tuple[int, int]:
    """`limit` and `offset` of a listing. Raises BadRequest."""
    limit = number(request.query.get("limit"), "limit", usual)
    if limit > most:
        raise BadRequest(f"limit must be at most {most}; page on with offset.")
    return limit, number(request.query.get("offset"), "offset", 0)


def moment(text: str | None) -> float:
    """Seconds since the epoch, out of such a number or an ISO 8601 time (UTC when it names no zone)."""
    if not text:
        return 0.0
    try:
        return float(text)
    except ValueError:
        pass
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest("since must be seconds since 1970 or an ISO 8601 time.") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
