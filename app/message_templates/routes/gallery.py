"""The gallery of message templates."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth import audit
from app.auth.access import needs
from app.channels.queries import the_channel
from app.extensions import db
from app.message_templates import queries, samples, words
from app.message_templates.jobs import reading
from app.message_templates.routes.blueprint import bp
from app.shared.errors import Missing

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
        looks={template.id: queries.sample(template) for template in page.items},
        sample_url=samples.address,
        choices=queries.choices(channel),
        words=words,
    )


@bp.post("/templates/sync")
@needs("templates.sync")
def sync() -> ResponseReturnValue:
    channel = the_channel()
    if channel is None:
        raise Missing("There is no channel yet.")
    result = reading.sync_templates_now(channel.id)
    audit.record("templates.sync", channel, result=str(result) if result else channel.templates_sync_error)
    db.session.commit()
    if result:
        flash(f"Read from Meta: {result}.", "success")
    else:
        flash(f"{channel.templates_sync_error} The templates below are as they were.", "danger")
    return redirect(url_for("message_templates.index"))
