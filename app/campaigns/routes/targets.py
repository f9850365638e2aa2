"""The step of the recipients, as far as it asks our customers: all, a segment, a tag, those picked, earlier ones."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.auth.access import needs
from app.campaigns.models import Campaign, TargetType
from app.campaigns.queries import reach, targets
from app.campaigns.routes import door
from app.campaigns.routes.blueprint import bp
from app.campaigns.service import drafts
from app.customers.segments import queries as segment_queries
from app.customers.segments import registry, sentences
from app.customers.segments.models import Segment
from app.extensions import db
from app.shared.errors import Invalid, Missing, Refused

HERE = "recipients"
RESPONSES = {
    "read": "read it",
    "replied": "replied to it",
    "clicked": "tapped a button in it",
    "not_read": "got it and did not read it",
}


@bp.get("/campaigns/<uuid:public_id>/edit/recipients/reach")
@needs("campaigns.write")
def recipients_reach(public_id: UUID) -> ResponseReturnValue:
    """How many the choice in the form would reach; nothing is stored."""
    campaign = door.find(public_id)
    kind = TargetType.RESPONDERS if request.args.get("kind") == "responders" else TargetType.SEGMENT
    return render_template("campaigns/edit/_reach.html", campaign=campaign, **_reach(campaign, kind))


@bp.post("/campaigns/<uuid:public_id>/edit/recipients/anew")
@needs("campaigns.write")
def find_anew(public_id: UUID) -> ResponseReturnValue:
    """Those who belong to its target now, in place of those who did when they were brought together."""
    campaign = door.find_locked(public_id)
    try:
        drafts.find_anew(campaign)
    except Refused as refusal:
        db.session.rollback()
        flash(str(refusal), "warning")
        return redirect(door.url_of(door.find(public_id), HERE))
    return door.committed(campaign, "campaign.recipients_anew", door.url_of(campaign, HERE))


def facts(campaign: Campaign, kind: TargetType) -> dict[str, Any]:
    """What the page shows to choose from, and whom the choice would reach."""
    if kind is TargetType.SEGMENT:
        segments = db.session.scalars(segment_queries.all_by_name()).all()
        return {"segments": segments, "chosen": _chosen(campaign)} | _reach(campaign, kind)
    known = registry.FIELDS["campaigns.read"].choices
    offered = known() if known else []
    return {"offered": offered, "responses": RESPONSES, "said": _said(campaign)} | _reach(campaign, kind)


def asked_for(campaign: Campaign, kind: TargetType) -> dict[str, Any]:
    """The choice in the form, as the campaign keeps it. Raises `Invalid`."""
    if kind is TargetType.RESPONDERS:
        said = _said(campaign)
        targets.responders(said["response"], said["campaigns"])
        return said
    segment = _segment(_chosen(campaign))
    query = {"segment": str(segment.public_id), "name": segment.name}
    targets.who(kind, query)
    return query


def _reach(campaign: Campaign, kind: TargetType) -> dict[str, Any]:
    """The sentence and the numbers of what is chosen; why there are none."""
    told: dict[str, Any] = {"reach": None, "reach_words": "", "reach_trouble": ""}
    told["is_marketing"] = campaign.template is None or campaign.template.is_marketing
    if not (_chosen(campaign) if kind is TargetType.SEGMENT else _said(campaign)["campaigns"]):
        return told
    try:
        query = asked_for(campaign, kind)
        group = targets.responders(**query) if kind is TargetType.RESPONDERS else targets.conditions(query)
        return told | {"reach": reach.of(targets.who(kind, query)), "reach_words": sentences.sentence(group)}
    except (Invalid, Refused) as error:
        return told | {"reach_trouble": str(error)}


def _chosen(campaign: Campaign) -> str:
    if "segment" in request.values:
        return request.values["segment"]
    is_segment = campaign.target_type is TargetType.SEGMENT
    return str(campaign.segment_query.get("segment", "")) if is_segment else ""


def _said(campaign: Campaign) -> dict[str, Any]:
    """What earlier recipients did, with which campaigns: of the form, else of the campaign."""
    if "response" in request.values:
        return {"response": request.values["response"], "campaigns": request.values.getlist("campaign")}
    if campaign.target_type is TargetType.RESPONDERS:
        return {name: campaign.segment_query.get(name) for name in ("response", "campaigns")}
    return {"response": "read", "campaigns": []}


def _segment(public_id: str) -> Segment:
    try:
        return segment_queries.by_public_id(UUID(public_id))
    except (ValueError, Missing) as error:
        raise Invalid("Choose a segment.", "segment") from error
