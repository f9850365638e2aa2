"""What can be done with a campaign from its page or the list. Each verb has one effect, however often pressed."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth import audit
from app.auth.access import needs
from app.campaigns.models import Campaign
from app.campaigns.routes import door
from app.campaigns.routes.blueprint import bp
from app.campaigns.service import drafts, lifecycle
from app.extensions import db
from app.shared.errors import Refused


@bp.post("/campaigns/<uuid:public_id>/pause")
@needs("campaigns.send")
def pause(public_id: UUID) -> ResponseReturnValue:
    return _do(public_id, "pause", lifecycle.pause, "is paused. What was on its way still arrives.")


@bp.post("/campaigns/<uuid:public_id>/resume")
@needs("campaigns.send")
def resume(public_id: UUID) -> ResponseReturnValue:
    return _do(public_id, "resume", lifecycle.resume, "goes on.")


@bp.post("/campaigns/<uuid:public_id>/cancel")
@needs("campaigns.send")
def cancel(public_id: UUID) -> ResponseReturnValue:
    return _do(public_id, "cancel", lifecycle.cancel, "is cancelled.")


@bp.post("/campaigns/<uuid:public_id>/unschedule")
@needs("campaigns.send")
def unschedule(public_id: UUID) -> ResponseReturnValue:
    return _do(public_id, "unschedule", lifecycle.unschedule, "waits for you again.")


@bp.post("/campaigns/<uuid:public_id>/duplicate")
@needs("campaigns.write")
def duplicate(public_id: UUID) -> ResponseReturnValue:
    campaign = door.find(public_id)
    copy = drafts.duplicate(campaign, current_user)
    audit.record("campaign.duplicate", copy, of=campaign.id)
    db.session.commit()
    flash("This is a copy; give it its own name.", "success")
    return redirect(door.url_of(copy, "name"))


@bp.post("/campaigns/<uuid:public_id>/delete")
@needs("campaigns.write")
def delete(public_id: UUID) -> ResponseReturnValue:
    campaign = door.find_locked(public_id)
    name = campaign.name
    audit.record("campaign.delete", campaign, name=name)
    try:
        drafts.discard(campaign)
    except Refused as refusal:
        return _refused(campaign, refusal)
    db.session.commit()
    flash(f"{name} is deleted.", "success")
    return redirect(url_for("campaigns.index"))


def _do(public_id: UUID, action: str, verb: Callable[[Campaign], None], news: str) -> ResponseReturnValue:
    campaign = door.find_locked(public_id)
    try:
        verb(campaign)
    except Refused as refusal:
        return _refused(campaign, refusal)
    flash(f"{campaign.name} {news}", "success")
    return door.committed(campaign, f"campaign.{action}", door.page_of(campaign))


def _refused(campaign: Campaign, refusal: Refused) -> ResponseReturnValue:
    url = door.page_of(campaign)
    db.session.rollback()
    flash(str(refusal), "warning")
    return redirect(url)
