"""A conversation with a customer, to be read: a page of its own, and live within the customer's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, make_response, render_template, request
from jinja2_fragments.flask import render_block

from app.auth import workspace
from app.auth.access import needs
from app.customers.models import Customer
from app.customers.queries.people import by_public_id
from app.messaging import queries
from app.messaging.bubbles import bubbles
from app.messaging.queries import Thread
from app.messaging.routes.blueprint import bp
from app.shared import clock
from app.shared.errors import Missing


@bp.get("/customers/<uuid:public_id>/conversation")
@needs("customers.view")
def conversation(public_id: UUID) -> Response:
    customer = by_public_id(public_id)
    shown = _shown(customer, queries.thread(customer))
    is_part = "HX-Request" in request.headers
    page = (
        render_block("messaging/conversation.html", "conversation", **shown)
        if is_part
        else render_template("messaging/conversation.html", **shown)
    )
    # Else a browser that comes Back shows the part instead of the page.
    return make_response(page, {"Vary": "HX-Request"})


@bp.get("/customers/<uuid:public_id>/conversation/live")
@needs("customers.view")
def conversation_live(public_id: UUID) -> str:
    customer, first = by_public_id(public_id), request.args.get("since", type=UUID)
    thread = queries.thread_since(customer, first) if first else queries.thread(customer)
    return render_template("messaging/_live.html", is_news=True, **_shown(customer, thread))


@bp.get("/customers/<uuid:public_id>/conversation/earlier")
@needs("customers.view")
def conversation_earlier(public_id: UUID) -> str:
    customer, first = by_public_id(public_id), request.args.get("before", type=UUID)
    if first is None:
        raise Missing("Say before which message.")
    return render_template("messaging/_earlier.html", **_shown(customer, queries.thread(customer, first)))


def _shown(customer: Customer, thread: Thread) -> dict[str, Any]:
    closes_at = queries.window_closes_at(customer)
    return {
        "customer": customer,
        "thread": thread,
        "bubbles": bubbles(thread.lines, workspace.zone()),
        "closes_at": closes_at,
        "is_open": closes_at is not None and closes_at > clock.now(),
    }
