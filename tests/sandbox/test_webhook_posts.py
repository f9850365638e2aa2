"""What the sandbox posts: signed, echoed, batched, doubled, shuffled, retried."""

from __future__ import annotations

import pytest

from .programs import ACCOUNT, ASHA, PHONE, Receiver, Sandbox, await_true, offer


def settled(sandbox: Sandbox) -> bool:
    return sandbox.state()["pending"] == 0


def test_it_tells_sent_delivered_and_read_in_metas_shape(sandbox: Sandbox, receiver: Receiver) -> None:
    wamid = sandbox.send(offer(biz_opaque_callback_data="m:7")).json()["messages"][0]["id"]
    await_true(lambda: len(receiver.statuses()) == 3)
    sent, delivered, read = receiver.statuses()
    assert [one["status"] for one in (sent, delivered, read)] == ["sent", "delivered", "read"]
    assert {one["id"] for one in receiver.statuses()} == {wamid}
    assert {one["biz_opaque_callback_data"] for one in receiver.statuses()} == {"m:7"}
    assert sent["recipient_id"] == ASHA
    assert sent["timestamp"].isdigit()
    assert sent["pricing"] == {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "marketing"}
    assert "pricing" not in read
    assert [one["status"] for one in sandbox.accepted()[0]["statuses"]] == ["sent", "delivered", "read"]


