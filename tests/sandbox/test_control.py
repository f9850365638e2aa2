"""The control API: the truth, and clear refusals."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from .programs import ASHA, Receiver, Sandbox, await_true, offer, template, text


def test_it_shows_accepted_sends_as_they_came(sandbox: Sandbox) -> None:
    sent = offer(biz_opaque_callback_data="m:9")
    sandbox.send(sent)
    (shown,) = sandbox.accepted()
    assert shown["payload"] == {"messaging_product": "whatsapp"} | sent
    assert (shown["to"], shown["type"], shown["template"]) == (ASHA, "template", "goa_monsoon_offer")
    assert shown["biz_opaque_callback_data"] == "m:9"
    assert abs(shown["accepted_at"] - time.time()) < 5


def test_it_finds_messages_by_number_template_and_time(sandbox: Sandbox) -> None:
    for n in range(3):
        sandbox.send(offer(to=f"91980000000{n}"))
        time.sleep(0.003)  # times are told in milliseconds; two of the same one would both be "since"
    sandbox.send(template("visa_update", {"type": "body", "parameters": text("A", "B", "C")}))
    since = sandbox.accepted()[2]["accepted_at"]

    def total(**params: Any) -> int:
        return sandbox.control("GET", "messages", **params).json()["total"]

    assert total() == 4
    assert total(to="+919800000001") == total(to="919800000001") == 1
    assert total(to="+919999999999") == 0
    assert total(template="visa_update") == 1
    assert total(since=since) == 2
    assert total(since="2020-01-01T00:00:00Z") == 4
    assert [one["to"] for one in sandbox.accepted(limit=2, offset=1)] == ["919800000001", "919800000002"]


@pytest.mark.parametrize("params", [{"limit": "x"}, {"limit": 10_001}, {"offset": -1}, {"since": "yesterday"}])
def test_it_refuses_a_bad_question(sandbox: Sandbox, params: dict[str, Any]) -> None:
    answer = sandbox.control("GET", "messages", **params)
    assert answer.status_code == 400
    assert next(iter(params)) in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"latency": 5}, "latency"),
        ({"latency_ms": "5"}, "latency_ms"),
        ({"latency_ms": -1}, "latency_ms"),
        ({"latency_ms": True}, "latency_ms"),
        ({"messaging_limit": 1.5}, "messaging_limit"),
        ({"token_expired": 1}, "token_expired"),
        ({"faults": 5}, "faults"),
        ({"faults": {"hang_rate": 1.1}}, "faults.hang_rate"),
        ({"statuses": {"speed": 1}}, "statuses.speed"),
        ({"webhooks": {"batch_size": 0}}, "webhooks.batch_size"),
        ({"webhooks": {"url": "example.in"}}, "webhooks.url"),
        ([], "body"),
    ],
)
def test_it_refuses_a_bad_config_and_changes_nothing(sandbox: Sandbox, changes: Any, named: str) -> None:
    before = sandbox.control("GET", "config").json()
    good_and_bad = {"pair_rate": 3} | changes if isinstance(changes, dict) else changes
    answer = sandbox.control("PUT", "config", good_and_bad)
    assert answer.status_code == 400
    assert named in answer.json()["error"]["message"]
    assert sandbox.control("GET", "config").json() == before


def test_it_merges_a_partial_config(sandbox: Sandbox) -> None:
    before = sandbox.control("GET", "config").json()
    after = sandbox.control("PUT", "config", {"faults": {"hang_rate": 0.5}}).json()
    assert after == before | {"faults": before["faults"] | {"hang_rate": 0.5}}


def test_it_refuses_a_number_that_is_none(sandbox: Sandbox) -> None:
    for word in ("NaN", "Infinity"):
        body = f'{{"latency_ms": 1, "messaging_limit": {word}}}'
        assert requests.put(f"{sandbox.url}/__sandbox__/config", data=body, timeout=5).status_code == 400


def test_it_says_when_a_body_is_no_json(sandbox: Sandbox) -> None:
    answer = requests.post(f"{sandbox.url}/__sandbox__/inbound", data="{", timeout=5)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "The body must be JSON.")
    assert sandbox.control("GET", "nothing").status_code == 400


def test_it_lets_a_customer_write(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.control("POST", "inbound", {"from": "+91 98123 45678", "name": "Asha", "text": {"body": "Hi"}})
    await_true(lambda: receiver.messages())
    (value,) = receiver.posts[0].values()
    (message,) = value["messages"]
    assert (message["from"], message["type"], message["text"]) == (ASHA, "text", {"body": "Hi"})
    assert value["contacts"] == [{"profile": {"name": "Asha"}, "wa_id": ASHA, "user_id": message["from_user_id"]}]


def test_it_lets_a_customer_without_a_number_write(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.control("POST", "inbound", {"user_id": "IN.abc", "text": {"body": "Hi"}})
    await_true(lambda: receiver.messages())
    (value,) = receiver.posts[0].values()
    assert "from" not in value["messages"][0]
    assert "wa_id" not in value["contacts"][0]
    assert value["messages"][0]["from_user_id"] == "IN.abc"


@pytest.mark.parametrize(
    "act", [{}, {"from": "x", "text": "Hi"}, {"from": ASHA}, {"from": ASHA, "type": "song"}, {"from": ASHA, "text": ""}]
)
def test_it_refuses_an_act_that_is_none(sandbox: Sandbox, act: dict[str, Any]) -> None:
    answer = sandbox.control("POST", "inbound", act)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].endswith(".")


def test_it_posts_an_account_event(sandbox: Sandbox, receiver: Receiver) -> None:
    value = {"event": "ACCOUNT_RESTRICTION", "restriction_info": []}
    sandbox.control("POST", "event", {"field": "account_update", "value": value})
    await_true(lambda: receiver.posts)
    (entry,) = receiver.posts[0].body["entry"]
    assert entry["changes"] == [{"field": "account_update", "value": value}]
    assert entry["time"]
    assert sandbox.control("POST", "event", {"field": "account_update"}).status_code == 400


def test_it_forgets_everything(sandbox: Sandbox) -> None:
    sandbox.send(offer())
    sandbox.send({"to": "x"})
    sandbox.graph("DELETE", "200000000000001/message_templates", params={"name": "welcome_offer"})
    sandbox.control("POST", "reset")
    state = sandbox.state()
    assert (state["accepted"], state["rejected"], state["pending"], state["templates"]) == (0, 0, 0, 11)
    assert sandbox.control("GET", "config").json()["latency_ms"] == 50
