"""Account events: told as Meta tells them, and true in the sandbox from then on."""

from __future__ import annotations

from typing import Any

import pytest

from .programs import ACCOUNT, ASHA, PHONE, Receiver, Sandbox, await_true, offer

GOA = {"message_template_name": "goa_monsoon_offer", "message_template_language": "en"}
GOA |= {"message_template_id": 594100000000001}


def happen(sandbox: Sandbox, field: str, **value: Any) -> None:
    answer = sandbox.control("POST", "event", {"field": field, "value": value})
    assert answer.ok, answer.text


def template_node(sandbox: Sandbox) -> dict[str, Any]:
    fields = "status,category,quality_score,components,correct_category,previous_category"
    return sandbox.graph("GET", "594100000000001", params={"fields": fields}).json()


def code_of_send(sandbox: Sandbox) -> int | None:
    answer = sandbox.send(offer())
    return None if answer.ok else answer.json()["error"]["code"]


@pytest.mark.parametrize(("event", "code"), [("PAUSED", 132015), ("DISABLED", 132016), ("REJECTED", 132001)])
def test_it_takes_a_template_away_and_gives_it_back(sandbox: Sandbox, event: str, code: int) -> None:
    happen(sandbox, "message_template_status_update", event=event, reason="PROMOTIONAL", **GOA)
    assert code_of_send(sandbox) == code
    assert template_node(sandbox)["status"] == event
    happen(sandbox, "message_template_status_update", event="APPROVED", **GOA)
    assert code_of_send(sandbox) is None


def test_it_changes_quality_category_and_words_of_a_template(sandbox: Sandbox) -> None:
    happen(sandbox, "message_template_quality_update", new_quality_score="RED", previous_quality_score="GREEN", **GOA)
    assert template_node(sandbox)["quality_score"]["score"] == "RED"
    happen(sandbox, "template_category_update", new_category="MARKETING", correct_category="UTILITY", **GOA)
    node = template_node(sandbox)
    assert (node["category"], node["correct_category"]) == ("MARKETING", "UTILITY")
    happen(sandbox, "template_category_update", previous_category="MARKETING", new_category="UTILITY", **GOA)
    assert template_node(sandbox)["category"] == "UTILITY"
    words = "Hi {{1}}, Goa waits. Fly from {{2}} today."
    happen(sandbox, "message_template_components_update", message_template_element=words, **GOA)
    assert template_node(sandbox)["components"][0]["text"] == words


@pytest.mark.parametrize(("limit", "tier"), [("TIER_250", "TIER_250"), (2000, "TIER_2K"), (-1, "TIER_UNLIMITED")])
def test_it_changes_the_messaging_limit(sandbox: Sandbox, limit: Any, tier: str) -> None:
    happen(sandbox, "business_capability_update", max_daily_conversations_per_business=limit)
    fields = {"fields": "whatsapp_business_manager_messaging_limit"}
    assert sandbox.graph("GET", PHONE, params=fields).json()["whatsapp_business_manager_messaging_limit"] == tier


def test_it_turns_the_number_red(sandbox: Sandbox) -> None:
    happen(sandbox, "phone_number_quality_update", display_phone_number="912269001234", event="FLAGGED")
    assert sandbox.graph("GET", PHONE).json()["quality_rating"] == "RED"


def test_it_restricts_and_bans_the_account(sandbox: Sandbox) -> None:
    happen(sandbox, "account_update", event="ACCOUNT_RESTRICTION", restriction_info=[{"restriction_type": "X"}])
    assert code_of_send(sandbox) == 368
    happen(sandbox, "account_update", event="ACCOUNT_RESTRICTION", restriction_info=[])
    assert code_of_send(sandbox) is None
    happen(sandbox, "account_update", event="DISABLED_UPDATE", ban_info={"waba_ban_state": "SCHEDULE_FOR_DISABLE"})
    assert code_of_send(sandbox) is None
    happen(sandbox, "account_update", event="DISABLED_UPDATE", ban_info={"waba_ban_state": "DISABLE"})
    assert code_of_send(sandbox) == 131031
    happen(sandbox, "account_update", event="DISABLED_UPDATE", ban_info={"waba_ban_state": "REINSTATE"})
    assert code_of_send(sandbox) is None


def test_a_restricted_accounts_number_says_that_it_cannot_send(sandbox: Sandbox) -> None:
    happen(sandbox, "account_update", event="ACCOUNT_RESTRICTION", restriction_info=[{"restriction_type": "X"}])
    health = sandbox.graph("GET", PHONE, params={"fields": "health_status"}).json()["health_status"]
    assert (health["can_send_message"], len(health["entities"][1]["errors"])) == ("BLOCKED", 1)


def test_a_restriction_ends_by_itself(sandbox: Sandbox) -> None:
    info = [{"restriction_type": "X", "expiration": 1_700_000_000}]
    happen(sandbox, "account_update", event="ACCOUNT_RESTRICTION", restriction_info=info)
    assert code_of_send(sandbox) is None


def test_it_lets_meta_tell_of_a_customers_wish(sandbox: Sandbox, receiver: Receiver) -> None:
    wish = {"wa_id": ASHA, "category": "marketing_messages", "value": "stop", "timestamp": 1}
    happen(sandbox, "user_preferences", messaging_product="whatsapp", user_preferences=[wish])
    sandbox.send(offer())
    await_true(receiver.statuses)
    assert receiver.statuses()[0]["errors"][0]["code"] == 131050


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("security", {"display_phone_number": "912269001234", "event": "PIN_CHANGED"}),
        ("account_alerts", {"entity_type": "BUSINESS", "entity_id": "1", "alert_info": {"alert_severity": "CRITICAL"}}),
        ("account_review_update", {"decision": "REJECTED"}),
        ("phone_number_name_update", {"decision": "APPROVED", "requested_verified_name": "Sahyadri"}),
        ("payment_configuration_update", {"configuration_name": "razorpay-prod", "status": "Active"}),
        ("flows", {"event": "FLOW_STATUS_CHANGE"}),
    ],
)
def test_it_tells_any_field_as_given(sandbox: Sandbox, receiver: Receiver, field: str, value: dict[str, Any]) -> None:
    happen(sandbox, field, **value)
    await_true(lambda: receiver.posts)
    (entry,) = receiver.posts[0].body["entry"]
    assert (entry["id"], entry["changes"]) == (ACCOUNT, [{"field": field, "value": value}])
    assert isinstance(entry["time"], int)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("message_template_quality_update", GOA),
        ("account_review_update", {}),
        ("account_update", {"event": "ACCOUNT_RESTRICTION", "restriction_info": [5]}),
        ("account_update", {"event": "ACCOUNT_RESTRICTION", "restriction_info": [{"expiration": "soon"}]}),
        ("business_capability_update", {"max_daily_conversations_per_business": "many"}),
        ("user_preferences", {"user_preferences": 5}),
        (5, {}),
    ],
)
def test_it_refuses_an_event_that_is_none(sandbox: Sandbox, receiver: Receiver, field: Any, value: Any) -> None:
    answer = sandbox.control("POST", "event", {"field": field, "value": value})
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["message"].endswith(".")
    assert not receiver.posts