def test_it_wraps_statuses_in_metas_envelope(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.send(offer())
    await_true(lambda: receiver.posts)
    body = receiver.posts[0].body
    (entry,) = body["entry"]
    assert (body["object"], entry["id"]) == ("whatsapp_business_account", ACCOUNT)
    value = entry["changes"][0]["value"]
    assert value["metadata"] == {"display_phone_number": "912269001234", "phone_number_id": PHONE}
    assert value["contacts"][0]["wa_id"] == ASHA
    assert value["contacts"][0]["user_id"].startswith("IN.")


def test_it_signs_the_very_bytes_with_unicode_escaped(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.control("POST", "inbound", {"from": ASHA, "name": "आशा", "text": {"body": "नमस्ते / 👍"}})
    await_true(lambda: receiver.posts)
    (post,) = receiver.posts
    assert post.is_signed
    assert b"\\u0928" in post.raw
    assert b"\\/" in post.raw
    assert receiver.messages()[0]["text"]["body"] == "नमस्ते / 👍"


@pytest.mark.parametrize("code", [131026, 131049, 131050])
def test_it_fails_a_number_ending_in_a_late_error_by_webhook(sandbox: Sandbox, receiver: Receiver, code: int) -> None:
    assert sandbox.send(offer(to=f"919812{code}")).ok
    await_true(receiver.statuses)
    (failed,) = receiver.statuses()
    assert (failed["status"], failed["errors"][0]["code"]) == ("failed", code)
    assert failed["errors"][0]["error_data"]["details"]
    assert "contacts" not in receiver.posts[0].values()[0]
    assert sandbox.accepted()[0]["statuses"][0]["code"] == code


def test_it_puts_many_updates_in_one_post(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.tune(webhooks={"batch_size": 100, "delay_ms": 200}, statuses={"delay_ms": 0})
    for n in range(20):
        sandbox.send(offer(to=f"9198000000{n:02}"))
    await_true(lambda: len(receiver.statuses()) == 60)
    assert len(receiver.posts) < 30
    assert max(len(value["statuses"]) for post in receiver.posts for value in post.values()) > 1


def test_it_posts_one_by_one_when_told_so(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.tune(webhooks={"batch_size": 1})
    for n in range(5):
        sandbox.send(offer(to=f"9198000000{n:02}"))
    await_true(lambda: len(receiver.statuses()) == 15)
    assert len(receiver.posts) == 15


def test_it_doubles_updates(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.tune(webhooks={"duplicate_rate": 1})
    sandbox.send(offer())
    await_true(lambda: len(receiver.statuses()) == 6)
    seen = [one["status"] for one in receiver.statuses()]
    assert {status: seen.count(status) for status in seen} == {"sent": 2, "delivered": 2, "read": 2}
    assert sandbox.state()["statuses_sent"] == 3


def test_it_shuffles_updates(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.tune(webhooks={"shuffle": True, "batch_size": 1})
    for n in range(20):
        sandbox.send(offer(to=f"9198000000{n:02}"))
    await_true(lambda: len(receiver.statuses()) == 60)
    order = ["sent", "delivered", "read"]
    by_message: dict[str, list[int]] = {}
    for one in receiver.statuses():
        by_message.setdefault(one["id"], []).append(order.index(one["status"]))
    assert any(ranks != sorted(ranks) for ranks in by_message.values())


def test_it_skips_delivered_before_read(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.tune(statuses={"skip_delivered_rate": 1})
    sandbox.send(offer())
    await_true(lambda: len(receiver.statuses()) == 2)
    assert [one["status"] for one in receiver.statuses()] == ["sent", "read"]
    assert receiver.statuses()[1]["pricing"]["category"] == "marketing"


def test_it_tries_again_until_the_receiver_answers_200(sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.refusals += [500, 302]
    sandbox.control("POST", "inbound", {"from": ASHA, "text": "Hi"})
    await_true(lambda: settled(sandbox))
    assert len(receiver.posts) == 3
    assert len({post.raw for post in receiver.posts}) == 1
    assert (sandbox.state()["refused"], sandbox.state()["webhooks_sent"]) == (2, 1)


def test_its_customers_reply_and_tap_by_themselves(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.tune(statuses={"reply_rate": 1, "click_rate": 1, "delay_ms": 20})
    wamid = sandbox.send(offer()).json()["messages"][0]["id"]
    await_true(lambda: len(receiver.messages()) == 2)
    by_type = {one["type"]: one for one in receiver.messages()}
    assert by_type["text"]["from"] == ASHA
    assert by_type["button"]["context"]["id"] == wamid
    assert by_type["button"]["button"]["text"] in ("Interested", "Stop offers")


def test_its_customers_order_what_they_are_shown(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.tune(statuses={"order_rate": 1, "delay_ms": 20})
    sandbox.control("POST", "inbound", {"from": ASHA, "text": "What do you have?"})
    section = {
        "title": "Trips",
        "product_items": [{"product_retailer_id": "GOA-3N"}, {"product_retailer_id": "VISA-VN"}],
    }
    action = {"catalog_id": "900000000000001", "sections": [section]}
    words = {"header": {"type": "text", "text": "Trips"}, "body": {"text": "Pick"}}
    shown = {"type": "product_list", **words, "action": action}
    assert sandbox.send({"to": ASHA, "type": "interactive", "interactive": shown}).ok
    await_true(lambda: any(one["type"] == "order" for one in receiver.messages()))
    (order,) = [one["order"] for one in receiver.messages() if one["type"] == "order"]
    prices = {item["product_retailer_id"]: item["item_price"] for item in order["product_items"]}
    assert prices == {"GOA-3N": 8999, "VISA-VN": 3200}


def test_it_tries_less_and_less_often_and_shows_each_try(sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.refusals += [500, 404, 503]
    sandbox.control("POST", "inbound", {"from": ASHA, "text": "Hi"})
    await_true(lambda: settled(sandbox))
    (post,) = sandbox.control("GET", "webhooks").json()["webhooks"]
    assert [one["refusal"] for one in post["tries"]] == ["answered 500", "answered 404", "answered 503", None]
    moments = [one["at"] for one in post["tries"]]
    gaps = [late - early for early, late in zip(moments, moments[1:], strict=False)]
    assert gaps == sorted(gaps)
    assert (post["told"], post["summary"]) == (True, "1 text")
    assert post["body"].encode() == receiver.posts[0].raw


def test_its_counts_agree_with_what_it_posted(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.tune(webhooks={"batch_size": 50}, statuses={"delay_ms": 0, "read_rate": 1})
    for n in range(30):
        sandbox.send(offer(to=f"9198000000{n:02}"))
    await_true(lambda: settled(sandbox))
    state = sandbox.state()
    assert (state["statuses_sent"], state["pending"], state["refused"]) == (90, 0, 0)
    assert state["webhooks_sent"] == len(receiver.posts)


def test_it_changes_its_habits_while_it_runs(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.tune(webhooks={"delay_ms": 60_000})
    sandbox.control("POST", "inbound", {"from": ASHA, "text": "late"})
    sandbox.tune(webhooks={"delay_ms": 0})
    sandbox.control("POST", "inbound", {"from": ASHA, "text": "at once"})
    await_true(receiver.messages)
    assert [one["text"]["body"] for one in receiver.messages()] == ["at once"]
    assert sandbox.state()["pending"] == 1


def test_a_failure_brings_the_contact_when_told_so(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.tune(webhooks={"failed_contacts_rate": 1})
    sandbox.send(offer(to="919812131026"))
    await_true(receiver.statuses)
    assert receiver.posts[0].values()[0]["contacts"][0]["wa_id"] == "919812131026"
