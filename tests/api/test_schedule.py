"""When a campaign is sent, as programs say it: hours, repetition, and how it behaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from app import config
from app.campaigns.models import Campaign
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.shared import clock
from tests.api.conftest import Caller

BY_DAY = {"from": "09:00", "to": "21:00", "weekdays": [1, 2, 3, 4, 5, 6, 7]}
MONDAYS = {"every": "week", "weekdays": [1], "at": "10:00", "starts_on": "2027-01-01"}


def made(api: Caller, **fields: Any) -> dict[str, Any]:
    answer = api.post("/campaigns", {"name": "Monsoon"} | fields)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json
    return told


def test_on_the_sandbox_a_campaign_writes_at_any_time(api: Caller, template: MessageTemplate) -> None:
    assert made(api)["send_window"] is None


def test_with_a_real_account_it_writes_by_day(
    api: Caller, template: MessageTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = replace(config.current(), sandbox=False)
    monkeypatch.setattr("app.api.drafting.config.current", lambda: real)
    assert made(api)["send_window"] == BY_DAY
    assert made(api, send_window=None)["send_window"] is None


def test_it_keeps_what_was_said(api: Caller, template: MessageTemplate) -> None:
    said = {
        "send_window": {"from": "22:00", "to": "02:00", "weekdays": [5, 6]},
        "weight": 3,
        "when_capped": "wait",
        "max_failure_share": None,
        "retry_failed": False,
        "max_retries": 0,
    }
    campaign = made(api, **said)
    assert {name: campaign[name] for name in said} == said
    stored = db.session.query(Campaign).one()
    assert (stored.window_opens, stored.window_closes, stored.weekdays) == (time(22), time(2), [5, 6])


def test_what_is_left_out_stays(api: Caller, template: MessageTemplate) -> None:
    campaign = made(api, send_window=BY_DAY, weight=3, recurrence=MONDAYS)
    answer = api.call("PUT", f"/campaigns/{campaign['id']}", json={"max_retries": 1})
    assert answer.json == campaign | {"max_retries": 1}


def test_a_rule_is_told_as_it_was_said(api: Caller, template: MessageTemplate) -> None:
    campaign = made(api, recurrence=MONDAYS, target_type="all")
    assert campaign["recurrence"] == MONDAYS | {"interval": 1, "monthdays": [], "until": None, "times": None}
    assert campaign["scheduled_for"] == "2027-01-04T04:30:00Z"


def test_a_rule_and_a_time_take_each_other_back(api: Caller, template: MessageTemplate) -> None:
    later = (clock.now() + timedelta(days=2)).isoformat()
    campaign = made(api, recurrence=MONDAYS)
    path = f"/campaigns/{campaign['id']}"
    once = api.call("PUT", path, json={"scheduled_for": later}).json
    assert (once["recurrence"], once["scheduled_for"] is None) == (None, False)
    assert api.call("PUT", path, json={"recurrence": MONDAYS}).json["recurrence"] is not None
    never = api.call("PUT", path, json={"recurrence": None}).json
    assert (never["recurrence"], never["scheduled_for"]) == (None, None)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"send_window": {"from": "09:00"}}, "send_window.to"),
        ({"send_window": {"from": "9", "to": "21:00"}}, "send_window.from"),
        ({"send_window": {"from": "09:00", "to": "09:00"}}, "send_window.to"),
        ({"send_window": BY_DAY | {"weekdays": []}}, "send_window.weekdays"),
        ({"send_window": BY_DAY | {"weekdays": [0]}}, "send_window.weekdays.0"),
        ({"send_window": {"from": "09:00+05:30", "to": "21:00"}}, "send_window.from"),
        ({"weight": 0}, "weight"),
        ({"when_capped": "shout"}, "when_capped"),
        ({"max_failure_share": 101}, "max_failure_share"),
        ({"max_retries": 11}, "max_retries"),
        ({"recurrence": {"every": "week", "at": "10:00"}}, "recurrence.weekdays"),
        ({"recurrence": MONDAYS | {"every": "year"}}, "recurrence.every"),
        ({"recurrence": MONDAYS | {"until": "2026-01-01"}}, "recurrence.until"),
        ({"recurrence": MONDAYS | {"until": "2027-12-31", "times": 3}}, "recurrence.until"),
        ({"recurrence": MONDAYS | {"every": "month", "monthdays": [0]}}, "recurrence.monthdays"),
        ({"recurrence": MONDAYS | {"starts_on": "2099-01-01"}}, "recurrence.starts_on"),
        ({"recurrence": MONDAYS | {"starts_on": "0001-01-01"}}, "recurrence.starts_on"),
        ({"recurrence": MONDAYS | {"at": "10:00Z", "until": "2027-12-31"}}, "recurrence.at"),
        ({"recurrence": MONDAYS, "target_type": "imported"}, "recurrence"),
        ({"recurrence": MONDAYS, "scheduled_for": "2027-01-01T10:00:00Z"}, "scheduled_for"),
    ],
)
def test_it_refuses_at_the_field(api: Caller, template: MessageTemplate, fields: dict[str, Any], field: str) -> None:
    answer = api.post("/campaigns", {"name": "Monsoon"} | fields)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field])


@pytest.mark.parametrize("field", ["weight", "when_capped", "retry_failed", "max_retries"])
def test_null_is_no_value_of_these(api: Caller, template: MessageTemplate, field: str) -> None:
    assert api.post("/campaigns", {"name": "Monsoon", field: None}).status_code == 422
