"""How Meta slows, holds, caps and closes: quality, marketing, calls an hour, registration, analytics."""

from __future__ import annotations

import json
import time

from .programs import ACCOUNT, ASHA, PHONE, Receiver, Sandbox, await_true, offer, template, text

OFFER = "594100000000001"


def codes(receiver: Receiver) -> list[int]:
    return [error["code"] for one in receiver.statuses() for error in one.get("errors", [])]


def events(receiver: Receiver) -> list[tuple[str, str]]:
    values = [value for post in list(receiver.posts) for value in post.values() if "event" in value]
    return [(value["event"], value["other_info"]["title"]) for value in values]


def market(sandbox: Sandbox, **change: object) -> dict[str, object]:
    body = {"messaging_product": "whatsapp"} | offer() | change
    answer: dict[str, object] = sandbox.graph("POST", f"{PHONE}/marketing_messages", json=body).json()
    return answer


def test_it_holds_marketing_and_sends_it_on(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.tune(quality={"hold_rate": 1, "hold_ms": 300})
    assert sandbox.send(offer()).json()["messages"][0]["message_status"] == "held_for_quality_assessment"
    time.sleep(0.2)
    assert receiver.statuses() == []
    await_true(lambda: len(receiver.statuses()) == 3)


def test_it_drops_what_it_held(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.tune(quality={"hold_rate": 1, "hold_ms": 50, "drop_rate": 1})
    sandbox.send(offer())
    await_true(lambda: codes(receiver) == [132015])


def test_it_pauses_a_template_twice_and_then_for_ever(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.tune(quality={"pause_after_sends": 2, "pause_ms": 50})
    for number in range(6):
        await_true(lambda number=number: sandbox.send(offer(to=f"91980000000{number}")).ok)
    assert sandbox.send(offer()).json()["error"]["code"] == 132016
    told = ["FIRST_PAUSE", "UNPAUSE", "SECOND_PAUSE", "UNPAUSE", "DISABLED"]
    await_true(lambda: [title for _, title in events(receiver)] == told)


def test_it_pauses_a_template_that_customers_block(sandbox: Sandbox) -> None:
    sandbox.tune(quality={"block_rate": 1, "pause_after_blocks": 1})
    assert sandbox.send(offer()).ok
    assert sandbox.send(offer()).json()["error"]["code"] == 132015


def test_it_caps_the_marketing_of_a_customer(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.tune(marketing={"customer_cap": 1})
    assert [sandbox.send(offer()).ok for _ in range(2)] == [True, True]
    assert sandbox.send(template("visa_update", {"type": "body", "parameters": text("A", "B", "C")})).ok
    await_true(lambda: sandbox.state()["pending"] == 0)
    assert codes(receiver) == [131049]


def test_it_sends_marketing_through_its_own_door(sandbox: Sandbox, receiver: Receiver) -> None:
    assert market(sandbox)["messages"]
    await_true(lambda: len(receiver.statuses()) == 3)
    assert receiver.statuses()[0]["pricing"]["category"] == "marketing_lite"


def test_it_keeps_each_door_for_its_own(sandbox: Sandbox) -> None:
    visa = template("visa_update", {"type": "body", "parameters": text("A", "B", "C")})
    refused = [market(sandbox, **visa), market(sandbox, type="text", text={"body": "Hi"})]
    sandbox.tune(marketing={"is_onboarded": False, "disable_marketing_messages_on_cloud_api": True})
    refused += [market(sandbox), sandbox.send(offer()).json()]
    assert [one["error"]["code"] for one in refused] == [134100, 131055, 134102, 131063]
    assert sandbox.send(visa).ok
    sandbox.graph("POST", ACCOUNT, data={"disable_marketing_messages_on_cloud_api": "false"})
    assert sandbox.send(offer()).ok


def test_it_charges_free_form_messages_after_the_free_ones(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.tune(free_service_messages=1, statuses={"read_rate": 0})
    sandbox.control("POST", "inbound", {"from": ASHA, "text": "Hi"})
    for _ in range(2):
        sandbox.send({"to": ASHA, "type": "text", "text": {"body": "Hello"}})
    await_true(lambda: sandbox.state()["pending"] == 0)
    sent = {one["id"]: one["pricing"]["type"] for one in receiver.statuses()}
    assert sorted(sent.values()) == ["free_customer_service", "regular"]


def test_it_limits_management_calls_and_says_how_far_one_is(sandbox: Sandbox) -> None:
    sandbox.tune(management={"account_calls": 2})
    first, second, third = (sandbox.graph("GET", ACCOUNT) for _ in range(3))
    (usage,) = json.loads(first.headers["X-Business-Use-Case-Usage"])[ACCOUNT]
    assert usage["call_count"] == 50
    assert second.ok
    assert third.json()["error"]["code"] == 80007
    assert sandbox.send(offer()).ok  # messages are no management
    sandbox.tune(management={"account_calls": 0, "app_calls": 1})
    assert [sandbox.graph("GET", ACCOUNT).ok for _ in range(2)] == [True, False]


def test_it_fails_with_any_code(sandbox: Sandbox) -> None:
    sandbox.tune(fail_with=131031)
    assert sandbox.graph("GET", PHONE).json()["error"]["code"] == 131031
    assert sandbox.control("PUT", "config", {"fail_with": 5}).status_code == 400


def test_it_does_not_know_versions_to_come(sandbox: Sandbox) -> None:
    answer = sandbox.http.get(f"{sandbox.url}/v99.0/{PHONE}", timeout=5)
    assert answer.json()["error"]["code"] == 2500


def test_it_registers_with_the_pin_it_knows(sandbox: Sandbox) -> None:
    def register(pin: str) -> int | None:
        body = {"messaging_product": "whatsapp", "pin": pin}
        return sandbox.graph("POST", f"{PHONE}/register", json=body).json().get("error", {}).get("code")

    assert (register("12"), register("123456"), register("654321")) == (100, None, 133005)
    assert sandbox.graph("POST", f"{PHONE}/deregister").json() == {"success": True}
    assert sandbox.send(offer()).json()["error"]["code"] == 133010
    assert register("123456") is None
    assert sandbox.send(offer()).ok
    assert [register("000000") for _ in range(11)] == [133005] * 10 + [133016]


def test_it_counts_what_a_template_achieved(sandbox: Sandbox) -> None:
    now = int(time.time())
    asked = {"start": now - 3600, "end": now + 60, "granularity": "daily", "template_ids": json.dumps([OFFER])}
    path = f"{ACCOUNT}/template_analytics"
    assert sandbox.graph("GET", path, params=asked).json()["error"]["error_subcode"] == 200005
    sandbox.graph("POST", ACCOUNT, data={"is_enabled_for_insights": "true"})
    sandbox.send(offer())
    await_true(lambda: sandbox.state()["pending"] == 0)
    points = sandbox.graph("GET", path, params=asked).json()["data"][0]["data_points"]
    assert [sum(one[name] for one in points) for name in ("sent", "delivered", "read")] == [1, 1, 1]


def test_it_says_what_was_charged(sandbox: Sandbox) -> None:
    sandbox.send(offer())
    await_true(lambda: sandbox.state()["pending"] == 0)
    now = int(time.time())
    asked = f"pricing_analytics.start({now - 60}).end({now + 60}).granularity(DAILY).dimensions([PRICING_CATEGORY])"
    (point,) = sandbox.graph("GET", ACCOUNT, params={"fields": asked}).json()["pricing_analytics"]["data"][0][
        "data_points"
    ]
    assert (point["pricing_category"], point["volume"], point["cost"]) == ("MARKETING", 1, 0.8631)


def test_it_shakes_hands_before_it_subscribes_a_callback(sandbox: Sandbox, receiver: Receiver) -> None:
    body = {
        "object": "whatsapp_business_account",
        "callback_url": receiver.url,
        "verify_token": "x",
        "fields": "messages",
    }
    refused = sandbox.graph("POST", "400000000000001/subscriptions", json=body)  # our receiver knows no GET
    assert refused.json()["error"]["code"] == 2200
    assert sandbox.graph("GET", "400000000000001/subscriptions").json() == {"data": []}
