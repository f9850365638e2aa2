"""What is due: reads of the tick, cheap however many recipients wait."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_, select, text

from app.campaigns.models import Campaign, CampaignStatus, PauseReason
from app.extensions import db


class Unattended(NamedTuple):
    """A campaign that has somebody due, and how many of its slots nobody holds."""

    campaign_id: int
    free_slots: int


def due_scheduled(now: datetime) -> list[int]:
    """Campaigns whose time has come, and series whose date has."""
    query = select(Campaign.id).where(Campaign.status == CampaignStatus.SCHEDULED, Campaign.scheduled_for <= now)
    return list(db.session.scalars(query.order_by(Campaign.scheduled_for)))


def paused_for(reason: PauseReason) -> list[Campaign]:
    """Campaigns that paused themselves for this reason, the longest waiting first."""
    query = select(Campaign).where(Campaign.status == CampaignStatus.PAUSED, Campaign.pause_reason == reason)
    return list(db.session.scalars(query.order_by(Campaign.updated_at)))


def opened(now: datetime) -> list[int]:
    """Campaigns that waited for the hours of their customers' day, and for some of them these have come."""
    query = select(Campaign.id).where(
        Campaign.status == CampaignStatus.PAUSED,
        Campaign.pause_reason == PauseReason.SEND_WINDOW,
        or_(Campaign.resumes_at.is_(None), Campaign.resumes_at <= now),
    )
    return list(db.session.scalars(query.order_by(Campaign.resumes_at)))


def unattended(slots: int) -> list[Unattended]:
    """Campaigns that are sending, have somebody due and fewer than `slots` workers: lost rings, dead workers."""
    return [Unattended(*row) for row in db.session.execute(_UNATTENDED, {"slots": slots})]


def finished_candidates() -> list[int]:
    """Campaigns that are sending although nobody is pending: their last tick died, or leases ran out since."""
    return list(db.session.scalars(_NOBODY_PENDING))


# The first of the index on those who are pending. A scalar with ORDER BY and LIMIT, and no EXISTS: that may be
# planned as a walk over all recipients of all campaigns.
_FIRST_DUE = """(SELECT r.due_at FROM recipients r WHERE r.campaign_id = c.id AND r.state = 'pending'
                 ORDER BY r.due_at, r.position LIMIT 1)"""
_UNATTENDED = text(
    f"""
    SELECT c.id, :slots - held.count AS free_slots FROM campaigns c
    CROSS JOIN LATERAL (SELECT count(*) AS count FROM sending_slots s
                        WHERE s.campaign_id = c.id AND s.lease_until > statement_timestamp()) held
    WHERE c.status = 'sending' AND held.count < :slots AND {_FIRST_DUE} <= statement_timestamp()
    ORDER BY c.id
    """
)
_NOBODY_PENDING = text(f"SELECT c.id FROM campaigns c WHERE c.status = 'sending' AND {_FIRST_DUE} IS NULL")
