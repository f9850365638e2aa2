"""What campaigns know of a template: where it is used, and whether it may be deleted."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth import audit
from app.auth.access import needs
from app.campaigns.queries import by_template
from app.campaigns.routes.blueprint import bp
from app.channels.failures import sentence_of
from app.extensions import db
from app.message_templates import drafts, submission
from app.message_templates import queries as templates
from app.message_templates.jobs import deeds
from app.message_templates.models import MessageTemplate, Status
from app.shared.errors import Refused


@bp.get("/templates/<uuid:public_id>/campaigns")
@needs("campaigns.view")
def with_template(public_id: UUID) -> ResponseReturnValue:
    template = templates.by_public_id(public_id)
    page = "_with_template.html" if "HX-Request" in request.headers else "with_template.html"
    return render_template(f"campaigns/{page}", template=template, campaigns=by_template.latest(template))


@bp.get("/templates/<uuid:public_id>/delete")
@needs("templates.write")
def delete_template(public_id: UUID) -> ResponseReturnValue:
    """What deleting means, before it is done."""
    return _page(templates.by_public_id(public_id))


@bp.post("/templates/<uuid:public_id>/delete")
@needs("templates.write")
def do_delete_template(public_id: UUID) -> ResponseReturnValue:
    template, everywhere = templates.by_public_id(public_id), request.form.get("scope") == "all"
    if by_template.needing(template, everywhere=everywhere):
        return _page(template), 409
    name, is_draft = template.name, template.status == Status.DRAFT
    audit.record("template.delete", template, name=name, language=template.language, everywhere=everywhere)
    if is_draft:
        drafts.discard(template)
        db.session.commit()
    elif failure := deeds.delete(template.id, everywhere=everywhere):
        flash(f"{name} was not deleted. {sentence_of(failure)}", "danger")
        return redirect(url_for("message_templates.show", public_id=public_id))
    flash(f"{name} is deleted{' in all languages' if everywhere else ''}.", "success")
    return redirect(url_for("message_templates.index"))


def _page(template: MessageTemplate) -> str:
    if template.status == Status.DELETED:
        raise Refused("This template is deleted already.")
    return render_template(
        "campaigns/delete_template.html",
        template=template,
        languages=submission.languages_of(template),
        needing=by_template.needing(template, everywhere=False),
        needing_anywhere=by_template.needing(template, everywhere=True),
        is_draft=template.status == Status.DRAFT,
    )
