"""Customers through the control API: who they are, and everything they can do."""

from __future__ import annotations

from typing import Any

import pytest

from .programs import ACCOUNT, ASHA, PHONE, Receiver, Sandbox, await_true, offer

CATALOG = "900000000000001"


def act(sandbox: Sandbox, name: str, who: str = ASHA, **given: Any) -> dict[str, Any]:
    answer = sandbox.control("POST", f"customers/{who}/{name}", given)
    assert answer.ok, answer.text
    return answer.json()


def told(receiver: Receiver, field: str) -> list[dict[str, Any]]:
    """The values of a webhook field."""
    posts = [change for post in list(receiver.posts) for entry in post.body["entry"] for change in entry["changes"]]
    return [change["value"] for change in posts if change["field"] == field]


def failed_with(sandbox: Sandbox, receiver: Receiver, to: str = ASHA) -> int:
    """The code an offer to that number fails with."""
    before = len(receiver.statuses())
    assert sandbox.send(offer(to=to)).ok
    await_true(lambda: len(receiver.statuses()) > before)
    return receiver.statuses()[-1]["errors"][0]["code"]


def test_it_lists_customers_and_shows_a_conversation(sandbox: Sandbox) -> None:
    sandbox.send(offer())
    act(sandbox, "reply", body="How much?")
    (listed,) = sandbox.control("GET", "customers", search="98123").json()["customers"]
    assert (listed["phone"], listed["has_open_window"], listed["entries"]) == (ASHA, True, 2)
    shown = sandbox.control("GET", f"customers/{ASHA}").json()["conversation"]
    assert [one["direction"] for one in shown] == ["out", "in"]
    assert shown[1]["message"]["text"] == {"body": "How much?"}


def test_it_knows_nobody_by_a_strange_key(sandbox: Sandbox) -> None:
    assert sandbox.control("GET", "customers/nobody").status_code == 404
    assert sandbox.control("POST", "customers/nobody/reply", {"body": "Hi"}).status_code == 404
    answer = sandbox.control("POST", f"customers/{ASHA}/dance", {})
    assert answer.status_code == 400
    assert "reply" in answer.json()["error"]["message"]


