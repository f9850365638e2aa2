"""One log line a request, and a request id on every line written meanwhile."""

from __future__ import annotations

import time

import structlog
from flask import Flask, Response, g, request

from app.shared.ids import uuid7

log = structlog.get_logger()


def register(app: Flask) -> None:
    """Log every request but static files. The path is its pattern: addresses may hold what a log must not."""

    @app.before_request
    def begin() -> None:
        structlog.contextvars.clear_contextvars()
        request_id = uuid7().hex
        structlog.contextvars.bind_contextvars(request_id=request_id)
        g.request_id, g.request_began = request_id, time.perf_counter()

    @app.after_request
    def end(answer: Response) -> Response:
        answer.headers["X-Request-Id"] = g.get("request_id", "")
        if request.endpoint != "static" and "request_began" in g:
            log.info("request", **_facts(answer))
        return answer


def _facts(answer: Response) -> dict[str, object]:
    user = g.get("_login_user")  # not current_user: that would ask the database for requests that need nobody
    return {
        "method": request.method,
        "path": request.url_rule.rule if request.url_rule else None,
        "status": answer.status_code,
        "ms": round((time.perf_counter() - g.request_began) * 1000, 1),
        "user_id": getattr(user, "id", None),
    }
