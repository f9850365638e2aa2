"""When a campaign will be done: a table of what is left, how fast, and what the limit allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from heapq import heapify, heappop, heappush, heapreplace
from time import process_time as clock
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.campaigns.forecast import HORIZON, WINDOW, Crowd, Limit, Opening, forecast, messages_per_second
from app.shared.hours import Hours

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("messages", "per_second", "limit", "finishes"),
    [
        (0, 20, Limit(200, 200), NOW),
        (600, 20, Limit(None), NOW + timedelta(seconds=30)),
        (600, 20, Limit(1000, 400), NOW + timedelta(seconds=30)),
        (601, 20, Limit(1000, 400, [Opening(NOW + HOUR, 400)]), NOW + HOUR + timedelta(seconds=0.05)),
        (300, 10, Limit(100, 0, worthwhile=100), NOW + 2 * (timedelta(seconds=10) + WINDOW) + timedelta(seconds=10)),
        (
            50,
            1,
            Limit(10, 10, [Opening(NOW + HOUR, 10)], worthwhile=10),
            NOW + 5 * HOUR - 4 * HOUR + 4 * WINDOW + timedelta(seconds=50),
        ),
    ],
)
def test_it_tells_when_the_last_message_leaves(
    messages: int, per_second: float, limit: Limit, finishes: datetime
) -> None:
    assert forecast(messages, per_second, limit, NOW).finishes_at == finishes


def test_it_tells_when_the_limit_first_interrupts() -> None:
    told = forecast(100, 10, Limit(60, 0), NOW)
    assert told.first_pause == NOW + timedelta(seconds=6)


def test_it_knows_no_pause_where_everything_fits() -> None:
    assert forecast(60, 10, Limit(60, 0), NOW).first_pause is None


def test_what_takes_longer_than_a_century_never_ends() -> None:
    a_minute_a_week = Hours(time(9), time(9, 1), frozenset({1}))
    crowd = Crowd(ZoneInfo("Asia/Kolkata"), 1_000_000)
    assert forecast(1_000_000, 1 / 60, Limit(None), NOW, a_minute_a_week, [crowd]).finishes_at is None


def test_a_limit_of_nothing_never_ends() -> None:
    assert forecast(1, 10, Limit(0, 0), NOW).finishes_at is None


def test_openings_that_come_while_it_sends_need_no_wait() -> None:
    told = forecast(20, 1, Limit(10, 0, [Opening(NOW + timedelta(seconds=3), 10)]), NOW)
    assert told.finishes_at == NOW + timedelta(seconds=20)


@pytest.mark.parametrize(("channel", "own", "rate"), [(20, None, 20), (20, 60, 1), (20, 6000, 20), (80, 2400, 40)])
def test_the_slower_rate_counts(channel: float, own: int | None, rate: float) -> None:
    assert messages_per_second(channel, own) == rate


INDIA, NEW_YORK = ZoneInfo("Asia/Kolkata"), ZoneInfo("America/New_York")
BY_DAY = Hours(time(9), time(21), frozenset(range(1, 8)))
EVENING = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)  # 20:30 in India, 10:00 in New York


def test_who_is_outside_the_hours_waits_for_them() -> None:
    told = forecast(100, 1, Limit(None), EVENING + HOUR, BY_DAY, [Crowd(INDIA, 100)])
    assert told.first_closing == EVENING + HOUR
    assert told.finishes_at == datetime(2026, 11, 22, 3, 30, tzinfo=UTC) + timedelta(seconds=100)


def test_what_does_not_fit_into_the_evening_goes_on_in_the_morning() -> None:
    told = forecast(3600, 1, Limit(None), EVENING, BY_DAY, [Crowd(INDIA, 3600)])
    assert told.first_closing == EVENING + HOUR / 2
    assert told.finishes_at == datetime(2026, 11, 22, 3, 30, tzinfo=UTC) + timedelta(seconds=1800)


def test_while_one_zone_sleeps_another_is_written_to() -> None:
    told = forecast(200, 1, Limit(None), EVENING + HOUR, BY_DAY, [Crowd(INDIA, 100), Crowd(NEW_YORK, 100)])
    assert told.first_closing == EVENING + HOUR + timedelta(seconds=100)
    assert told.finishes_at == datetime(2026, 11, 22, 3, 30, tzinfo=UTC) + timedelta(seconds=100)


def test_it_waits_over_the_days_that_are_left_out() -> None:
    mondays = Hours(time(9), time(21), frozenset({1}))
    told = forecast(1, 1, Limit(None), EVENING, mondays, [Crowd(INDIA, 1)])
    assert told.finishes_at == datetime(2026, 11, 23, 3, 30, 1, tzinfo=UTC)


def test_years_are_reckoned_at_once() -> None:
    began = clock()
    told = forecast(1_000_000, 20, Limit(190, 0, worthwhile=9), NOW, BY_DAY, [Crowd(INDIA, 1_000_000)])
    assert clock() - began < 0.2
    assert told.duration is not None
    assert 5_000 < told.duration.days < 6_000


def simulated(
    people: Sequence[ZoneInfo], per_second: float, limit: Limit, starts_at: datetime, hours: Hours
) -> datetime:
    """The sender person by person: by due time and position, later for whom it is not the hour, up to the limit."""
    queue = [(starts_at, position, zone) for position, zone in enumerate(people)]
    heapify(queue)
    now, free, back = starts_at, limit.remaining, list[datetime]()
    while queue:
        while free is not None and back and back[0] <= now:
            heappop(back)
            free += 1
        due_at, position, zone = queue[0]
        opening = hours.next_opening(max(now, due_at), zone)
        if opening is not None:
            heapreplace(queue, (opening, position, zone))
        elif due_at > now:
            now = due_at
        elif free == 0:
            wanted = min(limit.worthwhile, len(queue), len(back))
            now = max(now, sorted(back)[wanted - 1])
        else:
            heappop(queue)
            now += timedelta(seconds=1 / per_second)
            if free is not None:
                free -= 1
                heappush(back, now + WINDOW)
    return now


def mixed(counts: Mapping[ZoneInfo, int]) -> list[ZoneInfo]:
    """The people of all zones, evenly mixed as in a long list."""
    places = [((number + 0.5) / count, zone.key) for zone, count in counts.items() for number in range(count)]
    return [ZoneInfo(key) for _, key in sorted(places)]


crowds = st.dictionaries(
    st.sampled_from([INDIA, NEW_YORK, ZoneInfo("Europe/London"), ZoneInfo("Asia/Dubai")]),
    st.integers(0, 150),
    min_size=1,
)
some_hours = st.builds(
    Hours,
    st.integers(0, 23).map(time),
    st.integers(0, 23).map(lambda hour: time(hour, 30)),
    st.frozensets(st.integers(1, 7), min_size=3),
)


rates = st.sampled_from([1 / 240, 1 / 60, 1.0, 20.0])
starts = st.integers(0, 7 * 24 * 60).map(lambda minute: NOW + timedelta(minutes=minute))


@settings(max_examples=150, deadline=None)
@given(crowds, rates, starts, some_hours)
def test_it_foresees_what_the_sender_does_in_every_zone(
    counts: dict[ZoneInfo, int], per_second: float, starts_at: datetime, hours: Hours
) -> None:
    compare(counts, per_second, Limit(None), starts_at, hours)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 300), rates, st.integers(5, 120), starts, some_hours)
def test_it_foresees_what_the_sender_does_under_a_limit(
    number: int, per_second: float, size: int, starts_at: datetime, hours: Hours
) -> None:
    compare({NEW_YORK: number}, per_second, Limit(size, worthwhile=max(1, size // 20)), starts_at, hours)


def compare(counts: Mapping[ZoneInfo, int], per_second: float, limit: Limit, starts_at: datetime, hours: Hours) -> None:
    """Two people more or less may be the difference of a night: between these the truth must lie."""
    least, most = (
        foreseen({zone: max(0, count + more) for zone, count in counts.items()}, per_second, limit, starts_at, hours)
        for more in (-2, 2)
    )
    assume(most - starts_at < HORIZON)
    done, moment = simulated(mixed(counts), per_second, limit, starts_at, hours), timedelta(seconds=2 / per_second)
    assert least - moment <= done <= most + moment


def foreseen(
    counts: Mapping[ZoneInfo, int], per_second: float, limit: Limit, starts_at: datetime, hours: Hours
) -> datetime:
    who = [Crowd(zone, count) for zone, count in counts.items()]
    told = forecast(sum(counts.values()), per_second, limit, starts_at, hours, who).finishes_at
    assert told is not None
    return told
