"""When a campaign will have sent everything, under its rate, the messaging limit and its customers' hours.

Pure arithmetic, the sender's own order: who has been due for longest comes first. Whoever was written to in the last
24 hours would take no new place of the limit; not counting on that, the forecast is no earlier than the truth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from math import ceil
from zoneinfo import ZoneInfo

from app.shared.hours import Hours

WINDOW = timedelta(hours=24, minutes=10)  # the guard's own
HORIZON = timedelta(days=30)  # so far it is reckoned day by day; what takes longer goes on at the same pace
CENTURY = timedelta(days=36525)  # whoever has to wait for longer waits for ever
_ANYWHERE = ZoneInfo("UTC")
_ALWAYS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Opening:
    """So many places under the messaging limit become free at this moment."""

    at: datetime
    places: int


@dataclass(frozen=True, slots=True)
class Limit:
    """The messaging limit as it stands: its size, places taken, and when those come back. Size None: no limit.

    A campaign that found no place left goes on when `worthwhile` many are free.
    """

    size: int | None
    used: int = 0
    openings: Sequence[Opening] = ()
    worthwhile: int = 1

    @property
    def remaining(self) -> int | None:
        return None if self.size is None else max(0, self.size - self.used)


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many recipients who live in one zone."""

    zone: ZoneInfo
    messages: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the last message leaves. No end: it can never finish.

    `first_pause` is when the limit first interrupts it, `first_closing` when first it is nobody's hour.
    """

    starts_at: datetime
    finishes_at: datetime | None
    first_pause: datetime | None = None
    first_closing: datetime | None = None

    @property
    def duration(self) -> timedelta | None:
        return self.finishes_at - self.starts_at if self.finishes_at else None


def forecast(
    messages: int,
    per_second: float,
    limit: Limit,
    starts_at: datetime,
    hours: Hours | None = None,
    crowds: Sequence[Crowd] = (),
) -> Forecast:
    """Send `messages` at `per_second` from `starts_at` on, waiting wherever the limit has no place left.

    With `hours` it also waits for them where the `crowds` live, who are these messages.
    """
    if limit.size is not None and limit.size <= 0 and messages:
        return Forecast(starts_at, None, starts_at)
    groups = _groups(hours, crowds, starts_at) if hours else [_Group(None, _ANYWHERE, messages, starts_at, *_ALWAYS)]
    return _Course(per_second, limit, starts_at, groups).run()


def messages_per_second(channel_rate: float, campaign_per_minute: int | None) -> float:
    """The slower of the channel's rate and the campaign's own."""
    return min(channel_rate, campaign_per_minute / 60) if campaign_per_minute else channel_rate


@dataclass(slots=True)
class _Group:
    """Recipients who share their hours, from `opens` to `closes`, now or next; they stand in line from `due` on."""

    hours: Hours | None
    zone: ZoneInfo
    left: int
    due: datetime
    opens: datetime
    closes: datetime

    def look(self, at: datetime) -> None:
        if self.hours is not None and at >= self.closes:
            self.opens, self.closes = self.hours.around(at, self.zone)


def _groups(hours: Hours, crowds: Sequence[Crowd], at: datetime) -> list[_Group]:
    """Zones whose hours are the same are one group: a hundred zones are a handful."""
    counts: Counter[tuple[datetime, datetime]] = Counter()
    zones: dict[tuple[datetime, datetime], ZoneInfo] = {}
    for crowd in crowds:
        around = hours.around(at, crowd.zone)
        zones.setdefault(around, crowd.zone)
        counts[around] += crowd.messages
    return [_Group(hours, zones[around], count, at, *around) for around, count in counts.items()]


@dataclass(slots=True)
class _Course:
    """The sending as it will go, from moment to moment."""

    per_second: float
    limit: Limit
    starts_at: datetime
    groups: list[_Group]
    now: datetime = field(init=False)
    free: int | None = field(init=False)  # places under the limit; None: no limit
    openings: list[tuple[datetime, int]] = field(init=False)
    sent: int = 0
    first_pause: datetime | None = None
    first_closing: datetime | None = None

    def __post_init__(self) -> None:
        self.now, self.free = self.starts_at, self.limit.remaining
        self.openings = [(opening.at, opening.places) for opening in self.limit.openings]
        heapify(self.openings)

    def run(self) -> Forecast:
        while left := sum(group.left for group in self.groups):
            self.groups = [group for group in self.groups if group.left]
            if self.sent and self.now - self.starts_at > HORIZON:
                return self._end((self.now - self.starts_at) * (left / self.sent))
            if not self._go_on(left):
                return self._end(CENTURY)
        return self._end(timedelta(0))

    def _end(self, rest: timedelta) -> Forecast:
        """What is told where the rest takes so long from now."""
        end = self.now + rest if rest < CENTURY else None
        return Forecast(self.starts_at, end, self.first_pause, self.first_closing)

    def _go_on(self, left: int) -> bool:
        """One step: send, or wait for hours or places; False when no place will ever be free."""
        self._take_back()
        line = self._first_in_line()
        awake = [group for group in line if group.opens <= self.now]
        asleep = [group for group in line if group.opens > self.now]
        if not line:
            self.first_closing = self.first_closing or self.now
            self.now = min(group.due for group in self.groups)
        elif not awake:
            self._put_off(asleep, 1, 1)
        elif self.free == 0:
            self.first_pause = self.first_pause or self.now
            return self._wait_for_places(min(left, self.limit.worthwhile))
        else:
            self._send(awake, asleep)
        return True

    def _take_back(self) -> None:
        while self.free is not None and self.openings and self.openings[0][0] <= self.now:
            self.free += heappop(self.openings)[1]

    def _first_in_line(self) -> list[_Group]:
        """Those who have been due for the longest; at the start, that is everybody."""
        first = min(group.due for group in self.groups)
        if first > self.now:
            return []
        line = [group for group in self.groups if group.due == first]
        for group in line:
            group.look(self.now)
        return line

    def _wait_for_places(self, wanted: int) -> bool:
        while self.free is not None and self.free < wanted and self.openings:
            at, places = heappop(self.openings)
            self.now, self.free = max(self.now, at), self.free + places
        return self.free != 0

    def _send(self, awake: list[_Group], asleep: list[_Group]) -> None:
        """Until the line is through, the places are used up, or for one of its groups the hours begin or end."""
        waiting = sum(group.left for group in awake)
        change = min([group.closes for group in awake] + [group.opens for group in asleep])
        number = min(waiting, ceil((change - self.now).total_seconds() * self.per_second))
        number = number if self.free is None else min(number, self.free)
        self._put_off(asleep, number, waiting)
        _divide(number, awake)
        self._take_places(number)
        self.sent += number
        self.now += self._time(number)

    def _put_off(self, asleep: list[_Group], number: int, of: int) -> None:
        """Whoever's turn it is at night comes in the morning: by the part of the line that was walked."""
        for group in asleep:
            part = group.left * number // of
            group.left -= part
            self._standing_there(group, group.opens).left += part

    def _standing_there(self, group: _Group, due: datetime) -> _Group:
        """Those of the same hours who stand in line from then on."""
        for other in self.groups:
            if other.zone is group.zone and other.due == due:
                return other
        self.groups.append(replace(group, left=0, due=due))
        return self.groups[-1]

    def _take_places(self, number: int) -> None:
        """Each comes back a window after it was taken; told in portions, as they are waited for."""
        if self.free is None:
            return
        self.free -= number
        for taken in range(0, number, self.limit.worthwhile):
            portion = min(self.limit.worthwhile, number - taken)
            heappush(self.openings, (self.now + self._time(taken + portion) + WINDOW, portion))

    def _time(self, messages: int) -> timedelta:
        return timedelta(seconds=messages / self.per_second)


def _divide(number: int, line: list[_Group]) -> None:
    """Take so many from the groups, from each by its part: they stand in one line, well mixed."""
    together = sum(group.left for group in line)
    for group in line:
        part = number * group.left // together
        together, number = together - group.left, number - part
        group.left -= part
