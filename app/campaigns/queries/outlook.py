"""How a campaign stands to the messaging limit, and when it will be done: facts for the forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import text

from app import config
from app.auth import workspace
from app.campaigns import forecast
from app.campaigns.forecast import Forecast, Limit, Opening
from app.campaigns.models import Campaign
from app.campaigns.queries import whereabouts
from app.campaigns.windows import hours_of
from app.channels import limits
from app.channels.models import Channel
from app.extensions import db
from app.messaging.engine import guard
from app.shared import clock

# In steps of ten minutes, rounded up: a full window is then 145 rows and not a hundred thousand.
_OPENINGS = text(
    f"""
    SELECT date_bin('10 minutes', granted_at, TIMESTAMPTZ 'epoch') + interval '10 minutes' + {guard.WINDOW} AS at,
           count(*) AS places
    FROM limit_contacts
    WHERE portfolio_id = :portfolio AND granted_at > statement_timestamp() - {guard.WINDOW}
    GROUP BY 1 ORDER BY 1
    """
)
_LAST_DUE = text(
    """SELECT due_at FROM recipients WHERE campaign_id = :campaign AND state = 'pending'
       ORDER BY due_at DESC, position DESC LIMIT 1"""
)


def limit_now(channel: Channel) -> Limit:
    """The messaging limit as campaigns may use it, and how much is taken. Without the times at which it opens again."""
    size = limits.for_campaigns(channel, config.current().daily_limit, workspace.current().limit_reserve)
    if size is None:
        return Limit(None)
    return Limit(size, guard.usage(channel.portfolio_id, size).used, worthwhile=guard.worthwhile(size))


def forecast_of(
    campaign: Campaign, messages: int, starts_at: datetime | None = None, measured: float | None = None
) -> Forecast:
    """When `messages` of this campaign will have left, from `starts_at` (now) on.

    `measured` is the rate per second of late; without it the settings' rates count.
    """
    limit = limit_now(campaign.channel)
    if limit.remaining is not None and messages > limit.remaining:
        limit = replace(limit, openings=_openings(campaign.channel.portfolio_id))
    rate = measured or forecast.messages_per_second(campaign.channel.messages_per_second, campaign.rate_limit)
    hours = hours_of(campaign)
    crowds = whereabouts.crowds(campaign, messages, workspace.zone()) if hours and messages else ()
    told = forecast.forecast(messages, rate, limit, starts_at or clock.now(), hours, crowds)
    return _no_earlier(told, _last_due(campaign) if messages else None)


def _no_earlier(told: Forecast, last_due: datetime | None) -> Forecast:
    """Somebody may wait for longer than the hours: for a week to pass, for another try."""
    if told.finishes_at is None or last_due is None or last_due <= told.finishes_at:
        return told
    return replace(told, finishes_at=last_due)


def _last_due(campaign: Campaign) -> datetime | None:
    due_at: datetime | None = db.session.scalar(_LAST_DUE, {"campaign": campaign.id})
    return due_at


def _openings(portfolio_id: str) -> Sequence[Opening]:
    return [Opening(row.at, row.places) for row in db.session.execute(_OPENINGS, {"portfolio": portfolio_id})]
