"""Whom a campaign goes to, as a request says it and as an answer tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.api.schemas.campaigns import CampaignChange, SegmentQuery
from app.auth import workspace
from app.campaigns.models import Campaign, CampaignStatus, TargetType
from app.campaigns.queries import targets
from app.campaigns.service import drafts
from app.customers.models import Customer
from app.customers.segments import queries as segment_queries
from app.customers.segments import reading
from app.extensions import db
from app.shared import phone
from app.shared.errors import Invalid, Missing, Refused

CONDITIONS = frozenset({"logic", "conditions", "not"})
SAID_BY: Mapping[TargetType, frozenset[str]] = {
    TargetType.TAG: frozenset({"tag"}),
    TargetType.MANUAL: frozenset({"phones", "customer_ids"}),
    TargetType.SEGMENT: CONDITIONS | {"segment_id"},
    TargetType.RESPONDERS: frozenset({"response", "campaign_ids"}),
}


def choose(campaign: Campaign, change: CampaignChange) -> None:
    """Let the draft go to whom is said. Raises `Invalid` at the field, `Refused` once it has its recipients."""
    target = change.target_type or campaign.target_type
    if target is None:
        raise Invalid("Say the target_type, too.", "target_type")
    if campaign.status is not CampaignStatus.DRAFT:
        raise Refused("This campaign has its recipients already; make another one for others.")
    query = change.segment_query or SegmentQuery()
    # Ignored, a narrower wish would write to everybody.
    if strange := query.model_dump(exclude_none=True, by_alias=True).keys() - SAID_BY.get(target, frozenset()):
        name = min(strange)
        raise Invalid(f"A campaign to {target} does not go by {name}.", f"segment_query.{name}")
    if target is TargetType.MANUAL:
        drafts.pick_customers(campaign, _picked(query))
        return
    campaign.segment_query = _asked(target, query)
    campaign.target_type = target
    db.session.flush()


def told(query: Mapping[str, Any], picked: Sequence[UUID]) -> SegmentQuery:
    """What a campaign keeps of it, as a request would say it."""
    own = query.get("query", {})
    said = {
        "tag": query.get("tag"),
        "customer_ids": list(picked) or None,
        "segment_id": query.get("segment"),
        **{name: own.get(name) for name in ("logic", "conditions", "not")},
        "response": query.get("response"),
        "campaign_ids": query.get("campaigns"),
    }
    return SegmentQuery.model_validate(said)


def _asked(target: TargetType, query: SegmentQuery) -> dict[str, Any]:
    if target is TargetType.TAG and not query.tag:
        raise Invalid('Say which tag: {"tag": "goa"}.', "segment_query.tag")
    if target is TargetType.TAG:
        return {"tag": query.tag}
    if target is TargetType.SEGMENT:
        return _segment(query)
    return _responders(query) if target is TargetType.RESPONDERS else {}


def _segment(query: SegmentQuery) -> dict[str, Any]:
    """A kept segment, or conditions of the campaign's own."""
    said = query.model_dump(exclude_none=True, by_alias=True)
    own = {name: said[name] for name in said.keys() & CONDITIONS}
    if query.segment_id is None:
        if not own:
            raise Invalid("Say the segment_id, or logic and conditions.", "segment_query.segment_id")
        group = reading.parse(own, "segment_query")
        reading.check_names(group, "segment_query")
        return {"query": group.as_json()}
    if own:
        raise Invalid("Say segment_id or conditions, not both.", "segment_query.segment_id")
    try:
        segment = segment_queries.by_public_id(query.segment_id)
    except Missing as error:
        raise Invalid(str(error), "segment_query.segment_id") from error
    return {"segment": str(segment.public_id), "name": segment.name}


def _responders(query: SegmentQuery) -> dict[str, Any]:
    campaigns = [str(public_id) for public_id in query.campaign_ids or []]
    try:
        targets.responders(query.response, campaigns)
    except Invalid as error:
        name = "response" if error.field == "response" else "campaign_ids"
        raise Invalid(str(error), f"segment_query.{name}") from error
    return {"response": query.response, "campaigns": campaigns}


def _picked(query: SegmentQuery) -> list[int]:
    """The customers asked for, by phone number and by id. Raises `Invalid` naming the first nobody has."""
    return [
        *_found(Customer.phone, [_number(written) for written in query.phones or []], "phones"),
        *_found(Customer.public_id, query.customer_ids or [], "customer_ids"),
    ]


def _found(column: Any, wanted: Sequence[str | UUID], field: str) -> list[int]:
    query = select(column, Customer.id).where(column.in_(wanted))
    found: dict[Any, int] = dict(db.session.execute(query).all())
    for one in wanted:
        if one not in found:
            way = "; bring strangers in by POST /campaigns/{id}/recipients." if field == "phones" else "."
            raise Invalid(f"No customer has {one}{way}", f"segment_query.{field}")
    return [found[one] for one in wanted]


def _number(written: str) -> str:
    try:
        return phone.parse(written, workspace.current().default_region)
    except phone.Unusable as reason:
        raise Invalid(f"{written} cannot be used: {reason}.", "segment_query.phones") from reason
