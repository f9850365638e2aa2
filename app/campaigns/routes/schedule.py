"""The wizard's schedule step: once or again and again, in which hours, and how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.auth import workspace
from app.auth.access import needs
from app.campaigns import recurrence
from app.campaigns.models import Campaign
from app.campaigns.queries import outlook, rehearsal
from app.campaigns.routes import door
from app.campaigns.routes.blueprint import bp
from app.campaigns.schedule_form import ScheduleForm
from app.campaigns.service import drafts
from app.shared import clock
from app.shared.errors import Invalid

NEXT = 5  # dates that the builder shows
HERE = "schedule"


@dataclass(frozen=True, slots=True)
class Dates:
    """What the builder's rule says, in a sentence, and its next dates; or what is still to be said."""

    sentence: str
    moments: list[datetime]
    wanted: str = ""


@bp.get("/campaigns/<uuid:public_id>/edit/schedule")
@needs("campaigns.write")
def edit_schedule(public_id: UUID) -> ResponseReturnValue:
    campaign = door.at_step(public_id, HERE)
    return _page(campaign, ScheduleForm.of(campaign, workspace.zone()))


@bp.post("/campaigns/<uuid:public_id>/edit/schedule")
@needs("campaigns.write")
def save_schedule(public_id: UUID) -> ResponseReturnValue:
    campaign, form = door.at_step(public_id, HERE), ScheduleForm()
    if "look" in request.form:
        return _page(campaign, form)
    if not form.validate_on_submit():
        return _page(campaign, form), 422
    try:
        drafts.set_start(campaign, form.moment(workspace.zone()), form.rule(_today()))
        drafts.set_hours(campaign, form.window())
        drafts.set_manner(campaign, form.manner())
    except Invalid as error:
        form.blame(error)
        return _page(campaign, form), 422
    return door.saved(campaign, HERE)


@bp.post("/campaigns/<uuid:public_id>/edit/schedule/dates")
@needs("campaigns.write")
def schedule_dates(public_id: UUID) -> ResponseReturnValue:
    """What the rule says that stands in the form now; nothing is stored."""
    door.find(public_id)
    return render_template("campaigns/edit/_dates.html", dates=_dates(ScheduleForm()))


def _page(campaign: Campaign, form: ScheduleForm) -> str:
    eligible = rehearsal.rehearse(campaign).eligible
    return door.step_page(
        campaign,
        HERE,
        form=form,
        zone=workspace.zone(),
        eligible=eligible,
        limit=outlook.limit_now(campaign.channel),
        forecast=outlook.forecast_of(campaign, eligible, campaign.scheduled_for),
        cap=workspace.current().marketing_cap,
        dates=_dates(form),
    )


def _dates(form: ScheduleForm) -> Dates | None:
    try:
        rule = form.rule(_today())
        if rule is None:
            return None
        rule.check()
    except Invalid as missing:
        return Dates("", [], str(missing))
    moments = list(islice(recurrence.upcoming(rule, workspace.zone(), clock.now()), NEXT))
    wanted = "" if moments else "No date is left before this end; choose a later one."
    return Dates(recurrence.sentence(rule), moments, wanted)


def _today() -> date:
    return clock.now().astimezone(workspace.zone()).date()
