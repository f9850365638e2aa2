"""Lengths of time as people say them, and where a segment is looked at from: "in the last 6 months"."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.auth import workspace
from app.shared import clock

_WRITTEN = re.compile(r"([1-9][0-9]{0,2}) (day|week|month|year)s?")
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}


@dataclass(frozen=True, slots=True)
class Span:
    """From 1 to 999 days, weeks, months or years. `str()` is "30 days"."""

    number: int
    unit: str

    def __str__(self) -> str:
        return f"{self.number} {self.unit}{'s' if self.number > 1 else ''}"

    @classmethod
    def read(cls, written: str) -> Span | None:
        """What "30 days" or "1 month" says; None for all else."""
        found = _WRITTEN.fullmatch(written)
        return cls(int(found[1]), found[2]) if found else None

    def before(self, day: date) -> date:
        """The day so long before; the last of a month that is too short."""
        return self._away(day, -1)

    def after(self, day: date) -> date:
        """The day so long after; the last of a month that is too short."""
        return self._away(day, 1)

    def _away(self, day: date, direction: int) -> date:
        if self.unit in _DAYS:
            return day + timedelta(days=direction * self.number * _DAYS[self.unit])
        year, month = divmod(day.year * 12 + day.month - 1 + direction * self.number * _MONTHS[self.unit], 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Vantage:
    """When and where a segment is looked at: relative dates, whole days and sums of money depend on it."""

    now: datetime
    zone: ZoneInfo
    currency: str

    @property
    def today(self) -> date:
        """The day it is in the workspace's zone."""
        return self.now.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        """The moment a day begins in the workspace's zone, in UTC."""
        return datetime.combine(day, time.min, self.zone).astimezone(UTC)

    def ago(self, span: Span) -> datetime:
        """The moment so long ago, at the same time of the workspace's day, in UTC."""
        local = self.now.astimezone(self.zone)
        return datetime.combine(span.before(local.date()), local.time(), self.zone).astimezone(UTC)

    def since(self, bound: Span | date) -> datetime:
        """The first moment after which rows count."""
        return self.ago(bound) if isinstance(bound, Span) else self.start_of(bound)


def here() -> Vantage:
    """Now, in the workspace."""
    house = workspace.current()
    return Vantage(clock.now(), ZoneInfo(house.zone), house.currency)
