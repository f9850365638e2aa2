"""The wizard's step of the variables, with the messages of real recipients beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.auth import workspace
from app.auth.access import needs
from app.campaigns import fitness
from app.campaigns import variables as service
from app.campaigns.controls import control_of, stored
from app.campaigns.models import Campaign
from app.campaigns.queries import rehearsal
from app.campaigns.routes import door
from app.campaigns.routes.blueprint import bp
from app.campaigns.service import drafts
from app.message_templates.questions import Sheet, sheet_of
from app.messaging.models import SkipReason
from app.meta.components import CompiledTemplate, compile_template
from app.shared.errors import Invalid

HERE = "variables"


@bp.get("/campaigns/<uuid:public_id>/edit/variables")
@needs("campaigns.write")
def edit_variables(public_id: UUID) -> ResponseReturnValue:
    campaign = door.at_step(public_id, HERE)
    guess = service.suggest(_compiled(campaign).variables, _columns(campaign))
    return _page(campaign, guess | campaign.template_variables)


@bp.post("/campaigns/<uuid:public_id>/edit/variables")
@needs("campaigns.write")
def save_variables(public_id: UUID) -> ResponseReturnValue:
    campaign = door.at_step(public_id, HERE)
    mapping = _mapping_in_form(_sheet(campaign))
    try:
        drafts.set_variables(campaign, mapping)
    except Invalid as error:
        return _page(campaign, mapping, {error.field: str(error)}), 422
    return door.saved(campaign, HERE)


@bp.post("/campaigns/<uuid:public_id>/edit/variables/preview")
@needs("campaigns.write")
def preview_variables(public_id: UUID) -> ResponseReturnValue:
    """The message of one recipient with what the form says now; nothing is stored."""
    campaign = door.find(public_id)
    mapping = _mapping_in_form(_sheet(campaign))
    return render_template("campaigns/edit/_preview.html", campaign=campaign, **_preview(campaign, mapping))


def _page(campaign: Campaign, mapping: Mapping[str, Any], refusal: Mapping[str | None, str] | None = None) -> str:
    """The step with every fault of what it says, whether it was just typed or went bad since it was saved."""
    sheet, template = _sheet(campaign), _compiled(campaign)
    faults = fitness.of_what_is_said(fitness.faults(template, mapping), template, mapping)
    return door.step_page(
        campaign,
        HERE,
        sheet=sheet,
        has_options=any(question.is_optional and question.key in mapping for question in sheet.questions),
        columns=_columns(campaign),
        fields=service.FIELDS,
        mapping=mapping,
        errors={**faults, **(refusal or {})},
        zone=workspace.zone(),
        control_of=control_of,
        max_text=service.MAX_TEXT,
        **_preview(campaign, mapping),
    )


def _preview(campaign: Campaign, mapping: Mapping[str, Any]) -> dict[str, Any]:
    """The recipient after, or before, the position the page stands at; at either end it stays where it is."""
    at = request.values.get("position", 0, type=int)
    move = request.values.get("move", "")
    found = None
    if move == "back":
        found = rehearsal.preview(campaign, mapping, before=at)
    found = found or rehearsal.preview(campaign, mapping, after=at if move == "on" else at - 1)
    found = found or rehearsal.preview(campaign, mapping, after=at - 1) or rehearsal.preview(campaign, mapping)
    judged = rehearsal.rehearse(campaign, mapping)
    return {
        "preview": found,
        "missing": judged.skips.get(SkipReason.MISSING_VARIABLE, 0),
        "missing_of_first": judged.missing_of_first,
    }


def _sheet(campaign: Campaign) -> Sheet:
    return sheet_of(campaign.template) if campaign.template else Sheet((), ())


def _compiled(campaign: Campaign) -> CompiledTemplate:
    template = campaign.template
    return compile_template(template.components if template else [], template.parameter_format if template else None)


def _columns(campaign: Campaign) -> list[str]:
    """The file's columns but the phone's: that one is not kept with the recipient's values."""
    if campaign.import_ is None:
        return []
    reading = campaign.import_.reading
    return [column for index, column in enumerate(reading["columns"]) if index != reading["phone_column"]]


def _mapping_in_form(sheet: Sheet) -> dict[str, dict[str, str]]:
    """What the form says of each variable: "column:City", "field:name" or "text" beside the words."""
    zone, mapping = workspace.zone(), {}
    for question in sheet.questions:
        key = question.key
        source, _, value = request.form.get(f"source:{key}", "").partition(":")
        if source not in ("column", "field"):
            source, value = "text", stored(question, request.form.get(f"text:{key}", ""), zone)
        fallback = stored(question, request.form.get(f"fallback:{key}", ""), zone)
        if value or fallback or not question.is_optional:
            mapping[key] = {"source": source, "value": value, "fallback": fallback}
    return mapping
