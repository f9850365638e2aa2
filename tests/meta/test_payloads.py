"""Webhook bodies become facts; what is bad in them hurts nobody else."""

import json
from datetime import UTC, datetime

import pytest

from app.meta.payloads import (
    BadItem,
    InboundMessage,
    Move,
    StatusEvent,
    account_changes,
    inbound_messages,
    kinds,
    link_clicks,
    move_in,
    payments,
    preferences,
    statuses,
)

STATUS = {
    "id": "wamid.BB",
    "status": "delivered",
    "timestamp": "1790000100",
    "recipient_id": "919812345678",
    "recipient_user_id": "IN.1349",
    "biz_opaque_callback_data": "r9001.1",
    "pricing": {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "marketing"},
}
MESSAGE = {
    "from": "919812345678",
    "from_user_id": "IN.1349",
    "id": "wamid.AA",
    "timestamp": "1790000000",
    "type": "text",
    "text": {"body": "Namaste"},
    "context": {"from": "1555", "id": "wamid.BB"},
}
ASHA = {"profile": {"name": "Asha"}, "wa_id": "919812345678", "user_id": "IN.1349"}


def change(field: str = "messages", **value: object) -> dict[str, object]:
    return {"field": field, "value": {"metadata": {"phone_number_id": "1065"}, **value}}


def envelope(*changes: object) -> dict[str, object]:
    return {"object": "whatsapp_business_account", "entry": [{"id": "7", "changes": list(changes)}]}


def inbound(**message: object) -> InboundMessage:
    return next(inbound_messages(envelope(change(messages=[{**MESSAGE, **message}], contacts=[ASHA]))))


def test_it_reads_a_status():
    at = datetime.fromtimestamp(1790000100, UTC)
    assert list(statuses(envelope(change(statuses=[STATUS])))) == [
        StatusEvent(
            "wamid.BB",
            "r9001.1",
            "delivered",
            at,
            "919812345678",
            "IN.1349",
            None,
            None,
            None,
            "regular",
            "marketing",
            "1065",
        )
    ]


def test_it_reads_why_a_message_failed():
    error = {"code": 131049, "title": "Not delivered", "error_data": {"details": "Healthy ecosystem"}}
    event = next(statuses(envelope(change(statuses=[{**STATUS, "status": "failed", "errors": [error]}]))))
    assert (event.error_code, event.error_title, event.error_details) == (
        131049,
        "Not delivered",
        "Healthy ecosystem",
    )


def test_it_reads_a_status_of_somebody_without_a_phone():
    bare = {"id": "wamid.BB", "status": "sent", "timestamp": 1790000100, "recipient_user_id": "IN.1349"}
    event = next(statuses(envelope(change(statuses=[bare]))))
    assert (event.recipient_id, event.recipient_user_id, event.callback_data) == (None, "IN.1349", None)


def test_it_reads_every_entry_change_and_item():
    two = change(statuses=[STATUS, STATUS], messages=[MESSAGE, MESSAGE])
    whole = {"entry": [{"changes": [two, two]}, {"changes": [two]}]}
    assert len(list(statuses(whole))) == len(list(inbound_messages(whole))) == 6


def test_it_takes_no_payment_or_call_for_a_message_status():
    payment = {**STATUS, "type": "payment", "status": "failed"}
    assert list(statuses(envelope(change(statuses=[payment]), change("calls", statuses=[STATUS])))) == []


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "x",
        [],
        {},
        {**STATUS, "id": None},
        {**STATUS, "id": {"a": 1}},
        {**STATUS, "status": ""},
        {**STATUS, "timestamp": "soon"},
        {**STATUS, "timestamp": "-5"},
        {**STATUS, "timestamp": 10**30},
        {**STATUS, "timestamp": True},
        {**STATUS, "timestamp": "١٧٩٠٠٠٠١٠٠"},
    ],
)
def test_it_reads_the_neighbours_of_a_bad_status(bad):
    reported: list[BadItem] = []
    events = list(statuses(envelope(change(statuses=[STATUS, bad, STATUS])), reported.append))
    assert [event.wamid for event in events] == ["wamid.BB", "wamid.BB"]
    assert [item.raw for item in reported] == [bad]
    assert reported[0].reason


@pytest.mark.parametrize("odd", [{"errors": 5}, {"errors": [None]}, {"errors": [{"code": "x"}]}, {"pricing": []}])
def test_it_reads_a_status_whose_extras_are_odd(odd):
    assert next(statuses(envelope(change(statuses=[{**STATUS, **odd}])))).wamid == "wamid.BB"


