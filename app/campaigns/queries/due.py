"""Reads of campaigns and their recipients, for pages, jobs and the tick."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, text

from app.campaigns.models import Campaign, CampaignStatus, PauseReason
from app.extensions import db


def due_scheduled(now: datetime) -> list[int]:
    """Campaigns whose time has come."""
    query = select(Campaign.id).where(Campaign.status == CampaignStatus.SCHEDULED, Campaign.scheduled_for <= now)
    return list(db.session.scalars(query.order_by(Campaign.scheduled_for)))


def paused_for(reason: PauseReason) -> list[Campaign]:
    """Campaigns that paused themselves for this reason, the longest waiting first."""
    query = select(Campaign).where(Campaign.status == CampaignStatus.PAUSED, Campaign.pause_reason == reason)
    return list(db.session.scalars(query.order_by(Campaign.updated_at)))


def unattended() -> list[int]:
    """Campaigns that are sending, have somebody due and a slot nobody holds: lost rings, dead workers."""
    return list(db.session.scalars(_UNATTENDED))


def finished_candidates() -> list[int]:
    """Campaigns that are sending although nobody is pending: their last tick died, or leases ran out since."""
    return list(db.session.scalars(_NOBODY_PENDING))


_SENDING = "c.status = 'sending'"
_UNATTENDED = text(
    f"""
    SELECT c.id FROM campaigns c WHERE {_SENDING}
      AND EXISTS (SELECT 1 FROM recipients r WHERE r.campaign_id = c.id AND r.state = 'pending'
                  AND r.due_at <= statement_timestamp())
      AND NOT EXISTS (SELECT 1 FROM sending_slots s
                      WHERE s.campaign_id = c.id AND s.lease_until > statement_timestamp())
    """
)
_NOBODY_PENDING = text(
    f"""SELECT c.id FROM campaigns c WHERE {_SENDING}
        AND NOT EXISTS (SELECT 1 FROM recipients r WHERE r.campaign_id = c.id AND r.state = 'pending')"""
)
