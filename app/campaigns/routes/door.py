"""What every door of campaigns does first: find the campaign, and lead away who is at the wrong one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug import Response

from app.auth import audit
from app.campaigns.jobs import rings
from app.campaigns.models import Campaign, CampaignStatus
from app.campaigns.routes import steps
from app.campaigns.service import drafts, lifecycle
from app.extensions import db
from app.shared.errors import Missing, Refused


def find(public_id: UUID) -> Campaign:
    """That campaign. Raises `Missing`."""
    campaign = db.session.scalar(select(Campaign).where(Campaign.public_id == public_id))
    if campaign is None:
        raise Missing("There is no such campaign.")
    return campaign


def find_locked(public_id: UUID) -> Campaign:
    """That campaign, locked until the commit, as it is now. Raises `Missing`."""
    return lifecycle.locked(find(public_id).id)


def at_step(public_id: UUID, step: str) -> Campaign:
    """The campaign if it may be edited at this step, locked for a POST; otherwise the browser is led where it may."""
    campaign = find_locked(public_id) if request.method == "POST" else find(public_id)
    try:
        if not (step == "recipients" and campaign.status is CampaignStatus.POPULATING):
            drafts.require_editable(campaign)
    except Refused as refusal:
        is_filling = campaign.status is CampaignStatus.POPULATING
        _lead_away(refusal, url_of(campaign, "recipients") if is_filling else page_of(campaign))
    if not steps.may_open(campaign, step):
        first = steps.first_open(campaign)
        _lead_away(Refused(first.wanted), url_of(campaign, first.key))
    return campaign


def page_of(campaign: Campaign) -> str:
    """The address of the campaign's page."""
    return url_for("campaigns.show", public_id=campaign.public_id)


def url_of(campaign: Campaign, step: str) -> str:
    """The address of a step of the wizard."""
    return url_for(f"campaigns.edit_{step}", public_id=campaign.public_id)


def saved(campaign: Campaign, step: str) -> ResponseReturnValue:
    """Commit what the step changed, and on to the next."""
    audit.record("campaign.update", campaign, step=step)
    db.session.commit()
    return redirect(url_of(campaign, steps.after(step).key))


def committed(campaign: Campaign, action: str, to: str, **details: Any) -> ResponseReturnValue:
    """Write the deed down, commit, ring for whoever goes on with it, and lead to `to`."""
    audit.record(action, campaign, **details)
    db.session.commit()
    rings.ring_for(campaign)
    return redirect(to)


def step_page(campaign: Campaign | None, step: str, **facts: Any) -> str:
    """The page of a step."""
    back = steps.before(step)
    return render_template(
        f"campaigns/edit/{step}.html",
        campaign=campaign,
        trail=steps.trail(campaign, step),
        back=url_of(campaign, back.key) if back and campaign else None,
        url_of=url_of,
        **facts,
    )


def _lead_away(refusal: Refused, to: str) -> None:
    db.session.rollback()
    flash(str(refusal), "warning")
    answer: Response = redirect(to)
    abort(answer)