def test_it_reads_a_message():
    message = inbound()
    assert (message.wamid, message.text, message.context_id) == ("wamid.AA", "Namaste", "wamid.BB")
    assert (message.from_phone, message.from_user_id, message.profile_name) == (
        "919812345678",
        "IN.1349",
        "Asha",
    )
    assert (message.phone_number_id, message.raw) == ("1065", MESSAGE)
    assert message.at == datetime.fromtimestamp(1790000000, UTC)


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        ("button", {"payload": "STOP_7", "text": "Stop"}, "Stop"),
        ("button", {"payload": "STOP_7"}, "STOP_7"),
        ("interactive", {"type": "button_reply", "button_reply": {"id": "1", "title": "Yes"}}, "Yes"),
        ("interactive", {"type": "list_reply", "list_reply": {"id": "1", "title": "Box"}}, "Box"),
        ("interactive", {"type": "nfm_reply", "nfm_reply": {"body": "Sent"}}, "Sent"),
        ("image", {"id": "5", "caption": "This one?"}, "This one?"),
        ("document", {"id": "5", "filename": "order.pdf"}, "order.pdf"),
        ("reaction", {"message_id": "wamid.BB", "emoji": "🎉"}, "🎉"),
        ("order", {"text": "gift wrap", "product_items": []}, "gift wrap"),
        ("system", {"body": "User changed", "type": "user_changed_number"}, "User changed"),
        ("audio", {"id": "5"}, None),
        ("text", {"body": {}}, None),
        ("hologram", {"x": 1}, None),
    ],
)
def test_it_finds_the_words_of_every_type(kind, content, words):
    message = inbound(type=kind, **{kind: content})
    assert (message.type, message.text) == (kind, words)


def test_it_tells_the_senders_of_one_batch_apart():
    ravi = {"profile": {"name": "Ravi"}, "wa_id": "911", "user_id": "IN.2"}
    both = [{**MESSAGE, "from": "911", "from_user_id": "IN.2"}, MESSAGE]
    batch = envelope(change(messages=both, contacts=[ASHA, ravi]))
    assert [message.profile_name for message in inbound_messages(batch)] == ["Ravi", "Asha"]


def test_it_reads_somebody_without_a_phone_or_a_contact():
    nobody = {key: value for key, value in MESSAGE.items() if key != "from"}
    message = next(inbound_messages(envelope(change(messages=[nobody]))))
    assert (message.from_phone, message.from_user_id, message.profile_name) == (None, "IN.1349", None)


@pytest.mark.parametrize("bad", [None, 5, {}, {**MESSAGE, "type": None}, {**MESSAGE, "timestamp": {}}])
def test_it_reads_the_neighbours_of_a_bad_message(bad):
    reported: list[BadItem] = []
    found = list(inbound_messages(envelope(change(messages=[bad, MESSAGE])), reported.append))
    assert [message.wamid for message in found] == ["wamid.AA"]
    assert [item.raw for item in reported] == [bad]


def test_it_reports_a_message_nested_too_deep_to_read():
    deep: dict[str, object] = {}
    for _ in range(3000):
        deep = {"a": deep}
    reported: list[BadItem] = []
    found = inbound_messages(envelope(change(messages=[{**MESSAGE, "deep": deep}, MESSAGE])), reported.append)
    assert len(list(found)) == 1
    assert len(reported) == 1


def test_it_keeps_out_what_postgresql_cannot_store():
    message = inbound(text={"body": "a\x00b\ud800"})
    assert message.text == "ab?"
    assert "\\u0000" not in json.dumps(message.raw)
    assert json.dumps(message.raw, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (envelope(change(statuses=[STATUS, STATUS])), ["messages.statuses"]),
        (envelope(change(messages=[MESSAGE], statuses=[STATUS])), ["messages.text", "messages.statuses"]),
        (envelope(change(statuses=[{**STATUS, "type": "payment"}])), ["messages.payment"]),
        (envelope(change(errors=[{"code": 1}])), ["messages.errors"]),
        (envelope(change(user_actions=[{}])), ["messages.user_actions"]),
        (envelope(change()), ["messages"]),
        (envelope(change("message_template_status_update")), ["message_template_status_update"]),
        (envelope(change("security"), {"field": 5}, None), ["security", "unreadable"]),
        (envelope(change(messages=[None])), ["messages.unreadable"]),
        (envelope(change("x" * 500)), ["x" * 80]),
        ({}, ["unreadable"]),
        ({"entry": []}, ["unreadable"]),
        ({"entry": [{"changes": "x"}]}, ["unreadable"]),
        ([1], ["unreadable"]),
        (None, ["unreadable"]),
        ("text", ["unreadable"]),
    ],
)
def test_it_says_what_an_envelope_is_about(body, expected):
    assert kinds(body) == expected


@pytest.mark.parametrize("body", [None, 1, "x", [], {"entry": {}}, {"entry": [1, {"changes": [None, {"value": 3}]}]}])
def test_it_finds_nothing_in_what_is_no_envelope(body):
    assert list(statuses(body)) == list(inbound_messages(body)) == []


# What stands beside messages


PAYMENT = {
    "id": "wamid.BB",
    "type": "payment",
    "status": "captured",
    "timestamp": "1790000000",
    "payment": {"reference_id": "order-7", "amount": {"value": 54900, "offset": 100}, "currency": "INR"},
}


