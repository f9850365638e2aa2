"""Campaigns made, shown, changed and deleted through the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.auth.models import AuditEntry
from app.campaigns.models import Campaign, CampaignStatus
from app.channels.models import Channel
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.shared import clock
from tests import factories
from tests.api.conftest import Caller

OFFER = {"template_name": "goa_monsoon_offer", "template_language": "en"}
FILLED = {"1": {"source": "field", "value": "name", "fallback": "there"}, "body.2": "Goa"}
PUNE = {"logic": "AND", "conditions": [{"field": "city", "operator": "is", "value": "Pune"}]}
READ_NONE = {"response": "read", "campaign_ids": ["00000000-0000-7000-8000-000000000000"]}
NOBODY = "00000000-0000-7000-8000-000000000000"


def made(api: Caller, **fields: Any) -> dict[str, Any]:
    answer = api.post("/campaigns", {"name": "Monsoon"} | fields)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json
    return body


def refusal(api: Caller, **fields: Any) -> dict[str, Any]:
    """The refusal of a campaign with these fields, which must leave nothing behind."""
    answer = api.post("/campaigns", {"name": "Monsoon"} | fields)
    assert answer.status_code in (409, 422), answer.text
    assert db.session.query(Campaign).count() == 0
    error: dict[str, Any] = answer.json["error"]
    return error


def test_a_name_is_enough_for_a_draft(api: Caller, channel: Channel) -> None:
    campaign = made(api)
    assert (campaign["status"], campaign["name"], campaign["template_name"]) == ("draft", "Monsoon", None)
    assert api.get(f"/campaigns/{campaign['id']}").json == campaign
    assert db.session.query(AuditEntry).one().action == "campaign.create"


def test_it_keeps_everything_that_was_said(api: Caller, template: MessageTemplate) -> None:
    later = (clock.now() + timedelta(days=2)).isoformat()
    said = {"target_type": "tag", "segment_query": {"tag": "goa"}, "rate_limit": 600, "scheduled_for": later}
    campaign = made(api, template_variables=FILLED, **OFFER, **said)
    assert campaign["template_name"] == "goa_monsoon_offer"
    assert campaign["template_variables"]["body.2"] == {"source": "text", "value": "Goa", "fallback": ""}
    assert campaign["segment_query"]["tag"] == "goa"
    assert (campaign["rate_limit"], campaign["target_type"]) == (600, "tag")


def test_customers_are_picked_by_number_or_id(api: Caller, template: MessageTemplate) -> None:
    asha, bina = factories.make_customer(phone="+919812345678"), factories.make_customer()
    db.session.commit()
    picked = {"phones": ["098123 45678"], "customer_ids": [str(bina.public_id)]}
    campaign = made(api, target_type="manual", segment_query=picked)
    assert campaign["segment_query"]["customer_ids"] == [str(asha.public_id), str(bina.public_id)]
    assert db.session.query(Campaign).one().segment_query == {"customer_ids": [asha.id, bina.id]}


def test_it_goes_to_a_segment_kept_or_said(api: Caller, template: MessageTemplate) -> None:
    kept = api.post("/segments", {"name": "Pune", "query": PUNE}).json["id"]
    campaign = made(api, target_type="segment", segment_query={"segment_id": kept})
    assert campaign["segment_query"]["segment_id"] == kept
    assert db.session.query(Campaign).one().segment_query == {"segment": kept, "name": "Pune"}
    own = api.call("PUT", f"/campaigns/{campaign['id']}", json={"segment_query": PUNE | {"not": True}}).json
    told = {name: value for name, value in own["segment_query"].items() if value is not None}
    assert told == PUNE | {"not": True}


def test_it_goes_to_earlier_responders(api: Caller, template: MessageTemplate) -> None:
    earlier = str(factories.make_campaign(template).public_id)
    db.session.commit()
    said = {"response": "not_read", "campaign_ids": [earlier]}
    told = made(api, target_type="responders", segment_query=said)["segment_query"]
    assert {name: value for name, value in told.items() if value is not None} == said


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"template_name": "nobody_knows"}, "template_name"),
        ({"template_name": "goa_monsoon_offer", "template_language": "hi"}, "template_name"),
        ({"template_variables": {"1": "x"}}, "template_name"),
        ({**OFFER, "template_variables": {"9": "x"}}, "template_variables.9"),
        ({**OFFER, "template_variables": {"1": {"source": "field", "value": "shoe"}}}, "template_variables.1"),
        ({"target_type": "segment"}, "segment_query.segment_id"),
        ({"target_type": "segment", "segment_query": {"segment_id": NOBODY}}, "segment_query.segment_id"),
        ({"target_type": "segment", "segment_query": PUNE | {"segment_id": NOBODY}}, "segment_query.segment_id"),
        ({"target_type": "segment", "segment_query": PUNE | {"conditions": [{}]}}, "segment_query.conditions.0.field"),
        ({"target_type": "segment", "segment_query": PUNE | {"tag": "goa"}}, "segment_query.tag"),
        ({"target_type": "all", "segment_query": {"not": True}}, "segment_query.not"),
        ({"target_type": "responders"}, "segment_query.response"),
        ({"target_type": "responders", "segment_query": {"response": "read"}}, "segment_query.campaign_ids"),
        (
            {"target_type": "responders", "segment_query": READ_NONE},
            "segment_query.campaign_ids",
        ),
        ({"target_type": "tag"}, "segment_query.tag"),
        ({"target_type": "all", "segment_query": {"tag": "goa"}}, "segment_query.tag"),
        ({"target_type": "tag", "segment_query": {"tag": "goa", "phones": ["1"]}}, "segment_query.phones"),
        ({"target_type": "manual", "segment_query": {"phones": ["12"]}}, "segment_query.phones"),
        ({"target_type": "manual", "segment_query": {"phones": ["+919812345678"]}}, "segment_query.phones"),
        ({"scheduled_for": "2020-01-01T09:00:00+05:30"}, "scheduled_for"),
        ({"scheduled_for": "2030-01-01T09:00:00"}, "scheduled_for"),
        ({"rate_limit": 60_001}, "rate_limit"),
    ],
)
def test_it_refuses_at_the_field(api: Caller, template: MessageTemplate, fields: dict[str, Any], field: str) -> None:
    error = refusal(api, **fields)
    assert field in error["fields"]
    assert error["message"].endswith(".")


def test_a_template_that_is_not_approved_is_refused(api: Caller, channel: Channel) -> None:
    factories.make_template(channel, name="late", status="PENDING")
    db.session.commit()
    assert "pending" in refusal(api, template_name="late")["message"]


def test_without_a_number_there_are_no_campaigns(api: Caller) -> None:
    assert "No WhatsApp number" in refusal(api)["message"]


def test_the_list_comes_in_pages_the_newest_first(api: Caller, template: MessageTemplate) -> None:
    for number in range(3):
        made(api, name=f"Campaign {number}")
    factories.make_campaign(template, status=CampaignStatus.COMPLETED)
    db.session.commit()
    page = api.get("/campaigns?status=draft&limit=2").json
    assert [item["name"] for item in page["items"]] == ["Campaign 2", "Campaign 1"]
    assert (page["total"], page["page"], page["limit"], page["pages"]) == (3, 1, 2, 2)
    assert [item["name"] for item in api.get("/campaigns?status=draft&limit=2&page=2").json["items"]] == ["Campaign 0"]


@pytest.mark.parametrize("query", ["page=0", "page=x", "limit=501", "status=odd", "colour=red", "page=1&page=2"])
def test_a_list_refuses_what_it_does_not_know(api: Caller, query: str) -> None:
    assert api.get(f"/campaigns?{query}").status_code == 422


def test_a_change_leaves_the_rest(api: Caller, template: MessageTemplate) -> None:
    campaign = made(api, **OFFER, template_variables=FILLED, target_type="all", rate_limit=60)
    answer = api.call("PUT", f"/campaigns/{campaign['id']}", json={"name": "Late monsoon", "rate_limit": None})
    assert answer.json == campaign | {"name": "Late monsoon", "rate_limit": None}


def test_what_is_under_way_cannot_be_changed_or_deleted(api: Caller, template: MessageTemplate) -> None:
    campaign = factories.make_campaign(template, status=CampaignStatus.SENDING)
    db.session.commit()
    path = f"/campaigns/{campaign.public_id}"
    assert api.call("PUT", path, json={"name": "x"}).status_code == 409
    assert api.call("DELETE", path).status_code == 409


def test_a_ready_campaign_keeps_its_recipients_through_a_change(api: Caller, template: MessageTemplate) -> None:
    campaign = factories.make_campaign(template)
    db.session.commit()
    path = f"/campaigns/{campaign.public_id}"
    assert api.call("PUT", path, json={"name": "x"}).status_code == 200
    assert api.call("PUT", path, json={"target_type": "imported"}).status_code == 409


def test_a_draft_can_be_deleted_with_its_recipients(api: Caller, template: MessageTemplate) -> None:
    campaign = factories.make_campaign(template)
    factories.make_recipients(campaign, 3)
    db.session.commit()
    path = f"/campaigns/{campaign.public_id}"
    answer = api.call("DELETE", path)
    assert (answer.status_code, answer.data) == (204, b"")
    assert api.get(path).status_code == 404
