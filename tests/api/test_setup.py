"""Templates, the limit, and whether all is set up."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask

from app.channels.models import Channel
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.messaging.engine import guard
from app.operations.checks.findings import Diagnosis, Group, warn
from tests import factories
from tests.api.conftest import Caller
from tests.sandboxes import Sandbox, free_port, point_at


def test_templates_are_listed_with_their_variables(api: Caller, template: MessageTemplate) -> None:
    factories.make_template(template.channel, name="late", status="PENDING", category="UTILITY", language="hi")
    db.session.commit()
    page = api.get("/templates?status=approved&limit=1").json
    assert (page["total"], page["items"][0]["name"]) == (1, "goa_monsoon_offer")
    assert [gap["key"] for gap in page["items"][0]["variables"]] == ["body.1", "body.2"]
    for query in ("status=PENDING", "category=UTILITY", "language=hi"):
        assert [item["name"] for item in api.get(f"/templates?{query}").json["items"]] == ["late"]
    assert api.get("/templates").json["total"] == 2


def test_templates_are_read_from_meta(api: Caller, channel: Channel, sandbox: Sandbox) -> None:
    first = api.post("/templates/sync").json
    assert first["added"] == api.get("/templates").json["total"] > 0
    assert api.post("/templates/sync").json == {"added": 0, "changed": 0, "removed": 0, "unchanged": first["added"]}


def test_it_says_when_meta_cannot_be_read(
    api: Caller, app: Flask, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(app, f"http://127.0.0.1:{free_port()}", monkeypatch)
    answer = api.post("/templates/sync")
    assert (answer.status_code, answer.json["error"]["code"]) == (502, "meta_failed")
    assert "could not be reached" in answer.json["error"]["message"]


def test_the_limit_tells_what_is_left_and_when_it_opens(
    api: Caller, app: Flask, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = dataclasses.replace(app.extensions["bulbul_config"], daily_limit=2)
    monkeypatch.setitem(app.extensions, "bulbul_config", settings)
    assert api.get("/limit").json["next_opening"] is None
    guard.reserve(channel.portfolio_id, ["+911", "+912"], 2, "Asia/Kolkata")
    db.session.commit()
    told = api.get("/limit").json
    assert (told["limit"], told["used"], told["remaining"]) == (2, 2, 0)
    assert told["next_opening"]
    assert told["why"]


def test_the_limit_tells_what_campaigns_may_use_and_who_used_it(api: Caller, template: MessageTemplate) -> None:
    campaign, portfolio = factories.make_campaign(template, name="Diwali"), template.channel.portfolio_id
    guard.reserve(portfolio, ["+911", "+912"], None, "Asia/Kolkata", taken_by=campaign.id)
    guard.reserve(portfolio, ["+913"], None, "Asia/Kolkata")
    db.session.commit()
    told = api.get("/limit").json
    assert (told["limit"], told["limit_for_campaigns"], told["remaining_for_campaigns"]) == (8000, 7600, 7597)
    assert told["used_by"] == [
        {"campaign_id": str(campaign.public_id), "name": "Diwali", "places": 2},
        {"campaign_id": None, "name": "Single messages", "places": 1},
    ]
    assert [it["places"] for it in told["openings"]] == [3]
    assert [day["count"] for day in told["days"]] == [3, 0, 0, 0, 0, 0, 0]


def test_it_tells_what_the_doctor_finds(api: Caller, channel: Channel, sandbox: Sandbox) -> None:
    told = api.get("/validate-setup").json
    checks = {check["name"]: check for check in told["checks"]}
    assert {check["group"] for check in told["checks"]} == {"Meta", "Webhook", "House"}
    assert {"access_token", "permissions", "subscription", "round_trip", "database", "worker"} <= checks.keys()
    assert (checks["access_token"]["level"], checks["access_token"]["fix"]) == ("ok", "")


def test_what_is_not_set_up_comes_with_its_fix(api: Caller, channel: Channel, sandbox: Sandbox) -> None:
    sandbox.control("PUT", "config", token_expired=True)
    told = api.get("/validate-setup").json
    sandbox.control("PUT", "config", token_expired=False)
    checks = {check["name"]: check for check in told["checks"]}
    assert (told["valid"], told["status"]) == (False, "bad")
    assert (checks["access_token"]["ok"], checks["access_token"]["level"]) == (False, "bad")
    assert checks["access_token"]["fix"]
    assert checks["templates"]["level"] == "warn"


def test_it_is_valid_when_nothing_is_bad(api: Caller, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {Group.HOUSE: [warn("Disk", "1.0 GB are free for files.", "Free some soon.")]}
    monkeypatch.setitem(app.extensions, "diagnosis", lambda: Diagnosis(found, is_whole=True))
    told = api.get("/validate-setup").json
    assert (told["valid"], told["status"], told["message"]) == (True, "warn", "It works; 1 thing wants a look.")
    assert told["checks"][0]["name"] == "disk"


def test_an_empty_house_says_what_is_missing(api: Caller) -> None:
    told = api.get("/validate-setup").json
    checks = {check["name"]: check for check in told["checks"]}
    assert (told["valid"], checks["access_token"]["fix"]) == (False, "Run: flask channels ensure")
    assert api.get("/limit").status_code == 409
    assert api.post("/templates/sync").status_code == 409
    assert api.get("/templates").json["total"] == 0
