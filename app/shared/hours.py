"""The hours of somebody's day in which we may write to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Hours:
    """From `opens` until just before `closes`, on the ISO `weekdays` (Monday is 1), by a clock on somebody's wall.

    Where `closes` is not later than `opens` they last over midnight and belong to the day on which they opened.
    """

    opens: time
    closes: time
    weekdays: frozenset[int]

    def __post_init__(self) -> None:
        if not self.weekdays:
            raise ValueError("Hours need at least one weekday; without any they would never open.")

    def next_opening(self, at: datetime, zone: ZoneInfo) -> datetime | None:
        """When they next open after `at`, in UTC; None while they are open."""
        opens, closes = self.around(at, zone)
        return opens if opens > at else None

    def around(self, at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Opening and closing, in UTC, of the hours that are open at this moment or else come next."""
        today = at.astimezone(zone).date()
        # A week on from yesterday, and once more where the clock's jump swallowed the only day.
        for day in (today + offset * _DAY for offset in range(-1, 16)):
            found = _on(self, day, zone)
            if found and found[1] > at:
                return found
        raise AssertionError("Every week has each weekday.")


@lru_cache(maxsize=4096)
def _on(hours: Hours, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """The hours that open on this day, or None: another weekday, or the clock jumped over all of them."""
    if day.isoweekday() not in hours.weekdays:
        return None
    last_day = day if hours.closes > hours.opens else day + _DAY
    # In doubt closed: of an hour that the clock shows twice or never, the later opens and the earlier closes.
    opens, closes = _moment(day, hours.opens, zone, max), _moment(last_day, hours.closes, zone, min)
    return (opens, closes) if opens < closes else None


def _moment(day: date, clock: time, zone: ZoneInfo, choose: Callable[[Iterable[datetime]], datetime]) -> datetime:
    readings = (datetime.combine(day, clock.replace(fold=fold), zone) for fold in (0, 1))
    return choose(reading.astimezone(UTC) for reading in readings)