def test_it_reads_a_payment_as_a_fact_of_its_own():
    payment = next(payments(envelope(change(statuses=[STATUS, PAYMENT]))))
    assert (payment.wamid, payment.reference_id, payment.status) == ("wamid.BB", "order-7", "captured")
    assert payment.raw == PAYMENT


def test_it_reports_a_payment_without_a_reference():
    reported: list[BadItem] = []
    assert list(payments(envelope(change(statuses=[{**PAYMENT, "payment": {}}])), reported.append)) == []
    assert reported[0].reason == "has no reference_id"


def test_a_status_of_a_group_names_nobody():
    event = next(statuses(envelope(change(statuses=[{**STATUS, "recipient_type": "group"}]))))
    assert (event.recipient_id, event.recipient_user_id) == (None, None)


@pytest.mark.parametrize(
    ("kind", "content", "named"),
    [
        ("reaction", {"message_id": "wamid.R", "emoji": "🎉"}, "wamid.R"),
        ("edit", {"original_message_id": "wamid.E", "message": {"type": "text", "text": {"body": "x"}}}, "wamid.E"),
        ("revoke", {"original_message_id": "wamid.V"}, "wamid.V"),
        ("text", {"body": "x"}, "wamid.BB"),
    ],
)
def test_it_finds_the_message_that_another_is_about(kind, content, named):
    assert inbound(type=kind, **{kind: content}).context_id == named


def test_it_reads_the_words_of_an_edit():
    message = {"type": "image", "image": {"caption": "Updated"}}
    assert inbound(type="edit", edit={"original_message_id": "w", "message": message}).text == "Updated"


def test_it_reads_what_a_button_hides():
    assert inbound(type="button", button={"payload": "STOP_7", "text": "No"}).payload == "STOP_7"
    assert inbound(type="interactive", interactive={"list_reply": {"id": "r1", "title": "Box"}}).payload == "r1"


def test_it_reads_a_username():
    bare = {key: value for key, value in MESSAGE.items() if key != "from"}
    contact = {"user_id": "IN.1349", "profile": {"username": "@asha"}}
    message = next(inbound_messages(envelope(change(messages=[bare], contacts=[contact]))))
    assert (message.username, message.profile_name) == ("@asha", None)


@pytest.mark.parametrize(
    ("system", "move"),
    [
        ({"type": "user_changed_number", "wa_id": "9199"}, Move("9199", None, "919812345678", "IN.1349")),
        (
            {"type": "user_changed_number", "wa_id": "9199", "user_id": "IN.2", "previous_user_id": "IN.1"},
            Move("9199", "IN.2", "919812345678", "IN.1"),
        ),
        ({"type": "user_changed_user_id", "user_id": "IN.1349"}, Move(None, "IN.1349", "919812345678", None)),
        ({"type": "user_changed_number"}, None),
        ({"type": "customer_identity_changed", "wa_id": "9199"}, None),
    ],
)
def test_it_reads_that_somebody_moved(system, move):
    assert move_in(inbound(type="system", system=system)) == move


def test_only_a_system_message_moves_anybody():
    assert move_in(inbound(system={"type": "user_changed_number", "wa_id": "9199"})) is None


def test_it_reads_a_choice_and_whose_it_is():
    item = {"wa_id": "16505551234", "category": "marketing_messages", "value": "stop", "timestamp": 1731705721}
    whole = envelope(change("user_preferences", user_preferences=[item, {**item, "wa_id": None}], contacts=[ASHA]))
    found = list(preferences(whole))
    assert [(it.phone, it.user_id, it.value) for it in found] == [
        ("16505551234", None, "stop"),
        ("919812345678", "IN.1349", "stop"),
    ]


def test_a_choice_of_nobody_is_bad():
    reported: list[BadItem] = []
    item = {"value": "stop", "timestamp": 1731705721}
    assert list(preferences(envelope(change("user_preferences", user_preferences=[item])), reported.append)) == []
    assert reported[0].reason == "names nobody"


def test_it_reads_an_opened_link_and_no_other_action():
    click = {"action_type": "marketing_messages_link_click", "timestamp": "1790000000"}
    whole = envelope(change(user_actions=[click, {**click, "action_type": "other"}], contacts=[ASHA]))
    assert [(it.phone, it.user_id) for it in link_clicks(whole)] == [("919812345678", "IN.1349")]


def test_it_reads_changes_of_the_account_and_errors_beside_messages():
    whole = envelope(change("security", event="PIN_CHANGED"), change(errors=[{"code": 131000}]), change(), change("x"))
    whole["entry"][0]["time"] = 1790000000
    found = list(account_changes(whole))
    assert [(it.field, it.entry_id) for it in found] == [("security", "7"), ("messages.errors", "7"), ("x", "7")]
    assert found[0].at == datetime.fromtimestamp(1790000000, UTC)
    assert found[1].value == {"errors": [{"code": 131000}], "metadata": {"phone_number_id": "1065"}}
