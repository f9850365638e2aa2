"""When a campaign will have sent everything, under its rate and the messaging limit. Pure arithmetic.

Whoever was written to in the last 24 hours would take no new place; not counting on that, the forecast
says "at the latest" and is never too early.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

WINDOW = timedelta(hours=24, minutes=10)  # the guard's own


@dataclass(frozen=True, slots=True)
class Opening:
    """So many places under the messaging limit become free at this moment."""

    at: datetime
    places: int


@dataclass(frozen=True, slots=True)
class Limit:
    """The messaging limit as it stands: its size, places taken, and when those come back. Size None: no limit."""

    size: int | None
    used: int = 0
    openings: Sequence[Opening] = ()

    @property
    def remaining(self) -> int | None:
        return None if self.size is None else max(0, self.size - self.used)


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the last message leaves; `first_pause` when the limit interrupts it. No end: it can never finish."""

    starts_at: datetime
    finishes_at: datetime | None
    first_pause: datetime | None = None

    @property
    def duration(self) -> timedelta | None:
        return self.finishes_at - self.starts_at if self.finishes_at else None


def forecast(messages: int, per_second: float, limit: Limit, starts_at: datetime) -> Forecast:
    """Send `messages` at `per_second` from `starts_at` on, waiting wherever the limit has no place left."""
    if limit.size is None or messages == 0:
        return Forecast(starts_at, starts_at + _time(messages, per_second))
    if limit.size <= 0:
        return Forecast(starts_at, None, starts_at)
    return _under_limit(messages, per_second, limit, starts_at)


def messages_per_second(channel_rate: float, campaign_per_minute: int | None) -> float:
    """The slower of the channel's rate and the campaign's own."""
    return min(channel_rate, campaign_per_minute / 60) if campaign_per_minute else channel_rate


def _under_limit(messages: int, per_second: float, limit: Limit, now: datetime) -> Forecast:
    """Send what is free, wait for the next opening, and so on; what is sent comes back a window later."""
    starts_at, free, first_pause = now, limit.remaining or 0, None
    openings = [(opening.at, opening.places) for opening in limit.openings]
    heapify(openings)
    while True:
        while openings and openings[0][0] <= now:
            free += heappop(openings)[1]
        batch = min(messages, free)
        now, messages, free = now + _time(batch, per_second), messages - batch, free - batch
        if not messages:
            return Forecast(starts_at, now, first_pause)
        if batch:
            heappush(openings, (now + WINDOW, batch))
        first_pause = first_pause or now
        if not openings:
            return Forecast(starts_at, None, first_pause)
        now = max(now, openings[0][0])


def _time(messages: int, per_second: float) -> timedelta:
    return timedelta(seconds=messages / per_second)
