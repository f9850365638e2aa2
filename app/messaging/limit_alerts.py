"""Alerts about the messaging limit: how much of it is used, told once a level on the way up."""

from __future__ import annotations

from datetime import datetime

import structlog

from app.channels import alerts
from app.channels.models import Channel, Severity

KIND = "limit.used"
LEVELS = {80: Severity.WARNING, 95: Severity.WARNING, 100: Severity.CRITICAL}  # percent of the limit
# Percent below which all is well again. A limit in steady use goes up and down by a few percent as places come back:
# a level given up at once would be told anew every hour.
ALL_CLEAR = 75

log = structlog.get_logger()


def heed(channel: Channel, used: int, limit: int | None, for_campaigns: int | None, at: datetime) -> None:
    """Let the highest level that was reached stand as the one alert, until the use falls below `ALL_CLEAR`.

    `for_campaigns` is the part of the limit that campaigns may use. A limit of zero is a decision, not news.
    """
    standing = alerts.standing(channel, KIND)
    percent = 100 * used // limit if limit else 0
    if percent < ALL_CLEAR:
        if standing:
            alerts.resolve(channel, KIND, "", at)
            log.info("limit.eased", used=used, limit=limit)
        return
    reached = max((level for level in LEVELS if level <= percent), default=None)
    if reached is None or standing and reached <= _level(standing.title):
        return
    log.warning("limit.used", level=reached, used=used, limit=limit)
    alerts.raise_alert(
        channel, KIND, "", LEVELS[reached], _title(reached), _details(reached, used, limit, for_campaigns), at
    )


def _title(level: int) -> str:
    return f"{level} % of the messaging limit was used up."


def _level(title: str) -> int:
    return next((level for level in LEVELS if _title(level) == title), 0)


def _details(level: int, used: int, limit: int | None, for_campaigns: int | None) -> str:
    now = f"{used:,} of {limit:,} customers in 24 hours."
    if level == 100:
        return f"{now} Nothing more leaves, except to customers who wrote within a day, until places come back."
    if for_campaigns is not None and used >= for_campaigns:
        return f"{now} Campaigns wait until places come back; the rest is kept for replies and order notices."
    return f"{now} When it is used up, campaigns wait until places come back."
