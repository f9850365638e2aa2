"""A series: a campaign that never sends itself but makes one of its own for each of its dates, with fresh recipients.

It is scheduled all its life, with its next date. Every verb wants its row locked, so that however many schedulers
look, and wherever a clock jumps, a date has one child.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import select

from app.auth import workspace
from app.campaigns import recurrence
from app.campaigns.models import CAMPAIGN_STATES, Campaign, CampaignStatus
from app.campaigns.recurrence import Rule
from app.campaigns.service import audience, drafts, missed
from app.extensions import db
from app.shared import clock
from app.shared.errors import Refused

log = structlog.get_logger()


def begin(series: Campaign) -> None:
    """Wait for the first date. The recipients it was rehearsed with go: each date brings its own."""
    if series.status is not CampaignStatus.READY:
        raise Refused(f"This series is {series.status.value}; its campaigns are made by themselves, each at its time.")
    at = _next(series, clock.now())
    if at is None:
        raise Refused("This series has no date left; choose a later end.")
    audience.clear_recipients(series)
    CAMPAIGN_STATES.move(series, CampaignStatus.SCHEDULED)
    series.scheduled_for, series.failure = at, None


def go_on(series: Campaign) -> None:
    """Wait for the next date, those that came during the pause left out."""
    series.pause_reason = series.resumes_at = None
    _wait_for(series, _next(series, clock.now()))


def occur(series: Campaign) -> Campaign | None:
    """Its date has come: a child that is to be populated, and the series waits for the next date.

    Of several that were missed only the latest is made; the others are noted. None where nothing is due.
    """
    now = clock.now()
    if series.status is not CampaignStatus.SCHEDULED or series.scheduled_for is None or series.scheduled_for > now:
        return None
    moments = recurrence.due(_rule(series), workspace.zone(), series.scheduled_for, now) or [series.scheduled_for]
    *left_out, latest = moments
    if left_out:
        missed.note_left_out(series, left_out)
    child = None if _has_child(series, latest) else _child(series, latest)
    _wait_for(series, _next(series, now))
    return child


def _wait_for(series: Campaign, at: datetime | None) -> None:
    if at is None:
        CAMPAIGN_STATES.move(series, CampaignStatus.COMPLETED)
        series.completed_at = clock.now()
        return
    if series.status is not CampaignStatus.SCHEDULED:
        CAMPAIGN_STATES.move(series, CampaignStatus.SCHEDULED)
    series.scheduled_for = at


def _child(series: Campaign, at: datetime) -> Campaign:
    local = at.astimezone(workspace.zone())
    child = drafts.alike(series, f"{series.name[:105]}, {local.day} {local:%b %Y}", series.created_by)
    child.parent_id, child.occurrence_at, child.scheduled_for = series.id, at, at
    child.recurrence, child.launch_when_ready = None, True
    db.session.add(child)
    CAMPAIGN_STATES.move(child, CampaignStatus.POPULATING)
    db.session.flush()
    log.info("campaign.occurred", campaign_id=child.id, series_id=series.id, at=at.isoformat())
    return child


def _has_child(series: Campaign, at: datetime) -> bool:
    made = select(Campaign.id).where(Campaign.parent_id == series.id, Campaign.occurrence_at == at)
    return db.session.scalar(made) is not None


def _next(series: Campaign, after: datetime) -> datetime | None:
    return recurrence.next_occurrence(_rule(series), workspace.zone(), after)


def _rule(series: Campaign) -> Rule:
    assert series.recurrence is not None  # whoever has none is no series
    return Rule.from_json(series.recurrence)
