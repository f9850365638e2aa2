"""POST /messages: what is accepted, what is refused and with which of Meta's codes."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest
import requests

from .programs import ASHA, PHONE, SECRET, Sandbox, offer, template, text

IMAGE = {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://example.in/a.jpg"}}]}
SUFFIX = {"type": "button", "sub_type": "url", "index": "0", "parameters": text("r/1")}

YES = {"type": "reply", "reply": {"id": "1", "title": "Yes"}}


def named(**values: str) -> dict[str, Any]:
    parameters = [{"type": "text", "parameter_name": name, "text": word} for name, word in values.items()]
    return {"type": "body", "parameters": parameters}


def body(*words: str) -> dict[str, Any]:
    return {"type": "body", "parameters": text(*words)}


DIWALI = named(first_name="Asha", destination="Jaipur")

ACCEPTED = [
    offer(),
    offer(to="+91 98123-45678"),
    template("diwali_getaways", IMAGE, DIWALI, SUFFIX),
    template("diwali_getaways", IMAGE | {"type": "HEADER"}, DIWALI | {"type": "BODY"}, SUFFIX | {"sub_type": "URL"}),
    template("payment_reminder", {"type": "header", "parameters": text("SH-1")}, body("A", "B", "C")),
    template("welcome_offer", body("सुनीता"), language="hi"),
    template("visa_update", body("A", "B", "C")),
]

REFUSED = [
    (131008, 400, {"type": "template", "template": {}}),
    (131008, 400, {"to": ASHA, "type": "template"}),
    (131008, 400, {"to": ASHA, "type": "template", "template": {"name": "x"}}),
    (131009, 400, offer(to="not-a-number")),
    (131009, 400, offer(to="12345")),
    (131009, 400, offer(to="") | {"recipient": "no user id"}),
    (131021, 400, offer(to="912269001234")),
    (132001, 404, template("no_such_template")),
    (132001, 404, template("goa_monsoon_offer", language="fr")),
    (132001, 404, template("kerala_backwaters")),  # pending
    (132001, 404, template("lucky_draw")),  # rejected
    (132015, 400, template("last_minute_deals")),  # paused
    (132000, 400, template("goa_monsoon_offer", body("Asha"))),
    (132000, 400, template("goa_monsoon_offer")),
    (132000, 400, template("visa_update", {"type": "header", "parameters": text("x")}, body("A", "B", "C"))),
    (132005, 400, template("goa_monsoon_offer", body("Asha", "x" * 1000))),
    (132005, 400, template("payment_reminder", {"type": "header", "parameters": text("x" * 60)}, body("A", "B", "C"))),
    (132012, 400, template("diwali_getaways", DIWALI, SUFFIX)),
    (132012, 400, template("diwali_getaways", {"type": "header", "parameters": text("x")}, DIWALI, SUFFIX)),
    (132012, 400, template("diwali_getaways", IMAGE, named(first_name="A", city="B"), SUFFIX)),
    (132012, 400, template("diwali_getaways", IMAGE, body("A", "B"), SUFFIX)),
    (132012, 400, template("goa_monsoon_offer", named(**{"1": "A", "2": "B"}))),
    (132012, 400, template("goa_monsoon_offer", {"type": "body", "parameters": [{"type": "image"}] * 2})),
    (132012, 400, offer() | {"template": offer()["template"] | {"components": [body("A", "B"), SUFFIX]}}),
    (131008, 400, template("diwali_getaways", IMAGE, DIWALI)),  # the URL's suffix is missing
    (131008, 400, template("goa_monsoon_offer", body("Asha", ""))),
    (132018, 400, template("goa_monsoon_offer", body("Asha", "Pune\nMumbai"))),
    (100, 400, template("goa_monsoon_offer", {"type": "tail"})),
    (100, 400, template("goa_monsoon_offer") | {"template": {"name": "x", "language": {"code": "en"}}, "type": "song"}),
    (100, 400, offer() | {"messaging_product": "telegram"}),
    (100, 400, offer(biz_opaque_callback_data="x" * 513)),
    (131047, 400, {"to": ASHA, "type": "text", "text": {"body": "Hello"}}),
    (131008, 400, {"to": ASHA, "type": "text", "text": {}}),
    (131009, 400, {"to": ASHA, "type": "text", "text": {"body": "x" * 4097}}),
    (100, 400, {"to": ASHA, "type": "image", "image": {"id": "1"}}),
    (131009, 400, {"to": ASHA, "type": "interactive", "interactive": {"header": "x", "action": {}}}),
    (131008, 400, {"to": ASHA, "type": "interactive", "interactive": {"type": "list", "body": {"text": "x"}}}),
    (130472, 400, offer(to="919812130472")),
    (131056, 400, offer(to="919812131056")),
]


@pytest.mark.parametrize("sent", ACCEPTED)
def test_it_accepts_what_fills_its_template(sandbox: Sandbox, sent: dict[str, Any]) -> None:
    answer = sandbox.send(sent)
    assert answer.status_code == 200, answer.text
    message = answer.json()["messages"][0]
    assert message["id"].startswith("wamid.")
    assert message["message_status"] == "accepted"
    assert answer.json()["contacts"] == [{"input": sent["to"], "wa_id": ASHA}]


@pytest.mark.parametrize(("code", "status", "sent"), REFUSED)
def test_it_refuses_with_metas_code(sandbox: Sandbox, code: int, status: int, sent: dict[str, Any]) -> None:
    answer = sandbox.send(sent)
    error = answer.json()["error"]
    assert (error["code"], answer.status_code) == (code, status), error
    assert error["fbtrace_id"]
    assert error["error_data"]["details"]
    assert sandbox.state()["rejected_by_code"] == {str(code): 1}
    assert sandbox.state()["accepted"] == 0


def test_it_refuses_a_disabled_template(sandbox: Sandbox) -> None:
    value = {"event": "DISABLED", "message_template_name": "goa_monsoon_offer", "message_template_language": "en"}
    sandbox.control("POST", "event", {"field": "message_template_status_update", "value": value})
    assert sandbox.send(offer()).json()["error"]["code"] == 132016


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text", {"body": "Hello"}),
        ("image", {"link": "https://example.in/a.jpg", "caption": "Look"}),
        ("location", {"latitude": 19.0, "longitude": 72.8}),
        ("interactive", {"type": "button", "body": {"text": "Ready?"}, "action": {"buttons": [YES]}}),
    ],
)
def test_it_takes_free_form_inside_the_window(sandbox: Sandbox, kind: str, content: dict[str, Any]) -> None:
    sandbox.control("POST", "inbound", {"from": f"+{ASHA}", "type": "text", "text": {"body": "Hi"}})
    answer = sandbox.send({"to": ASHA, "type": kind, kind: content})
    assert answer.status_code == 200, answer.text
    assert "message_status" not in answer.json()["messages"][0]


def test_it_takes_a_user_id_for_a_recipient(sandbox: Sandbox) -> None:
    who = sandbox.control("POST", "inbound", {"from": ASHA, "text": "Hi"}).json()["user_id"]
    sent = offer() | {"recipient": who}
    del sent["to"]
    assert sandbox.send(sent).json()["contacts"] == [{"input": who, "user_id": who}]
    (message,) = sandbox.accepted(to=ASHA)
    assert (message["to"], message["recipient"]) == (ASHA, who)


def test_it_marks_an_inbound_message_as_read(sandbox: Sandbox) -> None:
    wamid = sandbox.control("POST", "inbound", {"from": ASHA, "text": "Hi"}).json()["id"]
    assert sandbox.send({"status": "read", "message_id": wamid}).json() == {"success": True}
    assert sandbox.send({"status": "read", "message_id": "wamid.X"}).json()["error"]["code"] == 131009


def test_it_finds_the_token_in_header_query_and_form(sandbox: Sandbox) -> None:
    url = f"{sandbox.url}/{PHONE}"
    assert requests.get(url, timeout=5).json()["error"]["code"] == 190
    assert requests.get(url, timeout=5).status_code == 401
    assert requests.get(url, params={"access_token": "t"}, timeout=5).ok
    assert requests.get(url, headers={"Authorization": "OAuth t"}, timeout=5).ok
    sent = {"access_token": "t", "messaging_product": "whatsapp", "to": ASHA, "type": "template"}
    form = sent | {"template": '{"name":"visa_update","language":{"code":"en"}}'}
    assert requests.post(f"{url}/messages", data=form, timeout=5).json()["error"]["code"] == 132000
    parts = {name: (None, value) for name, value in form.items()}
    assert requests.post(f"{url}/messages", files=parts, timeout=5).json()["error"]["code"] == 132000


def test_it_refuses_every_token_once_tokens_are_expired(sandbox: Sandbox) -> None:
    sandbox.tune(token_expired=True)
    assert sandbox.send(offer()).json()["error"]["code"] == 190


def test_it_checks_the_proof_of_the_app_secret_when_there_is_one(sandbox: Sandbox) -> None:
    proof = hmac.new(SECRET.encode(), b"sandbox-token", hashlib.sha256).hexdigest()
    assert sandbox.graph("GET", PHONE, params={"appsecret_proof": proof}).ok
    assert sandbox.graph("GET", PHONE, params={"appsecret_proof": "0" * 64}).json()["error"]["code"] == 100


@pytest.mark.parametrize("broken", [b"{", b"[]", b"\xff\xfe", b'"x"', b"[" * 100_000])
def test_it_answers_a_broken_body_in_metas_envelope(sandbox: Sandbox, broken: bytes) -> None:
    answer = sandbox.graph("POST", f"{PHONE}/messages", data=broken, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


def test_it_refuses_above_the_throughput(sandbox: Sandbox) -> None:
    sandbox.tune(throughput_mps=5)
    codes = [sandbox.send(offer(to=f"9198000000{n:02}")).status_code for n in range(12)]
    assert codes[:5] == [200] * 5
    assert 429 in codes
    assert set(sandbox.state()["rejected_by_code"]) == {"130429"}


def test_it_refuses_above_the_pair_rate(sandbox: Sandbox) -> None:
    sandbox.tune(pair_rate=6)
    codes = [sandbox.send(offer()).status_code for _ in range(46)]
    assert codes == [200] * 45 + [400]
    assert sandbox.send(offer(to="919800000001")).ok


def test_it_refuses_new_customers_above_the_messaging_limit(sandbox: Sandbox) -> None:
    sandbox.tune(messaging_limit=2)
    sandbox.control("POST", "inbound", {"from": "919800000009", "text": "Hi"})
    assert sandbox.send(offer(to="919800000009")).ok  # inside the window: does not count
    assert [sandbox.send(offer(to=f"91980000000{n}")).ok for n in (1, 2, 1)] == [True] * 3
    assert sandbox.send(offer(to="919800000003")).json()["error"]["code"] == 131048
    assert sandbox.state()["unique_customers_24h"] == 2
