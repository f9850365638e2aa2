from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.shared.hours import Hours

KOLKATA = ZoneInfo("Asia/Kolkata")
NEW_YORK = ZoneInfo("America/New_York")  # 2026: clocks jump ahead on 8 March at 02:00, back on 1 November at 02:00
EVERY_DAY = frozenset(range(1, 8))
DAYTIME = Hours(time(9), time(21), EVERY_DAY)
NIGHT = Hours(time(22), time(2), frozenset({5}))  # from Friday's evening into Saturday


def at(zone: ZoneInfo, *when: int, fold: int = 0) -> datetime:
    return datetime(*when, tzinfo=zone, fold=fold)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize("hour", [9, 15, 20])
def test_it_is_open_during_the_day(hour):
    assert DAYTIME.next_opening(at(KOLKATA, 2026, 11, 20, hour), KOLKATA) is None


def test_it_opens_this_morning_or_the_next():
    morning = at(KOLKATA, 2026, 11, 20, 9)
    assert DAYTIME.next_opening(at(KOLKATA, 2026, 11, 20, 8, 59), KOLKATA) == morning
    assert DAYTIME.next_opening(at(KOLKATA, 2026, 11, 20, 21), KOLKATA) == morning + timedelta(days=1)


def test_it_answers_in_utc():
    opening = DAYTIME.next_opening(at(KOLKATA, 2026, 11, 20, 3), KOLKATA)
    assert opening is not None
    assert opening.isoformat() == "2026-11-20T03:30:00+00:00"


def test_it_waits_over_the_weekend():
    workdays = Hours(time(9), time(21), frozenset({1, 2, 3, 4, 5}))
    friday_night = at(KOLKATA, 2026, 11, 20, 22)
    assert workdays.next_opening(friday_night, KOLKATA) == at(KOLKATA, 2026, 11, 23, 9)


def test_it_waits_a_whole_week_for_its_only_day():
    mondays = Hours(time(9), time(21), frozenset({1}))
    assert mondays.next_opening(at(KOLKATA, 2026, 11, 16, 21), KOLKATA) == at(KOLKATA, 2026, 11, 23, 9)


def test_it_lasts_over_midnight_from_the_day_it_opened():
    assert NIGHT.next_opening(at(KOLKATA, 2026, 11, 21, 1, 59), KOLKATA) is None
    assert NIGHT.next_opening(at(KOLKATA, 2026, 11, 21, 2), KOLKATA) == at(KOLKATA, 2026, 11, 27, 22)
    assert NIGHT.next_opening(at(KOLKATA, 2026, 11, 20, 1), KOLKATA) == at(KOLKATA, 2026, 11, 20, 22)


def test_equal_ends_mean_the_whole_day():
    whole = Hours(time(0), time(0), frozenset({6}))
    assert whole.next_opening(at(KOLKATA, 2026, 11, 21, 23, 59), KOLKATA) is None
    assert whole.next_opening(at(KOLKATA, 2026, 11, 22, 0), KOLKATA) == at(KOLKATA, 2026, 11, 28, 0)


def test_an_opening_that_the_clock_jumps_over_comes_later():
    early = Hours(time(2, 30), time(9), EVERY_DAY)
    assert early.next_opening(at(NEW_YORK, 2026, 3, 8, 1), NEW_YORK) == at(NEW_YORK, 2026, 3, 8, 3, 30)


def test_a_closing_that_the_clock_jumps_over_comes_earlier():
    late = Hours(time(22), time(2, 30), EVERY_DAY)
    assert late.next_opening(at(NEW_YORK, 2026, 3, 8, 1, 29), NEW_YORK) is None
    assert late.next_opening(at(NEW_YORK, 2026, 3, 8, 1, 31), NEW_YORK) == at(NEW_YORK, 2026, 3, 8, 22)


def test_hours_that_the_clock_jumps_over_do_not_open_that_day():
    swallowed = Hours(time(2, 15), time(2, 45), EVERY_DAY)
    assert swallowed.next_opening(at(NEW_YORK, 2026, 3, 8, 1), NEW_YORK) == at(NEW_YORK, 2026, 3, 9, 2, 15)


def test_a_closing_that_comes_twice_counts_the_first_time():
    late = Hours(time(22), time(1, 30), EVERY_DAY)
    assert late.next_opening(at(NEW_YORK, 2026, 11, 1, 1, 29), NEW_YORK) is None
    assert late.next_opening(at(NEW_YORK, 2026, 11, 1, 1, 10, fold=1), NEW_YORK) == at(NEW_YORK, 2026, 11, 1, 22)


def test_it_refuses_to_never_open():
    with pytest.raises(ValueError, match="at least one weekday"):
        Hours(time(9), time(21), frozenset())


a_zone = st.sampled_from(["Asia/Kolkata", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Africa/Cairo"])
a_moment = st.integers(0, 6 * 366 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
some_hours = st.builds(Hours, st.times(), st.times(), st.frozensets(st.integers(1, 7), min_size=1))


def by_the_clock(hours: Hours, moment: datetime, zone: ZoneInfo) -> bool:
    """Whether a look at the customer's own clock and calendar says that the hours are open."""
    local = moment.astimezone(zone)
    clock, today = local.time(), local.isoweekday() in hours.weekdays
    yesterday = (local.date() - timedelta(days=1)).isoweekday() in hours.weekdays
    if hours.opens < hours.closes:
        return today and hours.opens <= clock < hours.closes
    return (today and clock >= hours.opens) or (yesterday and clock < hours.closes)


@settings(max_examples=400, deadline=None)
@given(some_hours, a_moment, a_zone.map(ZoneInfo))
def test_whenever_it_is_open_the_customers_clock_says_so(hours, moment, zone):
    opening = hours.next_opening(moment, zone)
    assert opening is None or opening > moment
    assert by_the_clock(hours, opening or moment, zone)


@settings(max_examples=400, deadline=None)
@given(some_hours, a_moment, a_zone.map(ZoneInfo))
def test_it_stays_open_from_its_opening_to_its_closing(hours, moment, zone):
    opens, closes = hours.around(moment, zone)
    assert hours.next_opening(opens, zone) is None
    assert hours.next_opening(closes - timedelta(microseconds=1), zone) is None


@settings(max_examples=200, deadline=None)
@given(some_hours, st.dates(date(2025, 1, 1), date(2029, 1, 1)))
def test_without_clock_jumps_it_is_exactly_the_clock(hours, day):
    for hour in range(24):
        moment = at(KOLKATA, day.year, day.month, day.day, hour, 17)
        assert (hours.next_opening(moment, KOLKATA) is None) == by_the_clock(hours, moment, KOLKATA)
