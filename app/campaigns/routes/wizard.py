"""The wizard's first steps: name and template."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth import audit
from app.auth.access import needs
from app.campaigns import windows
from app.campaigns.forms import NameForm
from app.campaigns.models import Campaign, TargetType
from app.campaigns.routes import door, steps
from app.campaigns.routes.blueprint import bp
from app.campaigns.service import drafts
from app.channels.models import Channel
from app.channels.queries import the_channel
from app.customers.segments import queries as segment_queries
from app.extensions import db
from app.message_templates import queries as templates
from app.message_templates import words as template_words
from app.message_templates.models import MessageTemplate, Status
from app.shared.errors import Invalid, Missing, Refused


@bp.get("/campaigns/new")
@needs("campaigns.write")
def new() -> ResponseReturnValue:
    if the_channel() is None:
        return render_template("message_templates/no_channel.html")
    return _name_page(NameForm())


@bp.post("/campaigns/new")
@needs("campaigns.write")
def create() -> ResponseReturnValue:
    form = NameForm()
    channel = the_channel()
    if channel is None:
        raise Missing("There is no channel yet.")
    if not form.validate_on_submit():
        return _name_page(form), 422
    campaign = drafts.create(form.name.data, channel, current_user, form.description.data or "")
    drafts.set_hours(campaign, windows.USUAL)
    _preselect(campaign, request.args.get("template", ""))
    _preselect_segment(campaign, request.args.get("segment", ""))
    audit.record("campaign.create", campaign)
    db.session.commit()
    return redirect(door.url_of(campaign, steps.first_open(campaign).key))


@bp.get("/campaigns/<uuid:public_id>/edit")
@needs("campaigns.write")
def edit(public_id: UUID) -> ResponseReturnValue:
    campaign = door.find(public_id)
    return redirect(door.url_of(campaign, steps.first_open(campaign).key))


@bp.get("/campaigns/<uuid:public_id>/edit/name")
@needs("campaigns.write")
def edit_name(public_id: UUID) -> ResponseReturnValue:
    campaign = door.at_step(public_id, "name")
    return door.step_page(campaign, "name", form=NameForm(obj=campaign))


@bp.post("/campaigns/<uuid:public_id>/edit/name")
@needs("campaigns.write")
def save_name(public_id: UUID) -> ResponseReturnValue:
    campaign, form = door.at_step(public_id, "name"), NameForm()
    if not form.validate_on_submit():
        return door.step_page(campaign, "name", form=form), 422
    drafts.rename(campaign, form.name.data, form.description.data or "")
    return door.saved(campaign, "name")


@bp.get("/campaigns/<uuid:public_id>/edit/template")
@needs("campaigns.write")
def edit_template(public_id: UUID) -> ResponseReturnValue:
    return _template_page(door.at_step(public_id, "template"))


@bp.post("/campaigns/<uuid:public_id>/edit/template")
@needs("campaigns.write")
def save_template(public_id: UUID) -> ResponseReturnValue:
    campaign = door.at_step(public_id, "template")
    try:
        drafts.choose_template(campaign, _template(request.form.get("template", "")))
    except (Invalid, Refused, Missing) as refusal:
        return _template_page(campaign, str(refusal)), 422
    return door.saved(campaign, "template")


def _preselect(campaign: Campaign, chosen: str) -> None:
    """The template somebody came with; one that cannot be used is only a reason to choose another."""
    if not chosen:
        return
    try:
        drafts.choose_template(campaign, _template(chosen))
    except (Invalid, Refused, Missing) as refusal:
        flash(str(refusal), "warning")


def _preselect_segment(campaign: Campaign, chosen: str) -> None:
    """The segment somebody came with; its people are brought together at their step."""
    if not chosen:
        return
    try:
        segment = segment_queries.by_public_id(UUID(chosen))
        query = {"segment": str(segment.public_id), "name": segment.name}
        drafts.aim(campaign, TargetType.SEGMENT, query)
    except (ValueError, Invalid, Missing) as refusal:
        flash(f"The segment cannot be used: {refusal}", "warning")


def _name_page(form: NameForm) -> str:
    came_with = {name: request.args[name] for name in ("template", "segment") if request.args.get(name)}
    return door.step_page(None, "name", form=form, came_with=came_with)


def _template(public_id: str) -> MessageTemplate:
    try:
        return templates.by_public_id(UUID(public_id))
    except ValueError as error:
        raise Invalid("Choose a template.", "template") from error


def _template_page(campaign: Campaign, trouble: str = "") -> str:
    channel = campaign.channel
    filters = {name: request.args.get(name, "").replace("\x00", "") for name in ("category", "language", "search")}
    page = templates.gallery(channel, **filters, status=Status.APPROVED, page=request.args.get("page", 1, type=int))
    return door.step_page(
        campaign,
        "template",
        filters=filters,
        page=page,
        samples={template.id: templates.sample(template) for template in page.items},
        refusals={template.id: drafts.why_not(template) for template in page.items},
        choices=templates.choices(channel),
        words=template_words,
        not_approved=_not_approved(channel),
        trouble=trouble,
        new_url=url_for("message_templates.index"),
    )


def _not_approved(channel: Channel) -> int:
    every = templates.gallery(channel).total
    return every - templates.gallery(channel, status=Status.APPROVED).total
