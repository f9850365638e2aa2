"""The dates that a rule means, on clocks that jump and in months of every length."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.campaigns.recurrence import LAST_DAY, Rule, due, next_occurrence, occurrences, sentence, upcoming
from app.shared.errors import Invalid

KOLKATA = ZoneInfo("Asia/Kolkata")
NEW_YORK = ZoneInfo("America/New_York")
START = date(2026, 11, 21)  # a Saturday


def rule(every: str = "day", **parts: Any) -> Rule:
    return Rule(**{"every": every, "at": time(10), "starts_on": START} | parts)


def dates(rule: Rule, number: int = 5, zone: ZoneInfo = KOLKATA) -> list[str]:
    return [f"{moment.astimezone(zone):%d %b}" for moment in islice(occurrences(rule, zone), number)]


def test_every_day_at_the_same_time_here() -> None:
    first = next(occurrences(rule(), KOLKATA))
    assert first == datetime(2026, 11, 21, 4, 30, tzinfo=UTC)
    assert dates(rule(), 3) == ["21 Nov", "22 Nov", "23 Nov"]


def test_every_third_day_counts_from_its_start() -> None:
    assert dates(rule(interval=3), 3) == ["21 Nov", "24 Nov", "27 Nov"]


def test_on_days_of_the_week() -> None:
    assert dates(rule("week", weekdays=(1, 4)), 4) == ["23 Nov", "26 Nov", "30 Nov", "03 Dec"]


def test_every_other_week() -> None:
    assert dates(rule("week", weekdays=(6,), interval=2), 3) == ["21 Nov", "05 Dec", "19 Dec"]


def test_the_31st_is_a_short_months_last_day() -> None:
    assert dates(rule("month", monthdays=(31,))) == ["30 Nov", "31 Dec", "31 Jan", "28 Feb", "31 Mar"]


def test_the_30th_and_the_31st_are_one_day_in_february() -> None:
    ends = rule("month", monthdays=(30, 31), starts_on=date(2027, 1, 1))
    assert dates(ends) == ["30 Jan", "31 Jan", "28 Feb", "30 Mar", "31 Mar"]


def test_the_last_day_of_a_leap_february() -> None:
    assert dates(rule("month", monthdays=(LAST_DAY,), starts_on=date(2028, 2, 1)), 2) == ["29 Feb", "31 Mar"]


def test_several_days_of_the_month() -> None:
    assert dates(rule("month", monthdays=(1, 15)), 4) == ["01 Dec", "15 Dec", "01 Jan", "15 Jan"]


def test_it_ends_on_its_last_day_or_after_its_times() -> None:
    assert dates(rule(until=date(2026, 11, 23)), 9) == ["21 Nov", "22 Nov", "23 Nov"]
    assert dates(rule(times=2), 9) == ["21 Nov", "22 Nov"]


def test_what_is_past_counts_among_its_times() -> None:
    assert list(upcoming(rule(times=2), KOLKATA, datetime(2026, 11, 22, 5, tzinfo=UTC))) == []


def test_a_time_that_the_clock_skips_comes_later() -> None:
    night = rule(at=time(2, 30), starts_on=date(2026, 3, 7))
    local = [f"{moment.astimezone(NEW_YORK):%d %H:%M}" for moment in islice(occurrences(night, NEW_YORK), 3)]
    assert local == ["07 02:30", "08 03:30", "09 02:30"]


def test_a_time_that_comes_twice_happens_once() -> None:
    night = rule(at=time(1, 30), starts_on=date(2026, 10, 31))
    moments = list(islice(occurrences(night, NEW_YORK), 3))
    assert [f"{moment:%d %H:%M}" for moment in moments] == ["31 05:30", "01 05:30", "02 06:30"]


def test_it_keeps_the_clock_through_a_change_of_summer_time() -> None:
    spring = rule(starts_on=date(2026, 3, 7))
    assert {moment.astimezone(NEW_YORK).time() for moment in islice(occurrences(spring, NEW_YORK), 300)} == {time(10)}


def test_the_next_one_lies_after_the_moment_asked() -> None:
    first = datetime(2026, 11, 21, 4, 30, tzinfo=UTC)
    assert next_occurrence(rule(), KOLKATA, first - timedelta(seconds=1)) == first
    assert next_occurrence(rule(), KOLKATA, first) == first + timedelta(days=1)
    assert next_occurrence(rule(times=1), KOLKATA, first) is None


def test_it_tells_what_was_due_meanwhile() -> None:
    first = datetime(2026, 11, 21, 4, 30, tzinfo=UTC)
    assert due(rule(), KOLKATA, first, first + timedelta(days=2)) == [first + timedelta(days=day) for day in range(3)]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (rule(), "Every day at 10:00"),
        (rule(interval=2), "Every 2 days at 10:00"),
        (
            rule("week", weekdays=(4, 1), until=date(2026, 12, 31)),
            "Every Monday and Thursday at 10:00, until 31 Dec 2026",
        ),
        (rule("week", weekdays=(1, 3, 5), interval=2), "Every 2 weeks on Monday, Wednesday and Friday at 10:00"),
        (rule("week", weekdays=(1, 2, 3, 4, 5, 6, 7)), "Every day at 10:00"),
        (
            rule("month", monthdays=(LAST_DAY, 1, 22), times=6),
            "On the 1st, 22nd and last of every month at 10:00, 6 times",
        ),
        (rule("month", monthdays=(LAST_DAY,), interval=3), "On the last day of every 3 months at 10:00"),
        (rule("month", monthdays=(11,), times=1), "On the 11th of every month at 10:00, once"),
    ],
)
def test_it_says_itself_in_words(told: Rule, words: str) -> None:
    assert sentence(told) == words


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"every": "year"}, "every"),
        ({"interval": 0}, "interval"),
        ({"every": "week"}, "weekdays"),
        ({"every": "week", "weekdays": (8,)}, "weekdays"),
        ({"every": "month"}, "monthdays"),
        ({"every": "month", "monthdays": (0,)}, "monthdays"),
        ({"starts_on": date(1, 1, 1)}, "starts_on"),
        ({"starts_on": date(9999, 12, 31)}, "starts_on"),
        ({"until": date(2026, 11, 20)}, "until"),
        ({"until": date(2026, 12, 1), "times": 3}, "until"),
        ({"times": 0}, "times"),
    ],
)
def test_it_refuses_what_cannot_be_meant(parts: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rule(**parts).check()
    assert refusal.value.field == field


rules = st.builds(
    Rule,
    every=st.sampled_from(["day", "week", "month"]),
    at=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    starts_on=st.dates(date(2025, 1, 1), date(2028, 12, 31)),
    interval=st.integers(1, 12),
    weekdays=st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))),
    monthdays=st.sets(st.integers(-1, 31).filter(bool), min_size=1).map(lambda days: tuple(sorted(days))),
    times=st.none() | st.integers(1, 30),
)


@settings(max_examples=150, deadline=None)
@given(rules, st.sampled_from([KOLKATA, NEW_YORK, ZoneInfo("Australia/Lord_Howe")]))
def test_each_comes_once_and_in_order(told: Rule, zone: ZoneInfo) -> None:
    moments = list(islice(occurrences(told, zone), 40))
    assert all(earlier < later for earlier, later in pairwise(moments))
    assert all(next_occurrence(told, zone, earlier) == later for earlier, later in pairwise(moments[:4]))
    assert moments[0].astimezone(zone).date() >= told.starts_on


@given(rules)
def test_it_is_stored_and_read_again(told: Rule) -> None:
    assert Rule.from_json(told.as_json()) == told
