"""When a campaign will be done: a table of what is left, how fast, and what the limit allows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.campaigns.forecast import WINDOW, Limit, Opening, forecast, messages_per_second

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("messages", "per_second", "limit", "finishes"),
    [
        (0, 20, Limit(200, 200), NOW),
        (600, 20, Limit(None), NOW + timedelta(seconds=30)),
        (600, 20, Limit(1000, 400), NOW + timedelta(seconds=30)),
        (601, 20, Limit(1000, 400, [Opening(NOW + HOUR, 400)]), NOW + HOUR + timedelta(seconds=0.05)),
        (300, 10, Limit(100, 0), NOW + 2 * (timedelta(seconds=10) + WINDOW) + timedelta(seconds=10)),
        (
            50,
            1,
            Limit(10, 10, [Opening(NOW + HOUR, 10)]),
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


def test_a_limit_of_nothing_never_ends() -> None:
    assert forecast(1, 10, Limit(0, 0), NOW).finishes_at is None


def test_openings_that_come_while_it_sends_need_no_wait() -> None:
    told = forecast(20, 1, Limit(10, 0, [Opening(NOW + timedelta(seconds=3), 10)]), NOW)
    assert told.finishes_at == NOW + timedelta(seconds=20)


@pytest.mark.parametrize(("channel", "own", "rate"), [(20, None, 20), (20, 60, 1), (20, 6000, 20), (80, 2400, 40)])
def test_the_slower_rate_counts(channel: float, own: int | None, rate: float) -> None:
    assert messages_per_second(channel, own) == rate
