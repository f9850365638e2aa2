"""What the end of a tick means for its campaign: done, waiting for the limit or for the window, or to be gone on with.

Each verb here is a transaction of its own; a tick calls them with nothing of its own in flight.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from app.campaigns.jobs.tick import Stop
from app.campaigns.models import CampaignStatus, PauseReason
from app.campaigns.queries.opening import window_opens
from app.campaigns.service import lifecycle
from app.campaigns.service.dispatch import Plan
from app.extensions import db
from app.messaging.engine import guard

log = structlog.get_logger()


def conclude(plan: Plan, stop: Stop, has_given_back: bool) -> Stop:
    """Draw the consequences; answers why the tick really ended."""
    if stop is Stop.LIMIT and has_given_back and guard.usage(plan.portfolio_id, plan.limit).remaining:
        stop = Stop.TIME  # this very tick gave places back: somebody else may have them at once
    if stop is Stop.LIMIT and plan.limit is not None:
        opening = guard.opening(plan.portfolio_id, plan.limit, guard.worthwhile(plan.limit))
        db.session.rollback()
        pause(plan.campaign_id, PauseReason.MESSAGING_LIMIT, opening)
    if stop is Stop.NOTHING_DUE:
        is_done = lifecycle.complete_if_done(plan.campaign_id)
        db.session.commit()
        if not is_done:
            _wait_for_window(plan.campaign_id)
    db.session.rollback()
    log.info("campaign.tick", stop=stop.value)
    return stop


def pause(campaign_id: int, reason: PauseReason, resumes_at: datetime | None = None) -> None:
    """Pause a campaign that is being sent."""
    campaign = lifecycle.locked(campaign_id)
    if campaign.status is CampaignStatus.SENDING:
        lifecycle.pause(campaign, reason, resumes_at)
        log.warning("campaign.paused", reason=reason.value)
    db.session.commit()


def _wait_for_window(campaign_id: int) -> None:
    """Where everybody left sleeps, the campaign does too; the scheduler wakes it with the first of them."""
    campaign = lifecycle.locked(campaign_id)
    if campaign.status is CampaignStatus.SENDING and (opens := window_opens(campaign_id)):
        lifecycle.pause(campaign, PauseReason.SEND_WINDOW, opens)
        log.info("campaign.paused", reason=PauseReason.SEND_WINDOW.value)
    db.session.commit()
