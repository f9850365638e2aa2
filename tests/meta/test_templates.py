"""Message templates at Meta: submitted, edited, deleted, unpaused, and what Meta counts of them."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import responses
from responses import matchers

from app.meta.errors import MetaError, OutcomeUnknown
from app.meta.template_analytics import Clicks, enable_template_analytics, read_template_analytics
from app.meta.templates import (
    Submitted,
    create_template,
    delete_template,
    delete_templates,
    edit_template,
    read_template,
    unpause_template,
)

URL = "https://graph.example/v26.0"
DONE = {"success": True}
BODY = [{"type": "BODY", "text": "Hello!"}]
START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)


@responses.activate
def test_it_submits_a_template(transport):
    call = responses.post(f"{URL}/7/message_templates", json={"id": "59", "status": "PENDING", "category": "UTILITY"})
    definition = {"name": "hello", "language": "en", "category": "MARKETING", "components": BODY}
    assert create_template(transport, "7", definition) == Submitted("59", "PENDING", "UTILITY")
    assert json.loads(call.calls[0].request.body) == definition


@responses.activate
def test_it_says_that_the_name_is_taken(transport):
    error = {"code": 100, "error_subcode": 2388024, "message": "Invalid parameter", "error_user_msg": "Taken."}
    responses.post(f"{URL}/7/message_templates", json={"error": error}, status=400)
    with pytest.raises(MetaError) as caught:
        create_template(transport, "7", {})
    assert "exists already" in caught.value.meaning.sentence
    assert caught.value.details == "Taken."


@responses.activate
def test_it_does_not_believe_in_a_template_without_an_id(transport):
    responses.post(f"{URL}/7/message_templates", json={"status": "PENDING"})
    with pytest.raises(OutcomeUnknown):
        create_template(transport, "7", {})


@responses.activate
def test_it_reads_and_edits_one(transport):
    responses.get(f"{URL}/59", json={"id": "59", "name": "hello"})
    call = responses.post(f"{URL}/59", json=DONE)
    assert read_template(transport, "59")["name"] == "hello"
    edit_template(transport, "59", {"components": BODY})
    assert json.loads(call.calls[0].request.body) == {"components": BODY}


@responses.activate
def test_it_deletes_all_languages_or_one(transport):
    path = f"{URL}/7/message_templates"
    whole = responses.delete(path, json=DONE, match=[matchers.query_param_matcher({"name": "hello"})])
    one = responses.delete(path, json=DONE, match=[matchers.query_param_matcher({"name": "hello", "hsm_id": "59"})])
    delete_templates(transport, "7", "hello")
    delete_template(transport, "7", "hello", "59")
    assert (whole.call_count, one.call_count) == (1, 1)


@pytest.mark.parametrize("answer", [{"success": False}, {}, {"success": "true"}])
@responses.activate
def test_it_believes_only_a_plain_success(transport, answer):
    responses.post(f"{URL}/59", json=answer)
    with pytest.raises(OutcomeUnknown):
        edit_template(transport, "59", {})


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(DONE, None), ({"success": False, "reason": "Too early"}, "Too early"), ({}, "Meta keeps the template paused")],
)
@responses.activate
def test_it_unpauses_or_says_why_not(transport, answer, reason):
    responses.post(f"{URL}/59/unpause", json=answer)
    told = unpause_template(transport, "59")
    assert told is None if reason is None else told.startswith(reason)


@responses.activate
def test_it_switches_meta_s_counting_on(transport):
    fields = [matchers.urlencoded_params_matcher({"is_enabled_for_insights": "true"})]
    call = responses.post(f"{URL}/7", json=DONE, match=fields)
    enable_template_analytics(transport, "7")
    assert call.call_count == 1


@responses.activate
def test_it_reads_what_meta_counted(transport):
    point = {
        "template_id": 59,
        "start": int(START.timestamp()),
        "end": int(END.timestamp()),
        "sent": 10,
        "delivered": 9,
        "read": 5,
        "clicked": [{"type": "url_button", "button_content": "Shop", "count": 2}, {"type": "quick_reply_button"}],
        "cost": [{"type": "cost_per_delivered", "value": 0.95}, {"type": "amount_spent", "value": 8.63}],
    }
    responses.get(f"{URL}/7/template_analytics", json={"data": [{"granularity": "DAILY", "data_points": [point]}]})
    (figures,) = read_template_analytics(transport, "7", ["59"], START, END)
    assert (figures.template_id, figures.start, figures.end) == ("59", START, END)
    assert (figures.sent, figures.delivered, figures.read) == (10, 9, 5)
    assert figures.clicks == (Clicks("url_button", "Shop", 2), Clicks("quick_reply_button", None, 0))
    assert figures.spent == Decimal("8.63")


@pytest.mark.parametrize(
    "point", [{}, {"clicked": None, "cost": [{"type": "amount_spent", "value": None}]}, {"cost": 5}]
)
@responses.activate
def test_it_reads_figures_that_say_little(transport, point):
    responses.get(f"{URL}/7/template_analytics", json={"data": [{"data_points": [point]}]})
    (figures,) = read_template_analytics(transport, "7", ["59"], START, END)
    assert (figures.sent, figures.clicks, figures.spent) == (0, (), None)


@responses.activate
def test_it_asks_for_ten_templates_at_a_time(transport):
    call = responses.get(f"{URL}/7/template_analytics", json={"data": []})
    ids = [str(number) for number in range(25)]
    assert list(read_template_analytics(transport, "7", ids, START, END)) == []
    asked = [json.loads(request.request.params["template_ids"]) for request in call.calls]
    assert asked == [ids[:10], ids[10:20], ids[20:]]
    assert call.calls[0].request.params["metric_types"] == '["sent", "delivered", "read", "clicked", "cost"]'
