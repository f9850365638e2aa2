"""The table of what follows from each of Meta's errors."""

from __future__ import annotations

import pytest

from app.campaigns.models import PauseReason
from app.campaigns.service import circuit, policy
from app.campaigns.service.circuit import Finished
from app.campaigns.service.policy import Fail, OptOut, PauseCampaign, PauseChannel, Retry, Rules, Tries, Undecided
from app.messaging.engine.sender import Verdict
from app.messaging.models import WaitReason
from app.meta.error_table import ROWS
from app.meta.errors import NO_ANSWER, NOT_SENT, meaning_of

BY_CLASS = {
    "throttled": Retry,
    "transient": Retry,
    "customer": Fail,
    "payload": Fail,
    "template": PauseCampaign,
    "account": PauseChannel,
    "auth": PauseChannel,
    "outcome_unknown": Undecided,
}
OTHERWISE = {131026: Retry, 131049: Retry, 131050: OptOut}
CODES = [(code, OTHERWISE.get(code, BY_CLASS[name])) for name, rows in ROWS.items() for code, *_ in rows]


def fate(code: int | None, *earlier: int | None, verdict: Verdict = Verdict.REFUSED, **rules: object) -> policy.Fate:
    return policy.fate(code, meaning_of(code).error_class, verdict, Tries(earlier), Rules(**rules))  # type: ignore[arg-type]


@pytest.mark.parametrize(("code", "kind"), [*CODES, (299, PauseChannel), (999999, Fail), (None, Fail)])
def test_every_code_has_a_consequence(code: int | None, kind: type) -> None:
    assert isinstance(fate(code), kind)


@pytest.mark.parametrize(("code", "kind"), CODES)
def test_no_unknown_outcome_is_ever_sent_again_by_itself(code: int, kind: type) -> None:
    assert fate(code, verdict=Verdict.UNKNOWN) == Undecided()


@pytest.mark.parametrize("code", [130429, 80007, NOT_SENT])
def test_what_came_too_fast_or_never_left_is_tried_as_often_as_it_takes(code: int) -> None:
    pauses = [fate(code, *[code] * tries, max_retries=0) for tries in (0, 1, 2, 3, 4, 100)]
    assert [(it.earliest / 48, it.latest / 72) for it in pauses] == [(n, n) for n in (1, 2, 4, 8, 15, 15)]  # type: ignore[union-attr]


def test_a_sender_who_came_too_late_counts_as_never_sent() -> None:
    assert isinstance(fate(NOT_SENT, *[NOT_SENT] * 50, verdict=Verdict.NOT_SENT, max_retries=0), Retry)


@pytest.mark.parametrize(("most", "tries"), [(3, 3), (1, 1), (0, 0)])
def test_a_passing_trouble_is_tried_as_often_as_the_campaign_says(most: int, tries: int) -> None:
    fates = [fate(131016, *[131000] * done, max_retries=most) for done in range(6)]
    assert [isinstance(it, Retry) for it in fates] == [True] * tries + [False] * (6 - tries)


def test_other_reasons_do_not_use_up_the_tries_of_a_passing_trouble() -> None:
    assert isinstance(fate(131016, 130429, NOT_SENT, NOT_SENT, 132015, None, max_retries=1), Retry)


def test_enough_marketing_is_tried_after_a_day_at_most_twice() -> None:
    first = fate(131049)
    assert first.earliest == 86_400  # type: ignore[union-attr]
    assert fate(131049, 131049, max_retries=0, retry_failed=False) == first
    assert fate(131049, 131049, 131049, max_retries=9) == Fail()


def test_a_phone_out_of_reach_is_tried_three_times_where_the_campaign_says_so() -> None:
    fates = [fate(131026, *[131026] * done) for done in range(5)]
    assert [isinstance(it, Retry) for it in fates] == [True, True, True, False, False]
    assert fate(131026, retry_failed=False) == Fail()


def test_meta_s_longer_pauses_are_kept() -> None:
    assert fate(134101).earliest >= 8 * 60  # type: ignore[union-attr]
    assert fate(132069).earliest >= 48 * 60  # type: ignore[union-attr]


def test_the_pair_rate_has_its_own_word() -> None:
    assert fate(131056).reason is WaitReason.PAIR  # type: ignore[union-attr]
    assert fate(130429).reason is WaitReason.RETRY  # type: ignore[union-attr]


@pytest.mark.parametrize("code", [130429, 131000, NOT_SENT, 132015, 190, 131042, 131030, 131053, 999999, None])
def test_asked_for_another_try_can_succeed(code: int | None) -> None:
    assert policy.second_chance(code) == 0


@pytest.mark.parametrize("code", [131026, 131050, 130472, 131021, 132000, 132012, 100, 131009, NO_ANSWER])
def test_no_other_try_can_succeed(code: int) -> None:
    assert policy.second_chance(code) is None


def test_enough_marketing_can_succeed_a_day_later() -> None:
    assert policy.second_chance(131049) == 86_400


# The circuit breaker

FINE, BROKEN, AWAY = Finished(False, None), Finished(True, 132000), Finished(True, 131026)


@pytest.mark.parametrize(
    ("latest", "most", "code"),
    [
        ([AWAY] * 10 + [FINE] * 40, 20, None),  # exactly the share
        ([AWAY] * 11 + [FINE] * 39, 20, 131026),
        ([AWAY] * 49, 20, None),  # too few to say
        ([AWAY] * 200, None, None),  # nobody asked
        ([AWAY] * 30 + [BROKEN] * 31 + [FINE] * 100, 20, 132000),  # the most frequent one
        ([BROKEN] * 20, None, 132000),  # all of the latest are wrong
        ([BROKEN] * 19, None, None),
        ([BROKEN] * 19 + [FINE] + [BROKEN] * 20, None, None),
        ([BROKEN] * 19 + [AWAY], None, None),  # not the values' fault
    ],
)
def test_it_stops_where_too_many_fail(latest: list[Finished], most: int | None, code: int | None) -> None:
    expected = None if code is None else (PauseReason.TOO_MANY_ERRORS, code)
    assert circuit.judge(latest, most) == expected
