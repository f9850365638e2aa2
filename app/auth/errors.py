"""Errors as people and programs read them: a page with a sentence and a way back, JSON under /api."""

from __future__ import annotations

import math
import time
from typing import Any

import structlog
from flask import Flask, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

from app.extensions import db, limiter
from app.shared.errors import Invalid, Missing, Refused

log = structlog.get_logger()

SENTENCES = {
    400: "Your browser sent something we could not read. Go back and try again.",
    401: "Log in first.",
    403: "Your role does not allow this. An owner can change it on the Team page.",
    404: "There is no such page, or it is gone.",
    405: "This address does not take that kind of request.",
    413: "That file is larger than this installation accepts.",
    415: "This address does not take that kind of content.",
    500: "Something broke on our side. It has been noted; please try again.",
    503: "The database does not answer in time. Please try again in a moment.",
}


def register(app: Flask) -> None:
    """Answer every refusal and failure in the house's manner."""
    app.register_error_handler(Missing, lambda error: _answer(404, "not_found", _words(error, 404)))
    app.register_error_handler(Refused, lambda error: _answer(409, "refused", str(error)))
    app.register_error_handler(Invalid, _invalid)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(RateLimitExceeded, _too_many)
    app.register_error_handler(OperationalError, _database_trouble)
    app.register_error_handler(HTTPException, _http)


def _invalid(error: Invalid) -> ResponseReturnValue:
    fields = {error.field: [str(error)]} if error.field else {}
    return _answer(422, "invalid", str(error), fields=fields)


def _stale_form(error: CSRFError) -> ResponseReturnValue:
    return _answer(400, "csrf", "This form is no longer valid. Go back, reload the page and send it again.")


def _too_many(error: RateLimitExceeded) -> ResponseReturnValue:
    limit = limiter.current_limit
    seconds = max(1, math.ceil(limit.window.reset_time - time.time())) if limit else 60
    sentence = f"{error.limit.error_message or 'Too many requests.'} Try again in {_duration(seconds)}."
    return _answer(429, "too_many_requests", sentence, headers={"Retry-After": seconds})


def _duration(seconds: int) -> str:
    count, unit = (seconds, "second") if seconds < 60 else (math.ceil(seconds / 60), "minute")
    return f"{count} {unit}" + ("" if count == 1 else "s")


def _database_trouble(error: OperationalError) -> ResponseReturnValue:
    """Gone, or a lock that did not come in time: the guard's, while something large is counted."""
    db.session.rollback()
    log.warning("database.troubled", error=type(error.orig).__name__)
    return _answer(503, "unavailable", SENTENCES[503], headers={"Retry-After": 5})


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or (error.code or 500) < 400:
        return error
    code = error.code or 500
    if isinstance(error, InternalServerError):
        db.session.rollback()  # the page below may still ask who is logged in
    headers = {name: value for name, value in error.get_headers(request.environ) if name != "Content-Type"}
    return _answer(
        code,
        error.name.lower().replace(" ", "_"),
        SENTENCES.get(code, str(error.description)),
        headers=headers,
    )


def _words(error: Exception, code: int) -> str:
    return str(error) or SENTENCES[code]


def _answer(
    status: int,
    code: str,
    sentence: str,
    *,
    fields: dict[str, list[str]] | None = None,
    headers: dict[str, Any] | None = None,
) -> ResponseReturnValue:
    if request.path.startswith("/api/"):
        answer = jsonify(error={"code": code, "message": sentence, "fields": fields or {}})
    else:
        page = "errors/broken.html" if status >= 500 else "errors/refused.html"
        answer = make_response(render_template(page, status=status, sentence=sentence))
    answer.headers.extend({name: value for name, value in (headers or {}).items() if name != "Content-Type"})
    answer.status_code = status
    return answer
