"""The gate: a table of facts and verdicts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.messaging.engine.gate import GO, HOLD, PAIR, WEEK, Facts, Hold, Rules, Skip, Wait, judge
from app.messaging.models import SkipReason, WaitReason
from app.shared.hours import Hours

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday
INDIA, LISBON = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Lisbon")  # half past five in the evening; noon
WILLING = Facts("+919812345678", None, "MARKETING", "APPROVED", has_consent=True, zone=INDIA)
TALKING = replace(WILLING, category="service", template_status=None, window_expires_at=NOON + timedelta(hours=1))
DAY = Hours(time(9), time(21), frozenset(range(1, 8)))
MORNING = Hours(time(9), time(11), frozenset({1, 2, 3, 4, 5}))
STRICT = Rules(hours=DAY, cap=2, pair=PAIR)


def ago(**time: float) -> datetime:
    return NOON - timedelta(**time)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"phone": None}, SkipReason.NO_ADDRESS),
        ({"phone": ""}, SkipReason.NO_ADDRESS),
        ({"is_suppressed": True}, SkipReason.SUPPRESSED),
        ({"has_opted_out": True}, SkipReason.OPTED_OUT),
        ({"has_opted_out": True, "has_consent": False}, SkipReason.OPTED_OUT),
        ({"has_consent": False}, SkipReason.NO_CONSENT),
        ({"phone": "+12025550123"}, SkipReason.US_MARKETING),
        ({"phone": "+16135550123"}, SkipReason.US_MARKETING),
        ({"marketing_at": [ago(days=6), ago(days=1)]}, SkipReason.FREQUENCY_CAP),
        ({"marketing_at": [ago(days=6), ago(days=1)], "zone": ZoneInfo("Asia/Tokyo")}, SkipReason.FREQUENCY_CAP),
    ],
)
def test_it_skips_whoever_must_not_get_marketing(changes: dict[str, object], reason: SkipReason) -> None:
    assert judge(replace(WILLING, **changes), STRICT, NOON) == Skip(reason)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"phone": None, "user_id": "IN.1"},
        {"marketing_at": [ago(days=8), ago(days=7), ago(days=1)]},
        {"last_sent_at": ago(seconds=6)},
        {"category": "UTILITY", "has_opted_out": True},
        {"category": "UTILITY", "has_consent": False, "is_suppressed": True},
        {"category": "UTILITY", "phone": "+12025550123", "marketing_at": [ago(days=1)] * 5},
    ],
)
def test_it_lets_the_others_pass(changes: dict[str, object]) -> None:
    assert judge(replace(WILLING, **changes), STRICT, NOON) is GO  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("number", "verdict"),
    [
        ("+12025550123", Skip(SkipReason.US_MARKETING)),  # Washington
        ("+17875550123", Skip(SkipReason.US_MARKETING)),  # Puerto Rico
        ("+12115550123", Skip(SkipReason.US_MARKETING)),  # nobody's: in doubt it is theirs
        ("+16135550123", GO),  # Ottawa
        ("+18765550123", GO),  # Jamaica
        ("+447911123456", GO),
    ],
)
def test_it_can_spare_the_united_states_alone(number: str, verdict: object) -> None:
    assert judge(replace(WILLING, phone=number), Rules(spares_only_us=True), NOON) == verdict


@pytest.mark.parametrize("status", ["PAUSED", "DISABLED", "PENDING", "REJECTED"])
def test_nobody_gets_a_template_that_is_not_approved(status: str) -> None:
    held = judge(replace(WILLING, template_status=status, has_opted_out=True), STRICT, NOON)
    assert isinstance(held, Hold)
    assert held is HOLD


@pytest.mark.parametrize(
    ("window", "verdict"),
    [
        (NOON + timedelta(seconds=1), GO),
        (NOON, Skip(SkipReason.WINDOW_CLOSED)),
        (None, Skip(SkipReason.WINDOW_CLOSED)),
    ],
)
def test_free_words_leave_only_while_the_window_is_open(window: datetime | None, verdict: object) -> None:
    stranger = replace(TALKING, window_expires_at=window, has_consent=False, has_opted_out=True)
    assert judge(stranger, Rules(), NOON) == verdict


def test_whoever_is_capped_may_wait_until_the_oldest_that_counts_is_a_week_old() -> None:
    facts = replace(WILLING, marketing_at=[ago(days=8), ago(days=6), ago(days=5), ago(days=1)])
    waiting = judge(facts, Rules(cap=2, waits_when_capped=True), NOON)
    assert waiting == Wait(WaitReason.CAP, ago(days=5) + WEEK)


def test_a_cap_of_none_at_all_is_no_reason_to_wait() -> None:
    assert judge(WILLING, Rules(cap=0, waits_when_capped=True), NOON) == Skip(SkipReason.FREQUENCY_CAP)


def test_it_waits_for_the_hours_where_they_live() -> None:
    rules = Rules(hours=MORNING)
    assert judge(replace(WILLING, zone=ZoneInfo("America/Lima")), rules, NOON) == Wait(
        WaitReason.WINDOW, datetime(2026, 11, 18, 14, tzinfo=UTC)
    )
    assert judge(WILLING, rules, NOON) == Wait(WaitReason.WINDOW, datetime(2026, 11, 19, 3, 30, tzinfo=UTC))
    assert judge(replace(WILLING, zone=LISBON), rules, NOON - timedelta(hours=2)) is GO


def test_it_leaves_six_seconds_between_two_messages() -> None:
    assert judge(replace(WILLING, last_sent_at=ago(seconds=2)), STRICT, NOON) == Wait(
        WaitReason.PAIR, NOON + timedelta(seconds=4)
    )


def test_what_never_heals_comes_before_what_does() -> None:
    facts = replace(WILLING, last_sent_at=NOON, zone=ZoneInfo("Asia/Tokyo"), has_opted_out=True)
    assert judge(facts, STRICT, NOON) == Skip(SkipReason.OPTED_OUT)
