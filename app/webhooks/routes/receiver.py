"""The webhook door: verified over the raw bytes, durable before the 200, digested elsewhere.

It stands in front of the application. Statuses come at several times the rate at which messages leave, and what the
house does for people at each request (session, limiter, log line, headers) costs more than storing a body.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

import psycopg
import structlog
from flask import Flask
from flask.blueprints import BlueprintSetupState
from sqlalchemy.exc import DBAPIError
from werkzeug import Request, Response
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from app.webhooks import tallies, verification
from app.webhooks.doorbell import doorbell
from app.webhooks.inbox import the_inbox
from app.webhooks.routes.blueprint import PATH, bp

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_BODY = 3 * 1024 * 1024  # Meta's own limit

log = structlog.get_logger()


@bp.record_once
def stand_in_front(state: BlueprintSetupState) -> None:
    """Let what Meta posts come here first."""
    app = cast(Flask, state.app)
    app.wsgi_app = Door(app, app.wsgi_app)  # type: ignore[method-assign]


class Door:
    """Takes what is posted to the webhook's address; everything else goes on to the house."""

    def __init__(self, app: Flask, house: WSGIApplication) -> None:
        self._app, self._house = app, house

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH or environ["REQUEST_METHOD"] != "POST":
            return self._house(environ, start_response)
        with self._app.app_context():
            return receive(Request(environ))(environ, start_response)


def receive(request: Request) -> Response:
    """Store what Meta posted, then say 200. A repetition of the same bytes is the same event."""
    try:
        body = _body(request)
    except RequestEntityTooLarge:
        return _plain("The body is larger than 3 MB.", 413)
    except ClientDisconnected:
        return _plain("The body ended before its announced length.", 400)
    began = time.perf_counter()
    try:
        return _receive(request, body, began)
    except (psycopg.Error, DBAPIError):
        # Meta tries again for days; a 200 would be a lie.
        log.error("webhook.database_away")
        return _plain("The database is away; try again.", 503)


def _body(request: Request) -> bytes:
    """The raw bytes, whether their length was announced or they come in chunks; never more than a byte too many."""
    request.max_content_length = MAX_BODY + 1
    body = request.get_data(cache=False)
    if len(body) > MAX_BODY:
        raise RequestEntityTooLarge
    return body


def _receive(request: Request, body: bytes, began: float) -> Response:
    if not verification.is_signed(body, request.headers.get("X-Hub-Signature-256")):
        tallies.tally().refused()
        log.warning("webhook.bad_signature", bytes=len(body))
        return _plain("The signature is missing or wrong.", 403)
    fault = _fault(body, request.headers.get("Content-Encoding", "identity").lower())
    the_inbox().keep(body, fault)
    if not fault:
        doorbell().ring()
    tallies.tally().stored(time.perf_counter() - began)
    return _plain(fault, 400) if fault else _plain("", 200)


def _fault(body: bytes, encoding: str) -> str | None:
    """Why this cannot be read; None for JSON. Meta's bodies take some 5 µs: a faster parser would not show."""
    if encoding != "identity":
        return "The body is compressed; it must be plain JSON."
    try:
        json.loads(body)
    except RecursionError:
        return "The body is nested too deeply."
    except ValueError:
        return "The body is no JSON."
    return None


def _plain(words: str, status: int) -> Response:
    return Response(words, status, mimetype="text/plain")
