"""How a campaign stands to the messaging limit, and when it will be done: facts for the forecast."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from app import config
from app.campaigns import forecast
from app.campaigns.forecast import Forecast, Limit, Opening
from app.campaigns.models import Campaign
from app.channels.limits import messaging_limit
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


def limit_now(channel: Channel) -> Limit:
    """The messaging limit and how much of its window is taken. Without the times at which it opens again."""
    size = messaging_limit(channel, config.current().daily_limit).value
    return Limit(size) if size is None else Limit(size, guard.usage(channel.portfolio_id, size).used)


def forecast_of(
    campaign: Campaign, messages: int, starts_at: datetime | None = None, measured: float | None = None
) -> Forecast:
    """When `messages` of this campaign will have left, from `starts_at` (now) on.

    `measured` is the rate per second of late; without it the settings' rates count.
    """
    limit = limit_now(campaign.channel)
    if limit.remaining is not None and messages > limit.remaining:
        limit = Limit(limit.size, limit.used, _openings(campaign.channel.portfolio_id))
    rate = forecast.messages_per_second(campaign.channel.messages_per_second, campaign.rate_limit)
    return forecast.forecast(messages, measured or rate, limit, starts_at or clock.now())


def _openings(portfolio_id: str) -> list[Opening]:
    return [Opening(row.at, row.places) for row in db.session.execute(_OPENINGS, {"portfolio": portfolio_id})]
