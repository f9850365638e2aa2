"""How a campaign repeats: a rule, the moments it means, and the sentence that says it. Pure.

The rule is a calendar's: dates and a time on the workspace's clock. Where that clock jumps, a time that does not
exist comes as much later as the clock jumps, and one that exists twice comes the first time only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from itertools import chain, dropwhile, islice, takewhile
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule, rruleset

from app.shared.errors import Invalid

DAY, WEEK, MONTH = "day", "week", "month"
LAST_DAY = -1
LONGEST_INTERVAL = 52
MOST_TIMES = 1000
YEARS = range(2000, 2101)  # a rule is reckoned from its first date on, each time; and the calendar's ends overflow
_SHORTEST_MONTH = 28
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Rule:
    """Every `interval`-th day, week or month at `at`, from `starts_on` until `until` or so many `times`.

    `weekdays` (ISO, Monday is 1) belong to weeks; `monthdays` (1 to 31, -1 the last) to months, and a day that a
    month does not have is its last one.
    """

    every: str
    at: time
    starts_on: date
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    monthdays: tuple[int, ...] = ()
    until: date | None = None
    times: int | None = None

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Rule:
        """The rule as `as_json` wrote it."""
        return cls(
            every=stored["every"],
            at=time.fromisoformat(stored["at"]),
            starts_on=date.fromisoformat(stored["starts_on"]),
            interval=stored["interval"],
            weekdays=tuple(stored["weekdays"]),
            monthdays=tuple(stored["monthdays"]),
            until=date.fromisoformat(stored["until"]) if stored["until"] else None,
            times=stored["times"],
        )

    def as_json(self) -> dict[str, Any]:
        """The rule as it is stored and as the API tells it."""
        return asdict(self) | {
            "at": self.at.strftime("%H:%M"),
            "starts_on": self.starts_on.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "weekdays": list(self.weekdays),
            "monthdays": list(self.monthdays),
        }

    def check(self) -> None:
        """Raises `Invalid` at the first part that cannot be meant, by the part's own name."""
        for field, sentence in chain(self._faults(), self._faults_of_its_span()):
            raise Invalid(sentence, field)

    def _faults(self) -> Iterator[tuple[str, str]]:
        if self.every not in (DAY, WEEK, MONTH):
            yield "every", "Repeat every day, week or month."
        if not 1 <= self.interval <= LONGEST_INTERVAL:
            yield "interval", f"A whole number from 1 to {LONGEST_INTERVAL}."
        if self.every == WEEK and not self.weekdays:
            yield "weekdays", "Choose at least one day of the week."
        if not all(1 <= day <= 7 for day in self.weekdays):
            yield "weekdays", "Days of the week go from 1, Monday, to 7, Sunday."
        if self.every == MONTH and not self.monthdays:
            yield "monthdays", "Say on which days of the month, such as 1, 15 or last."
        if not all(day == LAST_DAY or 1 <= day <= 31 for day in self.monthdays):
            yield "monthdays", "Days of the month go from 1 to 31, or are the last."

    def _faults_of_its_span(self) -> Iterator[tuple[str, str]]:
        if self.starts_on.year not in YEARS:
            yield "starts_on", f"A day from {YEARS[0]} to {YEARS[-1]}."
        if self.until is not None and self.times is not None:
            yield "until", "End on a day or after so many times, not both."
        if self.until is not None and self.until < self.starts_on:
            yield "until", "The end lies before the beginning."
        if self.times is not None and not 1 <= self.times <= MOST_TIMES:
            yield "times", f"A whole number from 1 to {MOST_TIMES:,}."


def occurrences(rule: Rule, zone: ZoneInfo) -> Iterator[datetime]:
    """Every moment the rule means, in UTC, from its first on."""
    locally = _dates(rule)
    if rule.until is not None:
        end = datetime.combine(rule.until, time.max)
        locally = takewhile(lambda moment: moment <= end, locally)
    if rule.times is not None:
        locally = islice(locally, rule.times)
    # Without a fold, `zoneinfo` reads a time that the clock skips by the offset before the jump: later.
    return (moment.replace(tzinfo=zone).astimezone(UTC) for moment in locally)


def next_occurrence(rule: Rule, zone: ZoneInfo, after: datetime) -> datetime | None:
    """The first moment after this one; None when the series has ended."""
    return next(upcoming(rule, zone, after), None)


def upcoming(rule: Rule, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """The moments after this one."""
    return dropwhile(lambda moment: moment <= after, occurrences(rule, zone))


def due(rule: Rule, zone: ZoneInfo, since: datetime, until: datetime) -> list[datetime]:
    """The moments from `since` to `until`, both included."""
    return [moment for moment in takewhile(lambda moment: moment <= until, occurrences(rule, zone)) if moment >= since]


def sentence(rule: Rule) -> str:
    """The rule in words: "Every Monday and Thursday at 10:00, until 31 Dec 2026"."""
    return f"{_how_often(rule)} at {rule.at:%H:%M}{_end(rule)}"


def _dates(rule: Rule) -> Iterator[datetime]:
    """The rule's dates with its time, on no clock yet: daylight saving is none of the calendar's business."""
    start, interval = datetime.combine(rule.starts_on, rule.at), rule.interval
    if rule.every == WEEK:
        return iter(rrule(WEEKLY, start, interval, byweekday=[day - 1 for day in rule.weekdays]))
    if rule.every == DAY:
        return iter(rrule(DAILY, start, interval))
    # One rule a day of the month: as a set, the 30th and the 31st of a short month are one.
    together = rruleset()
    for day in rule.monthdays:
        days = [day] if day <= _SHORTEST_MONTH else range(_SHORTEST_MONTH, day + 1)
        together.rrule(rrule(MONTHLY, start, interval, bymonthday=days, bysetpos=-1))
    return iter(together)


def _how_often(rule: Rule) -> str:
    if rule.every == DAY:
        return "Every day" if rule.interval == 1 else f"Every {rule.interval} days"
    if rule.every == WEEK:
        days = joined([_WEEKDAYS[day - 1] for day in sorted(rule.weekdays)])
        if len(rule.weekdays) == len(_WEEKDAYS):
            days = "every day" if rule.interval > 1 else "day"
        return f"Every {days}" if rule.interval == 1 else f"Every {rule.interval} weeks on {days}"
    months = "every month" if rule.interval == 1 else f"every {rule.interval} months"
    days = joined([_ordinal(day) for day in sorted(rule.monthdays, key=lambda day: day % 32)])
    return f"On the {days} {'day ' if rule.monthdays == (LAST_DAY,) else ''}of {months}"


def _end(rule: Rule) -> str:
    if rule.until is not None:
        return f", until {rule.until.day} {rule.until:%b %Y}"
    if rule.times is not None:
        return ", once" if rule.times == 1 else f", {rule.times} times"
    return ""


def _ordinal(day: int) -> str:
    if day == LAST_DAY:
        return "last"
    ending = "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def joined(words: Sequence[str]) -> str:
    """Words as people list them: "Monday, Tuesday and Friday"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
