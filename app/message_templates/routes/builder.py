"""The builder: a template written, checked while one types, kept as a draft, handed in, edited, copied.

The page works without scripts: every button of the form posts it, and it comes back as it was, one deed further.
"""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth import audit
from app.auth.access import needs
from app.channels.models import Channel
from app.channels.queries import the_channel
from app.extensions import db
from app.message_templates import drafts, forms, languages, queries, refusals, samples, submission
from app.message_templates.jobs import submitting
from app.message_templates.languages import DEFAULT
from app.message_templates.models import MessageTemplate, Status
from app.message_templates.routes.blueprint import bp
from app.message_templates.routes.page import url_of
from app.message_templates.routes.sheet import Sheet
from app.meta.errors import MetaFailure, OutcomeUnknown
from app.meta.template_limits import Problem
from app.shared import clock
from app.shared.errors import Invalid, Refused


@bp.get("/templates/new")
@needs("templates.write")
def new() -> ResponseReturnValue:
    """An empty form, or one filled with a template to be copied (`?from=`)."""
    channel = _channel()
    fields, sample_key = forms.blank() | {"language": (queries.languages(channel) or [DEFAULT])[0]}, None
    if (source := _source()) is not None:
        fields = forms.fields_of(source) | {"name": forms.slug(f"{source.name[:500]}_copy")}
        sample_key = source.sample_key
    return _page(Sheet(fields, sample_key))


@bp.post("/templates/new")
@needs("templates.write")
def create() -> ResponseReturnValue:
    return _posted(_sheet(None), None)


@bp.get("/templates/<uuid:public_id>/edit")
@needs("templates.write")
def edit(public_id: UUID) -> ResponseReturnValue:
    template = _writable(public_id)
    if template.status != Status.DRAFT:
        submission.require_editable(template, clock.now())
    return _page(Sheet(forms.fields_of(template), template.sample_key), template)


@bp.post("/templates/<uuid:public_id>/edit")
@needs("templates.write")
def save(public_id: UUID) -> ResponseReturnValue:
    """Whatever forbids it now, the form comes back with what was typed."""
    template = _writable(public_id)
    return _posted(_sheet(template), template)


@bp.post("/templates/check")
@needs("templates.write")
def check() -> ResponseReturnValue:
    """The parts of the page that follow what is typed; nothing is stored but a sample file."""
    deed = request.form.get("do", "")
    known = request.form.get("template", type=UUID)
    sheet = _sheet(queries.by_public_id(known) if known else None).after(deed)
    has_new_sample = deed == "unsample" or bool(request.files)
    return render_template(
        "message_templates/_live.html",
        **sheet.facts(),
        has_new_buttons=bool(deed) and deed != "unsample",
        has_new_sample=has_new_sample,
        has_new_variables={part: _is_new(sheet, part) for part in ("header", "body")},
    )


def _posted(sheet: Sheet, template: MessageTemplate | None) -> ResponseReturnValue:
    deed = request.form.get("do", "show")
    if sheet.faults and deed in ("draft", "submit"):
        return _page(sheet.tried(), template), 422
    if deed == "draft" and (template is None or template.status == Status.DRAFT):
        return _save_draft(sheet, template)
    if deed == "submit":
        return _submit(sheet, template)
    return _page(sheet.after(deed), template)


def _save_draft(sheet: Sheet, template: MessageTemplate | None) -> ResponseReturnValue:
    try:
        draft = _written(sheet, template)
    except Invalid as error:
        return _refused(sheet, template, Problem(error.field or "", str(error), "bad_value"))
    audit.record("template.draft", draft)
    db.session.commit()
    flash(f"{draft.name} is kept as a draft. Meta has not seen it.", "success")
    return redirect(url_for("message_templates.edit", public_id=draft.public_id))


def _submit(sheet: Sheet, template: MessageTemplate | None) -> ResponseReturnValue:
    if sheet.problems():
        return _page(sheet.tried(), template), 422
    if template is not None and template.status != Status.DRAFT:
        return _hand_in_edit(sheet, template)
    try:
        draft = _written(sheet, template)
    except Invalid as error:
        return _refused(sheet, template, Problem(error.field or "", str(error), "bad_value"))
    audit.record("template.submit", draft, name=draft.name, language=draft.language)
    db.session.commit()
    try:
        failure = submitting.submit(draft.id, current_user)
    except Refused as refusal:
        return _refused_by_us(sheet, draft, refusal)
    return _answered(sheet, draft, failure, "Meta reviews it now; that takes minutes, at most a day.")


