"""Campaigns as answers tell them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.api import audience
from app.api.schemas.campaigns import CampaignOut, Recurrence, Rule, SendWindow
from app.campaigns.models import Campaign, CampaignStatus
from app.campaigns.queries import figures
from app.campaigns.service.drafts import Manner
from app.campaigns.windows import hours_of
from app.customers.models import Customer
from app.extensions import db


def newest(status: CampaignStatus | None) -> Select[Any]:
    """Campaigns with what is told of them, the newest first."""
    query = select(Campaign).options(joinedload(Campaign.template), joinedload(Campaign.import_))
    if status is not None:
        query = query.where(Campaign.status == status)
    return query.order_by(Campaign.id.desc())


def campaign(campaign: Campaign) -> CampaignOut:
    """One campaign."""
    return campaigns([campaign])[campaign]


def campaigns(these: Sequence[Campaign]) -> dict[Campaign, CampaignOut]:
    """Several, with as many queries as for one."""
    totals = figures.of_many(campaign.id for campaign in these)
    customers, parents = _public_ids(these), _parents(these)
    return {campaign: _shown(campaign, totals[campaign.id].total, customers, parents) for campaign in these}


def _shown(campaign: Campaign, total: int, customers: dict[int, UUID], parents: dict[int, UUID]) -> CampaignOut:
    query = campaign.segment_query
    picked = [customers[number] for number in query.get("customer_ids", []) if number in customers]
    return CampaignOut(
        id=campaign.public_id,
        name=campaign.name,
        description=campaign.description,
        status=campaign.status,
        pause_reason=campaign.pause_reason,
        resumes_at=campaign.resumes_at,
        failure=campaign.failure,
        template_name=campaign.template.name if campaign.template else None,
        template_language=campaign.template.language if campaign.template else None,
        template_variables={key: Rule(**rule) for key, rule in campaign.template_variables.items()},
        target_type=campaign.target_type,
        segment_query=audience.told(query, picked),
        import_id=campaign.import_.public_id if campaign.import_ else None,
        total_recipients=total,
        scheduled_for=campaign.scheduled_for,
        recurrence=Recurrence(**campaign.recurrence) if campaign.recurrence else None,
        parent_id=parents.get(campaign.parent_id or 0),
        send_window=_window(campaign),
        **asdict(Manner.of(campaign)),
        started_at=campaign.started_at,
        completed_at=campaign.completed_at,
        created_at=campaign.created_at,
    )


def _window(campaign: Campaign) -> SendWindow | None:
    hours = hours_of(campaign)
    if hours is None:
        return None
    said = {"from": hours.opens, "to": hours.closes, "weekdays": sorted(hours.weekdays)}
    return SendWindow.model_validate(said)


def _parents(these: Sequence[Campaign]) -> dict[int, UUID]:
    wanted = {campaign.parent_id for campaign in these if campaign.parent_id}
    if not wanted:
        return {}
    return dict(db.session.execute(select(Campaign.id, Campaign.public_id).where(Campaign.id.in_(wanted))).all())


def _public_ids(these: Sequence[Campaign]) -> dict[int, UUID]:
    wanted = {number for campaign in these for number in campaign.segment_query.get("customer_ids", [])}
    if not wanted:
        return {}
    query = select(Customer.id, Customer.public_id).where(Customer.id.in_(wanted))
    return dict(db.session.execute(query).all())
