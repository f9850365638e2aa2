"""The wizard's last steps: review everything, try it on one's own phone, send."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect
from flask.typing import ResponseReturnValue

from app.auth import audit, workspace
from app.auth.access import needs
from app.campaigns import recurrence, windows, words
from app.campaigns.forms import SendForm, TrialForm
from app.campaigns.jobs import one_message, rings
from app.campaigns.models import EDITABLE, Campaign, CampaignStatus
from app.campaigns.queries import audience, figures, outlook, rehearsal, targets
from app.campaigns.recurrence import Rule
from app.campaigns.routes import door, preflight, trial
from app.campaigns.routes.blueprint import bp
from app.campaigns.service import freezing, lifecycle
from app.channels.queries import quick_transport_for
from app.extensions import db
from app.message_templates import queries as templates
from app.messaging import pricing
from app.messaging.engine.sender import Outcome, Verdict
from app.meta.errors import meaning_of
from app.shared import clock, phone
from app.shared.errors import Invalid, Refused

TYPE_ABOVE = 500  # from here on one types the count: nobody writes to thousands by a slip


@bp.get("/campaigns/<uuid:public_id>/edit/review")
@needs("campaigns.write")
def edit_review(public_id: UUID) -> ResponseReturnValue:
    return _review_page(door.at_step(public_id, "review"), TrialForm(phone=trial.own_number()))


@bp.post("/campaigns/<uuid:public_id>/test")
@needs("campaigns.send")
def send_test(public_id: UUID) -> ResponseReturnValue:
    """The first recipient's message, to the phone of whoever asks."""
    campaign, form = door.at_step(public_id, "review"), TrialForm()
    if not form.validate_on_submit():
        return _review_page(campaign, form), 422
    try:
        number = phone.parse(form.phone.data, workspace.current().default_region)
        trial.remember(number)
        outcome = _send_one(campaign, number)
    except phone.Unusable as reason:
        form.phone.errors = [f"This phone number cannot be used: {reason}."]
    except (Invalid, Refused) as error:
        form.phone.errors = [str(error)]
    else:
        _tell(outcome, number)
        return redirect(door.url_of(campaign, "review"))
    db.session.rollback()
    return _review_page(door.find(public_id), form), 422


@bp.get("/campaigns/<uuid:public_id>/edit/send")
@needs("campaigns.send")
def edit_send(public_id: UUID) -> ResponseReturnValue:
    return _send_page(door.at_step(public_id, "send"), SendForm())


@bp.post("/campaigns/<uuid:public_id>/edit/send")
@needs("campaigns.send")
def launch(public_id: UUID) -> ResponseReturnValue:
    campaign, form = door.find_locked(public_id), SendForm()
    if campaign.status not in EDITABLE:
        return _already(campaign)
    campaign = door.at_step(public_id, "send")
    judged = rehearsal.rehearse(campaign)
    if not form.validate_on_submit() or not _is_confirmed(form, judged.eligible):
        return _send_page(campaign, form), 422
    if preflight.forbids(preflight.checks(campaign, judged, outlook.limit_now(campaign.channel))):
        flash("Something forbids the start; see the list.", "danger")
        return redirect(door.url_of(campaign, "review"))
    lifecycle.launch(campaign)
    audit.record("campaign.start", campaign, eligible=judged.eligible)
    db.session.commit()
    rings.ring_for(campaign)
    scheduled = campaign.status is CampaignStatus.SCHEDULED
    flash(f"{campaign.name} is {'scheduled' if scheduled else 'on its way'}.", "success")
    return redirect(door.page_of(campaign))


def _already(campaign: Campaign) -> ResponseReturnValue:
    """Pressed twice, or in two tabs: the first press did it."""
    url, status = door.page_of(campaign), campaign.status.value
    db.session.rollback()
    flash(f"Nothing was done: this campaign is {status} already.", "info")
    return redirect(url)


def _is_confirmed(form: SendForm, eligible: int) -> bool:
    if eligible <= TYPE_ABOVE or form.typed() == eligible:
        return True
    form.count.errors = [f"Type {eligible} to confirm that so many people get this message."]
    return False


def _send_one(campaign: Campaign, number: str) -> Outcome:
    template = campaign.template
    assert template is not None  # the review is only open with one
    shown = rehearsal.preview(campaign, campaign.template_variables)
    request = trial.request_for(template, number, dict(shown.values) if shown else {})
    transport = quick_transport_for(campaign.channel)
    return one_message.send(request, transport, "campaign.test", campaign, consent=trial.CONSENT).outcome


def _tell(outcome: Outcome, number: str) -> None:
    shown = phone.display(number)
    if outcome.verdict is Verdict.ACCEPTED:
        flash(f"The test is on its way to {shown}. It reads as the first recipient's message.", "success")
    elif outcome.verdict is Verdict.UNKNOWN:
        flash(f"Nobody knows whether the test to {shown} left; look at the phone.", "warning")
    else:
        meaning = meaning_of(outcome.code)
        flash(f"The test to {shown} failed. {meaning.sentence} {meaning.hint}", "danger")


def _review_page(campaign: Campaign, form: TrialForm) -> str:
    return door.step_page(campaign, "review", form=form, **_facts(campaign))


def _send_page(campaign: Campaign, form: SendForm) -> str:
    return door.step_page(campaign, "send", form=form, type_above=TYPE_ABOVE, **_facts(campaign))


def _facts(campaign: Campaign) -> dict[str, Any]:
    template = campaign.template
    assert template is not None  # these steps are only open with one
    judged, limit = rehearsal.rehearse(campaign), outlook.limit_now(campaign.channel)
    today = clock.now().astimezone(workspace.zone()).date()
    found = preflight.checks(campaign, judged, limit)
    return {
        "template": template,
        "needed": templates.variables(template),
        "preview": rehearsal.preview(campaign, campaign.template_variables),
        "figures": figures.of(campaign.id),
        "judged": judged,
        "audience": audience.sentence(campaign),
        "exclusions": audience.exclusions(campaign, judged),
        "is_found_anew": campaign.target_type in targets.ANEW,
        "is_stale": freezing.is_stale(campaign),
        "limit": limit,
        "forecast": outlook.forecast_of(campaign, judged.eligible, campaign.scheduled_for),
        "estimate": pricing.estimate(judged.prefixes, template.category, workspace.current().currency, today),
        "rule_words": recurrence.sentence(Rule.from_json(campaign.recurrence)) if campaign.recurrence else "",
        "window_words": windows.sentence(campaign),
        "checks": found,
        "is_forbidden": preflight.forbids(found),
        "zone": workspace.zone(),
        "words": words,
    }