def _hand_in_edit(sheet: Sheet, template: MessageTemplate) -> ResponseReturnValue:
    definition = sheet.definition()
    changes = {"components": definition["components"]}
    if template.status != "APPROVED":
        changes["category"] = definition["category"]
    audit.record("template.edit", template, name=template.name, language=template.language)
    try:
        failure = submitting.edit(template.id, changes, sheet.sample(), current_user)
    except Refused as refusal:
        return _refused_by_us(sheet, template, refusal)
    return _answered(sheet, template, failure, "Meta reviews the change now.")


def _answered(sheet: Sheet, template: MessageTemplate, failure: MetaFailure | None, words: str) -> ResponseReturnValue:
    db.session.refresh(template)
    if failure is None:
        flash(f"{template.name} is with Meta. {words}", "success")
        return redirect(url_of(template))
    if isinstance(failure, OutcomeUnknown) and template.status == Status.UNCONFIRMED:
        flash("Meta gave no clear answer; look again in a minute. It is not submitted twice.", "warning")
        return redirect(url_of(template))
    return _refused(sheet, template, refusals.problem_of(failure))


def _refused_by_us(sheet: Sheet, template: MessageTemplate, refusal: Refused) -> ResponseReturnValue:
    db.session.rollback()
    return _refused(sheet, template, Problem("", str(refusal), "refused"))


def _refused(sheet: Sheet, template: MessageTemplate | None, problem: Problem) -> ResponseReturnValue:
    """The form again, as it was filled, with what was wrong. A new draft that was kept stays kept."""
    is_kept = template is not None and template.id is not None
    return _page(sheet.tried().refused(problem), template if is_kept else None), 422


def _written(sheet: Sheet, template: MessageTemplate | None) -> MessageTemplate:
    if template is None:
        return drafts.save(_channel(), sheet.definition(), sheet.sample(), current_user)
    return drafts.rewrite(template, sheet.definition(), sheet.sample())


def _sheet(template: MessageTemplate | None) -> Sheet:
    """The form as it was sent, its sample file kept; what Meta does not let be edited is the template's own."""
    fields, faults = forms.read(request.form), []
    ticket = request.form.get("header.sample_ticket")
    sample_key = samples.key_of(ticket) if ticket else None
    if (file := request.files.get("header.sample")) and file.filename:
        try:
            sample_key = samples.keep(file.stream, fields.get("header.format", ""))
        except Invalid as error:
            faults = [Problem("header.sample", str(error), "bad_value")]
    if template is not None and template.status != Status.DRAFT:
        fields |= {"name": template.name, "language": template.language, "parameter_format": template.parameter_format}
        if template.status == "APPROVED":
            fields["category"] = template.category
    return Sheet(fields, sample_key, faults, is_tried="tried" in request.form)


def _page(sheet: Sheet, template: MessageTemplate | None = None) -> str:
    channel, now = _channel(), clock.now()
    return render_template(
        "message_templates/build.html",
        **sheet.facts(),
        template=template,
        is_draft=template is None or template.status == Status.DRAFT,
        languages=languages.listed(queries.languages(channel)),
        edits=len(submission.edits(template, now)) if template is not None and template.id else 0,
        next_edit=submission.next_edit(template, now) if template is not None and template.id else None,
    )


def _writable(public_id: UUID) -> MessageTemplate:
    """The template, if the builder can write all its parts. Raises Refused."""
    template = queries.by_public_id(public_id)
    if strange := forms.strange_parts(template):
        raise Refused(f"The builder does not write these parts: {', '.join(strange)}. Edit it in WhatsApp Manager.")
    return template


def _source() -> MessageTemplate | None:
    """The template to be copied."""
    if (public_id := request.args.get("from", type=UUID)) is None:
        return None
    source = queries.by_public_id(public_id)
    if strange := forms.strange_parts(source):
        raise Refused(f"The builder does not write these parts: {', '.join(strange)}. Copy it in WhatsApp Manager.")
    return source


def _channel() -> Channel:
    channel = the_channel()
    if channel is None:
        raise Refused("No WhatsApp number is connected yet.")
    return channel


def _is_new(sheet: Sheet, part: str) -> bool:
    return ",".join(forms.variables_of(sheet.fields, part)) != request.form.get(f"shown.{part}", "")
