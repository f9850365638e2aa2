"""The gallery of message templates and the page of each."""

from __future__ import annotations

import json
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth import audit
from app.auth.access import needs
from app.channels.queries import the_channel
from app.extensions import db
from app.message_templates import jobs, queries, words
from app.shared.errors import Missing

bp = Blueprint("message_templates", __name__)

FILTERS = ("status", "category", "language", "search")


@bp.get("/templates")
@needs("templates.view")
def index() -> ResponseReturnValue:
    channel = the_channel()
    if channel is None:
        return render_template("message_templates/no_channel.html")
    # PostgreSQL takes no NUL in a text, and addresses can hold one.
    filters = {name: request.args.get(name, "").replace("\x00", "") for name in FILTERS}
    page = queries.gallery(channel, **filters, page=request.args.get("page", 1, type=int))
    return render_template(
        "message_templates/index.html",
        channel=channel,
        filters=filters,
        page=page,
        samples={template.id: queries.sample(template) for template in page.items},
        choices=queries.choices(channel),
        words=words,
    )


@bp.get("/templates/<uuid:public_id>")
@needs("templates.view")
def show(public_id: UUID) -> ResponseReturnValue:
    template = queries.by_public_id(public_id)
    return render_template(
        "message_templates/show.html",
        template=template,
        sample=queries.sample(template),
        variables=queries.variables(template),
        unsupported=queries.unsupported(template),
        raw=json.dumps(template.components, indent=2, ensure_ascii=False),
        words=words,
    )


@bp.post("/templates/sync")
@needs("templates.sync")
def sync() -> ResponseReturnValue:
    channel = the_channel()
    if channel is None:
        raise Missing("There is no channel yet.")
    result = jobs.sync_templates_now(channel.id)
    audit.record("templates.sync", channel, result=str(result) if result else channel.templates_sync_error)
    db.session.commit()
    if result:
        flash(f"Read from Meta: {result}.", "success")
    else:
        flash(f"{channel.templates_sync_error} The templates below are as they were.", "danger")
    return redirect(url_for("message_templates.index"))