def test_it_taps_a_button_and_a_row(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.send(offer())
    act(sandbox, "tap", title="Interested")
    rows = [{"id": "goa", "title": "Goa"}, {"id": "mun", "title": "Munnar"}]
    action = {"button": "See", "sections": [{"title": "All", "rows": rows}]}
    shown = {"type": "list", "body": {"text": "Where?"}, "action": action}
    wamid = sandbox.send({"to": ASHA, "type": "interactive", "interactive": shown}).json()["messages"][0]["id"]
    act(sandbox, "tap", id="mun")
    await_true(lambda: len(receiver.messages()) == 2)
    assert receiver.messages()[1]["interactive"]["list_reply"] == {"id": "mun", "title": "Munnar"}
    assert receiver.messages()[1]["context"]["id"] == wamid
    assert "has no such button" in sandbox.control("POST", f"customers/{ASHA}/tap", {"title": "X"}).text


def test_it_orders_quantities_from_a_product_message(sandbox: Sandbox, receiver: Receiver) -> None:
    act(sandbox, "reply", body="Hi")
    action = {"catalog_id": CATALOG, "product_retailer_id": "GOA-3N"}
    assert sandbox.send({"to": ASHA, "type": "interactive", "interactive": {"type": "product", "action": action}}).ok
    act(sandbox, "order", items={"GOA-3N": 3}, text="Window seats")
    await_true(lambda: len(receiver.messages()) == 2)
    order = receiver.messages()[1]["order"]
    assert order["product_items"] == [
        {"product_retailer_id": "GOA-3N", "quantity": 3, "item_price": 8999, "currency": "INR"}
    ]
    assert (order["catalog_id"], order["text"]) == (CATALOG, "Window seats")


def test_it_stops_and_resumes_marketing_on_whatsapp(sandbox: Sandbox, receiver: Receiver) -> None:
    act(sandbox, "stop")
    await_true(lambda: told(receiver, "user_preferences"))
    (value,) = told(receiver, "user_preferences")
    (preference,) = value["user_preferences"]
    assert (preference["wa_id"], preference["value"], preference["category"]) == (ASHA, "stop", "marketing_messages")
    assert isinstance(preference["timestamp"], int)
    assert value["contacts"][0]["user_id"] == preference["user_id"]
    assert "time" not in receiver.posts[0].body["entry"][0]
    assert failed_with(sandbox, receiver) == 131050
    act(sandbox, "resume")
    before = len(receiver.statuses())
    sandbox.send(offer())
    await_true(lambda: len(receiver.statuses()) > before)
    assert receiver.statuses()[before]["status"] == "sent"


def test_it_goes_username_only(sandbox: Sandbox, receiver: Receiver) -> None:
    act(sandbox, "username_only", username="asha.p")
    act(sandbox, "reply", body="Hi")
    await_true(receiver.messages)
    (value,) = receiver.posts[-1].values()
    assert "from" not in value["messages"][0]
    assert "wa_id" not in value["contacts"][0]
    assert value["contacts"][0]["profile"]["username"] == "@asha.p"
    who = value["messages"][0]["from_user_id"]
    sandbox.send({"recipient": who, "type": "text", "text": {"body": "Hello"}})
    await_true(receiver.statuses)
    assert "recipient_id" not in receiver.statuses()[0]
    assert receiver.statuses()[0]["recipient_user_id"] == who


def test_it_changes_number_and_takes_the_conversation_along(sandbox: Sandbox, receiver: Receiver) -> None:
    old_id = act(sandbox, "reply", body="Hi")["user_id"]
    new_id = act(sandbox, "change_number", phone="+91 98200 11122")["user_id"]
    await_true(lambda: len(receiver.messages()) == 2)
    moved = receiver.messages()[1]
    assert (moved["from"], moved["type"]) == (ASHA, "system")
    assert moved["system"] | {"body": ""} == {
        "type": "user_changed_number",
        "body": "",
        "wa_id": "919820011122",
        "user_id": new_id,
        "previous_user_id": old_id,
    }
    (system,) = [value for value in told(receiver, "messages") if moved in value["messages"]]
    assert "contacts" not in system
    assert sandbox.control("GET", "customers/919820011122").json()["total"] == 2
    assert failed_with(sandbox, receiver) == 131026
    assert sandbox.send({"to": "919820011122", "type": "text", "text": {"body": "Still open"}}).ok


def test_it_changes_its_user_id(sandbox: Sandbox, receiver: Receiver) -> None:
    act(sandbox, "reply", body="Hi")
    new = act(sandbox, "change_user_id")["user_id"]
    await_true(lambda: len(receiver.messages()) == 2)
    assert receiver.messages()[1]["system"]["type"] == "user_changed_user_id"
    sent = sandbox.send({"recipient": new, "type": "text", "text": {"body": "Hello"}})
    assert sent.ok, sent.text
    assert sandbox.accepted(to=ASHA)[0]["recipient"] == new


def test_it_blocks_the_business(sandbox: Sandbox, receiver: Receiver) -> None:
    act(sandbox, "block")
    assert failed_with(sandbox, receiver) == 131026
    assert "blocked" in sandbox.control("POST", f"customers/{ASHA}/reply", {"body": "Hi"}).json()["error"]["message"]
    act(sandbox, "unblock")
    act(sandbox, "reply", body="Hi again")


def test_it_reads_what_it_had_not(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.tune(statuses={"read_rate": 0})
    sandbox.send(offer(biz_opaque_callback_data="m:1"))
    await_true(lambda: len(receiver.statuses()) == 2)
    assert act(sandbox, "read")["read"] == 1
    await_true(lambda: len(receiver.statuses()) == 3)
    assert receiver.statuses()[2]["status"] == "read"
    assert act(sandbox, "read")["read"] == 0
    assert sandbox.state()["statuses_sent"] == 3


def bill(reference: str, setting: dict[str, Any]) -> dict[str, Any]:
    amount = {"value": 54900, "offset": 100}
    item = {"retailer_id": "KAJU-500", "name": "Kaju katli", "amount": amount, "quantity": 1}
    order = {"status": "pending", "catalog_id": CATALOG, "items": [item], "subtotal": amount}
    order["tax"] = {"value": 0, "offset": 100}
    asked = {"reference_id": reference, "type": "digital-goods", "payment_type": "upi", "currency": "INR"}
    asked |= {"payment_settings": [setting], "total_amount": amount, "order": order}
    action = {"name": "review_and_pay", "parameters": asked}
    shown = {"type": "order_details", "body": {"text": "Your order"}, "action": action}
    return {"to": ASHA, "type": "interactive", "interactive": shown}


def test_it_pays_inside_whatsapp(sandbox: Sandbox, receiver: Receiver) -> None:
    act(sandbox, "reply", body="Hi")
    gateway = {"type": "razorpay", "configuration_name": "razorpay-prod"}
    asked = bill("ORD-7", {"type": "payment_gateway", "payment_gateway": gateway})
    answer = sandbox.send(asked)
    assert answer.ok, answer.text
    act(sandbox, "pay")
    await_true(lambda: [one for one in receiver.statuses() if one.get("type") == "payment"])
    (status,) = [one for one in receiver.statuses() if one.get("type") == "payment"]
    assert (status["id"], status["status"]) == (answer.json()["messages"][0]["id"], "captured")
    assert status["payment"]["reference_id"] == "ORD-7"
    assert status["payment"]["amount"] == {"value": 54900, "offset": 100}
    assert "already paid" in sandbox.control("POST", f"customers/{ASHA}/pay", {}).text


def test_it_pays_a_payment_link(sandbox: Sandbox) -> None:
    act(sandbox, "reply", body="Hi")
    keys = ("rzp_test_sandbox", "sandbox-razorpay-secret")
    wanted = {"amount": 54900, "currency": "INR", "reference_id": "ORD-8"}
    link = sandbox.http.post(f"{sandbox.url}/v1/payment_links", json=wanted, auth=keys, timeout=5).json()
    setting = {"type": "payment_link", "payment_link": {"uri": link["short_url"]}}
    answer = sandbox.send(bill("ORD-8", setting))
    assert answer.ok, answer.text
    act(sandbox, "pay")
    paid = sandbox.http.get(f"{sandbox.url}/v1/payment_links/{link['id']}", auth=keys, timeout=5).json()
    assert paid["status"] == "paid"


def test_it_tells_of_a_link_only_for_marketing_messages(sandbox: Sandbox, receiver: Receiver) -> None:
    header = {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://example.in/a.jpg"}}]}
    names = ("first_name", "destination")
    words = [{"type": "text", "parameter_name": name, "text": "Goa"} for name in names]
    button = {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "goa"}]}
    components = [header, {"type": "body", "parameters": words}, button]
    sent = {"name": "diwali_getaways", "language": {"code": "en"}, "components": components}
    body = {"messaging_product": "whatsapp", "to": ASHA, "type": "template", "template": sent}
    assert sandbox.graph("POST", f"{PHONE}/messages", json=body).ok
    clicked = act(sandbox, "click")
    assert (clicked["told"], clicked["target"]) == (False, "https://example.in/t/goa")
    answer = sandbox.graph("POST", f"{PHONE}/marketing_messages", json=body)
    assert answer.ok, answer.text
    assert act(sandbox, "click", message=answer.json()["messages"][0]["id"])["told"]
    await_true(lambda: [value for value in told(receiver, "messages") if "user_actions" in value])
    (value,) = [value for value in told(receiver, "messages") if "user_actions" in value]
    assert value["user_actions"][0]["action_type"] == "marketing_messages_link_click"


def test_its_customers_are_the_same_after_a_restart(own: tuple[Sandbox, Receiver]) -> None:
    sandbox, receiver = own
    act(sandbox, "reply", body="Hi")
    act(sandbox, "change_number", phone="919820011122")
    act(sandbox, "username_only", who="919820011122", username="asha")
    act(sandbox, "stop", who="919820011122")
    act(sandbox, "change_user_id", who="919820011122")
    before = sandbox.control("GET", "customers").json()
    event = {"event": "ACCOUNT_RESTRICTION", "restriction_info": [{"restriction_type": "R", "expiration": 4102444800}]}
    sandbox.control("POST", "event", {"field": "account_update", "value": event})
    sandbox.stop()
    sandbox.start()
    assert sandbox.control("GET", "customers").json() == before
    assert before["customers"][0]["shown_phone"] is None
    assert sandbox.send(offer()).json()["error"]["code"] == 368
    assert sandbox.graph("GET", ACCOUNT).ok


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("reply", {"body": " "}),
        ("reply", {"body": "Hi", "to": "wamid.X"}),
        ("attach", {"kind": "song"}),
        ("react", {"emoji": "👍"}),
        ("tap", {"message": "wamid.X"}),
        ("order", {"from_profile": True}),
        ("order", {"from_profile": True, "items": {"A": "x"}}),
        ("order", {"from_profile": True, "items": 5}),
        ("pay", {}),
        ("click", {}),
        ("change_number", {"phone": "x"}),
        ("rename", {"name": ""}),
        ("edit", {"body": ""}),
    ],
)
def test_it_refuses_an_act_with_a_sentence(sandbox: Sandbox, name: str, given: dict[str, Any]) -> None:
    answer = sandbox.control("POST", f"customers/{ASHA}/{name}", given)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["message"].endswith(".")
