"""The wizard's schedule step: once or again and again, in which hours, and how."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask

from app.campaigns.models import Campaign, CampaignStatus, WhenCapped
from app.campaigns.service import drafts
from app.extensions import db
from app.shared import clock
from tests import factories
from tests.campaigns.wizards import Browser, at, browser_of, fresh, page, ready

KOLKATA = ZoneInfo("Asia/Kolkata")
ANY_TIME = {"when": "now", "hours": "any"}
MONDAYS = {"when": "repeat", "every": "week", "interval": "1", "repeat_on": ["1"], "at": "10:00", "hours": "any"}


@pytest.fixture
def mona(app: Flask, cast: SimpleNamespace) -> Browser:
    return browser_of(app, cast.mona)


def save(mona: Browser, campaign: Campaign, **form: Any) -> Any:
    return mona.post(at(campaign, "schedule"), **ANY_TIME | form)


def test_now_at_any_time(mona: Browser) -> None:
    campaign = ready()
    answer = save(mona, campaign, scheduled_for="", rate_limit="")
    assert answer.headers["Location"] == at(campaign, "review")
    assert (fresh(campaign).scheduled_for, campaign.rate_limit, campaign.recurrence) == (None, None, None)
    assert (campaign.window_opens, campaign.window_closes) == (None, None)


def test_a_later_time_is_read_in_the_workspaces_zone(mona: Browser) -> None:
    campaign = ready()
    moment = (clock.now() + timedelta(days=3)).replace(second=0, microsecond=0)
    local = moment.astimezone(KOLKATA).strftime("%Y-%m-%dT%H:%M")
    save(mona, campaign, when="later", scheduled_for=local, rate_limit="60")
    assert (fresh(campaign).scheduled_for, campaign.rate_limit) == (moment, 60)
    shown = mona.get(at(campaign, "schedule")).text
    assert "Asia/Kolkata" in shown
    assert f'value="{local}"' in shown


@pytest.mark.parametrize(
    "form",
    [
        {"when": "later", "scheduled_for": "0001-01-01T00:00"},
        MONDAYS | {"repeat_on": ["someday"]},
        MONDAYS | {"starts_on": "0001-01-01"},
    ],
)
def test_nonsense_is_refused_in_words(mona: Browser, form: dict[str, Any]) -> None:
    campaign = ready()
    assert mona.post(at(campaign, "schedule"), **ANY_TIME | form).status_code == 422
    assert mona.post(at(campaign, "schedule/dates"), **ANY_TIME | form).status_code == 200


def test_a_new_campaign_writes_by_day(mona: Browser) -> None:
    factories.make_template()
    db.session.commit()
    mona.post("/campaigns/new", name="Monsoon")
    made = db.session.query(Campaign).one()
    assert (made.window_opens, made.window_closes, made.weekdays) == (time(9), time(21), [1, 2, 3, 4, 5, 6, 7])


def test_it_keeps_hours_and_days(mona: Browser) -> None:
    campaign = ready()
    save(mona, campaign, hours="between", opens="10:30", closes="19:00", open_on=["1", "2", "5"])
    assert (fresh(campaign).window_opens, campaign.window_closes, campaign.weekdays) == (
        time(10, 30),
        time(19),
        [1, 2, 5],
    )
    shown = mona.get(at(campaign, "review")).text
    assert "Between 10:30 and 19:00 on Mon, Tue and Fri, in each customer’s own time zone." in shown


def test_it_keeps_how_it_sends(mona: Browser) -> None:
    campaign = ready()
    said = {"when_capped": "wait", "weight": "3", "max_failure_share": "5", "retry_failed": "y", "max_retries": "1"}
    save(mona, campaign, **said)
    assert (fresh(campaign).when_capped, campaign.weight) == (WhenCapped.WAIT, 3)
    assert (campaign.max_failure_share, campaign.retry_failed, campaign.max_retries) == (5, True, 1)
    shown = mona.get(at(campaign, "schedule")).text
    assert '<option selected value="3">' in shown


def test_an_empty_share_never_pauses(mona: Browser) -> None:
    campaign = ready()
    save(mona, campaign, max_failure_share="")
    assert (fresh(campaign).max_failure_share, campaign.retry_failed) == (None, False)


def test_a_weight_that_the_api_gave_stays(mona: Browser) -> None:
    campaign = ready(weight=7)
    assert '<option selected value="7">7 times its share' in mona.get(at(campaign, "schedule")).text
    save(mona, campaign, weight="7")
    assert fresh(campaign).weight == 7


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"when": "later", "scheduled_for": "2020-01-01T10:00"}, "This time has passed"),
        ({"when": "later", "scheduled_for": "2099-01-01T10:00"}, "within the next year"),
        ({"when": "later", "scheduled_for": ""}, "Choose a date and a time."),
        ({"when": "later", "scheduled_for": "tomorrow"}, "Not a valid"),
        ({"when": "whenever"}, "Not a valid choice"),
        ({"rate_limit": "0"}, "A whole number from 1"),
        ({"rate_limit": "quick"}, "Not a valid integer"),
        ({"max_failure_share": "101"}, "A whole number from 1 to 100"),
        ({"max_retries": "-1"}, "A whole number from 0 to 10"),
        ({"weight": "9999"}, "Not a valid choice"),
        ({"weight": "heavy"}, "Invalid Choice"),
        ({"when_capped": "shout"}, "Not a valid choice"),
        ({"hours": "between", "opens": "", "closes": "21:00", "open_on": "1"}, "From when on?"),
        ({"hours": "between", "opens": "09:00", "closes": "09:00", "open_on": "1"}, "These are no hours"),
        ({"hours": "between", "opens": "09:00", "closes": "21:00"}, "Choose at least one day."),
        ({"hours": "between", "opens": "9 o'clock", "closes": "21:00", "open_on": "1"}, "Not a valid time"),
        ({"hours": "between", "open_on": "8"}, "8"),
        (MONDAYS | {"repeat_on": []}, "Choose at least one day of the week."),
        (MONDAYS | {"interval": "99"}, "A whole number from 1 to 52."),
        (MONDAYS | {"at": ""}, "Choose a time."),
        (MONDAYS | {"ends": "until"}, "Choose the last day."),
        (MONDAYS | {"ends": "until", "until": "2020-01-01"}, "The end lies before the beginning."),
        (MONDAYS | {"ends": "times"}, "Say how many times."),
        (MONDAYS | {"starts_on": "2099-01-01"}, "begin within the next year"),
        (MONDAYS | {"every": "month", "monthdays": ""}, "Say on which days of the month"),
        (MONDAYS | {"every": "month", "monthdays": "32"}, "numbers from 1 to 31"),
        (MONDAYS | {"every": "month", "monthdays": "often"}, "numbers from 1 to 31"),
    ],
)
def test_it_refuses_what_cannot_be(mona: Browser, form: dict[str, Any], sentence: str) -> None:
    campaign = ready()
    answer = save(mona, campaign, **form)
    assert (answer.status_code, sentence in answer.text) == (422, True), answer.text
    assert fresh(campaign).recurrence is None


def test_a_rule_is_kept_and_shown(mona: Browser) -> None:
    campaign = ready()
    save(
        mona, campaign, **MONDAYS | {"repeat_on": ["4", "1"], "starts_on": "2027-01-01", "ends": "times", "times": "6"}
    )
    assert fresh(campaign).recurrence is not None
    assert campaign.scheduled_for == datetime(2027, 1, 4, 4, 30, tzinfo=UTC)
    for step in ("schedule", "review"):
        assert "Every Monday and Thursday at 10:00, 6 times" in mona.get(at(campaign, step)).text


def test_days_of_the_month_are_read_as_people_write_them(mona: Browser) -> None:
    campaign = ready()
    save(mona, campaign, **MONDAYS | {"every": "month", "monthdays": "1st, 15 and last"})
    assert fresh(campaign).recurrence["monthdays"] == [-1, 1, 15]  # type: ignore[index]
    assert 'value="last, 1, 15"' in mona.get(at(campaign, "schedule")).text


def test_the_builder_says_the_rule_and_its_next_five_dates(mona: Browser) -> None:
    campaign = ready()
    with time_machine.travel(datetime(2026, 11, 23, 3, tzinfo=UTC), tick=False):
        browser = browser_of(mona.client.application, factories.make_user("nina"))
        shown = browser.post(at(campaign, "schedule/dates"), **MONDAYS).text
    assert "Every Monday at 10:00" in shown
    assert shown.count("<li>") == 5
    assert "23 Nov 2026" in shown


def test_the_builder_says_what_is_still_to_be_said(mona: Browser) -> None:
    shown = mona.post(at(ready(), "schedule/dates"), **MONDAYS | {"repeat_on": []}).text
    assert "Choose at least one day of the week." in shown


def test_without_scripts_a_button_shows_the_dates_and_stores_nothing(mona: Browser) -> None:
    campaign = ready()
    answer = save(mona, campaign, **MONDAYS, look="dates")
    assert (answer.status_code, "Every Monday at 10:00" in answer.text) == (200, True)
    assert fresh(campaign).recurrence is None


def test_a_file_cannot_repeat(mona: Browser) -> None:
    campaign = ready()
    campaign.target_type = "imported"  # type: ignore[assignment]
    db.session.commit()
    answer = save(mona, campaign, **MONDAYS)
    assert (answer.status_code, "A file is one list, written to once" in answer.text) == (422, True)


def test_a_series_is_launched_stopped_and_taken_off_the_calendar(mona: Browser) -> None:
    campaign = ready()
    save(mona, campaign, **MONDAYS)
    mona.post(at(campaign, "send"))
    assert fresh(campaign).status is CampaignStatus.SCHEDULED
    assert "Every Monday at 10:00" in mona.get(page(campaign)).text
    mona.post(page(campaign, "/unschedule"))
    assert fresh(campaign).status is CampaignStatus.POPULATING


def test_a_copy_keeps_hours_and_manner(app: Flask) -> None:
    campaign = factories.make_campaign(
        window_opens=time(8), window_closes=time(12), weekdays=[6], weight=3, when_capped=WhenCapped.WAIT, max_retries=9
    )
    copy = drafts.duplicate(campaign, None)
    assert (copy.window_opens, copy.window_closes, copy.weekdays) == (time(8), time(12), [6])
    assert (copy.weight, copy.when_capped, copy.max_retries) == (3, WhenCapped.WAIT, 9)


def test_a_series_whose_end_passed_is_planned_anew(mona: Browser) -> None:
    yesterday = date.today() - timedelta(days=1)  # noqa: DTZ011
    rule = {"every": "day", "interval": 1, "weekdays": [], "monthdays": [], "at": "10:00", "times": None}
    campaign = ready(recurrence=rule | {"starts_on": "2026-01-01", "until": yesterday.isoformat()})
    assert mona.post(at(campaign, "send")).headers["Location"] == at(campaign, "schedule")
