"""A list goes out through the API alone, against the sandbox, by the workers' own jobs."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from app.campaigns.jobs.populate import populate
from app.campaigns.jobs.send import send_campaign
from app.campaigns.models import Campaign, CampaignStatus
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.shared import clock, queues
from tests import factories
from tests.api.conftest import Caller
from tests.api.test_campaigns import FILLED, OFFER, made
from tests.campaigns.lists import people_list
from tests.sandboxes import Sandbox

STATUS_FIELDS = {
    "id",
    "name",
    "status",
    "pause_reason",
    "total_recipients",
    "pending_count",
    "skipped_count",
    "sent_count",
    "delivered_count",
    "read_count",
    "failed_count",
    "unconfirmed_count",
    "responded_count",
    "progress",
    "daily_limit",
    "daily_limit_remaining",
}


def worked(*jobs: Any) -> None:
    campaign_id = db.session.query(Campaign.id).scalar()
    for job in jobs:
        job(campaign_id)
    db.session.expire_all()


def truth(sandbox: Sandbox) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = sandbox.control("GET", "messages?limit=10000")["messages"]
    return messages


def test_a_list_goes_out_once_each(api: Caller, template: MessageTemplate, sandbox: Sandbox) -> None:
    brought = people_list(300, emoji=True)
    path = f"/campaigns/{made(api, **OFFER, target_type='imported')['id']}"
    import_id = api.upload(f"{path}/populate", brought.text.encode()).json["import_id"]
    worked(populate)
    assert api.get(f"/imports/{import_id}").json["inserted"] == len(brought.people)
    started = api.post(f"{path}/start").json
    assert started["status"] == "sending"
    assert started["estimated_completion"] > clock.now().isoformat()
    assert queues.queue(queues.SENDS).count == 1
    worked(send_campaign)
    assert Counter(f"+{message['to']}" for message in truth(sandbox)) == Counter(brought.people.keys())
    told = api.get(f"{path}/status").json
    assert set(told) == STATUS_FIELDS
    assert (told["status"], told["sent_count"], told["progress"]) == ("completed", len(brought.people), 1.0)
    assert (told["daily_limit"], told["daily_limit_remaining"]) == (8000, 8000 - len(brought.people))
    assert api.get(f"{path}/recipients?status=sent&limit=1").json["total"] == told["sent_count"]


def test_it_fills_variables_from_the_files_columns(api: Caller, template: MessageTemplate, sandbox: Sandbox) -> None:
    path = f"/campaigns/{made(api, **OFFER, target_type='imported')['id']}"
    api.upload(f"{path}/populate", b"Name,Phone,City\nAsha,9812345678,Goa\n")
    worked(populate)
    api.post(f"{path}/send")
    worked(send_campaign)
    parameters = truth(sandbox)[0]["payload"]["template"]["components"][0]["parameters"]
    assert [parameter["text"] for parameter in parameters] == ["Asha", "Goa"]


def test_a_draft_to_customers_gets_them_first_and_starts_by_itself(
    api: Caller, template: MessageTemplate, sandbox: Sandbox
) -> None:
    for tags in (["goa"], ["goa"], ["pune"]):
        factories.make_customer(tags=tags)
    db.session.commit()
    said = {"target_type": "tag", "segment_query": {"tag": "goa"}, "template_variables": FILLED}
    path = f"/campaigns/{made(api, **OFFER, **said)['id']}"
    assert api.post(f"{path}/start").json["status"] == "populating"
    worked(populate, send_campaign)
    assert len(truth(sandbox)) == 2
    assert api.get(path).json["status"] == "completed"


def test_it_pauses_resumes_and_cancels_once_each(api: Caller, template: MessageTemplate) -> None:
    campaign = factories.make_campaign(template)
    factories.make_recipients(campaign, 3)
    db.session.commit()
    path = f"/campaigns/{campaign.public_id}"
    for deed, status in [("start", "sending"), ("pause", "paused"), ("resume", "sending"), ("cancel", "cancelled")]:
        answer = api.post(f"{path}/{deed}")
        assert (answer.status_code, answer.json["status"]) == (200, status)
        assert set(answer.json) == {"id", "status", "estimated_completion"}
        again = api.post(f"{path}/{deed}")
        assert (again.status_code, again.json["error"]["code"]) == (409, "refused")
    assert api.get(f"{path}/status").json["skipped_count"] == 3


def test_a_start_that_lies_ahead_waits(api: Caller, template: MessageTemplate) -> None:
    later = clock.now() + timedelta(days=1)
    campaign = factories.make_campaign(template, scheduled_for=later)
    factories.make_recipients(campaign, 1)
    db.session.commit()
    answer = api.post(f"/campaigns/{campaign.public_id}/start").json
    assert answer["status"] == "scheduled"
    assert answer["estimated_completion"] >= later.strftime("%Y-%m-%dT%H:%M:%S")


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({}, 422, "template"),
        (OFFER, 422, "recipients"),
        ({**OFFER, "target_type": "all"}, 422, "body.1"),
        ({**OFFER, "target_type": "manual", "template_variables": FILLED}, 422, "Pick"),
        ({**OFFER, "target_type": "imported", "template_variables": FILLED}, 409, "upload"),
    ],
)
def test_it_does_not_start_what_is_not_complete(
    api: Caller, template: MessageTemplate, fields: dict[str, Any], status: int, words: str
) -> None:
    answer = api.post(f"/campaigns/{made(api, **fields)['id']}/start")
    assert (answer.status_code, words in answer.json["error"]["message"]) == (status, True), answer.text


def test_the_stats_say_why(api: Caller, template: MessageTemplate, sandbox: Sandbox) -> None:
    campaign = factories.make_campaign(template, status=CampaignStatus.SENDING, target_type="imported")
    factories.make_recipients(campaign, 2)
    factories.make_recipients(campaign, 1, 919812131026)
    factories.make_recipients(campaign, 1, 919800000009, state="skipped", skip_reason="opted_out")
    db.session.commit()
    worked(send_campaign)
    stats = api.get(f"/campaigns/{campaign.public_id}/stats").json
    assert stats["figures"]["total_recipients"] == 4
    assert stats["rates"]["skipped"] == 0.25
    assert [(skip["reason"], skip["count"]) for skip in stats["skips"]] == [("opted_out", 1)]
    failed = stats["figures"]["failed_count"]
    assert sum(failure["count"] for failure in stats["failures"]) == failed
