"""The page of one message template, and its sample file."""

from __future__ import annotations

import json
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from app.auth import audit
from app.auth.access import needs
from app.extensions import db
from app.message_templates import events, forms, queries, samples, words
from app.message_templates.jobs import deeds
from app.message_templates.models import MessageTemplate, Status
from app.message_templates.routes.blueprint import bp
from app.meta.templates import EDITABLE
from app.shared.errors import Missing
from app.storage import files
from app.storage.store import NotStored

# While a template is in one of these, its page looks again by itself.
UNDER_WAY = ("PENDING", Status.UNCONFIRMED, "IN_APPEAL")


@bp.get("/templates/<uuid:public_id>")
@needs("templates.view")
def show(public_id: UUID) -> ResponseReturnValue:
    template = queries.by_public_id(public_id)
    strange, history = forms.strange_parts(template), events.history(template)
    return render_template(
        "message_templates/show.html",
        template=template,
        sample=queries.sample(template),
        sample_url=samples.address(template.sample_key),
        variables=queries.variables(template),
        unsupported=queries.unsupported(template),
        raw=json.dumps(template.components, indent=2, ensure_ascii=False),
        history=history,
        people=queries.names_of(event.actor_id for event in history),
        strange=strange,
        is_editable=template.status in (Status.DRAFT, *EDITABLE) and not strange,
        is_under_way=template.status in UNDER_WAY,
        words=words,
    )


@bp.get("/templates/<uuid:public_id>/status")
@needs("templates.view")
def status(public_id: UUID) -> ResponseReturnValue:
    """Whether the review is over: a page that shows another status than the template's is to be loaded again."""
    template = queries.by_public_id(public_id)
    if template.status != request.args.get("seen"):
        return make_response("", 200, {"HX-Refresh": "true"})
    return make_response("", 204)


@bp.post("/templates/<uuid:public_id>/unpause")
@needs("templates.write")
def unpause(public_id: UUID) -> ResponseReturnValue:
    template = queries.by_public_id(public_id)
    audit.record("template.unpause", template)
    if reason := deeds.unpause(template.id):
        flash(reason, "danger")
    else:
        flash(f"{queries.by_public_id(public_id).name} may be sent again.", "success")
    return redirect(url_for("message_templates.show", public_id=public_id))


@bp.get("/templates/samples/<ticket>")
@needs("templates.view")
def sample_file(ticket: str) -> ResponseReturnValue:
    """A header's sample file; only a ticket of ours opens one."""
    key = samples.key_of(ticket)
    db.session.commit()  # the file may take its time
    try:
        file = files.open_file(key)
    except NotStored as error:
        raise Missing(str(error)) from error
    return send_file(file, mimetype=samples.mime_type_of(key), download_name=f"sample.{key.rpartition('.')[2]}")


def url_of(template: MessageTemplate) -> str:
    """The template's page."""
    return url_for("message_templates.show", public_id=template.public_id)
