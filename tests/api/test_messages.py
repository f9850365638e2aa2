"""One message to one person, against the sandbox."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.messaging.models import Message, MessageState
from app.shared import clock
from tests import factories
from tests.api.conftest import Caller
from tests.sandboxes import Sandbox

ASHA = "+919812345678"


def asked(recipient: str = ASHA, **fields: Any) -> dict[str, Any]:
    return {
        "template_name": "goa_monsoon_offer",
        "recipient": recipient,
        "variables": {"1": "Asha", "body.2": "Goa"},
    } | fields


@pytest.fixture
def asha(template: MessageTemplate) -> None:
    factories.make_customer(phone=ASHA)
    db.session.commit()


def message() -> Message:
    db.session.expire_all()
    return db.session.query(Message).one()


def test_it_sends_and_says_which_message(api: Caller, sandbox: Sandbox, asha: None) -> None:
    answer = api.post("/send-template", asked("098123 45678"))
    assert answer.status_code == 200, answer.text
    assert answer.json == {"success": True, "message_id": str(message().public_id), "recipient": ASHA}
    sent = sandbox.control("GET", "messages")["messages"]
    parameters = sent[0]["payload"]["template"]["components"][0]["parameters"]
    assert [parameter["text"] for parameter in parameters] == ["Asha", "Goa"]
    assert message().state is MessageState.ACCEPTED
    assert message().body == "Hi Asha, monsoon fares to Goa are open. Reply to book."


def test_what_meta_refuses_is_told_with_its_code(api: Caller, sandbox: Sandbox, template: MessageTemplate) -> None:
    factories.make_customer(phone="+919812131056")
    db.session.commit()
    answer = api.post("/send-template", asked("+919812131056"))
    assert (answer.status_code, answer.json["success"]) == (502, False), answer.text
    assert answer.json["error"]["meta_code"] == 131056
    assert answer.json["error"]["message"]
    assert message().state is MessageState.FAILED


def test_an_answer_that_never_came_is_unconfirmed(api: Caller, sandbox: Sandbox, asha: None) -> None:
    sandbox.control("PUT", "config", faults={"accept_then_drop_rate": 1.0})
    answer = api.post("/send-template", asked())
    sandbox.control("PUT", "config", faults={"accept_then_drop_rate": 0.0})
    assert (answer.status_code, answer.json["success"], answer.json["status"]) == (202, None, "unconfirmed")
    assert message().state is MessageState.UNCONFIRMED


def test_it_keeps_the_gate_and_the_limit(
    api: Caller, app: Flask, sandbox: Sandbox, asha: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.make_customer(phone="+919812345670", marketing_opt_in=False, marketing_opt_out_at=clock.now())
    db.session.commit()
    for recipient, words in (("+919812345670", "opted out"), ("+919812345671", "not agreed")):
        answer = api.post("/send-template", asked(recipient))
        assert (answer.status_code, words in answer.json["error"]["message"]) == (409, True), answer.text
    settings = dataclasses.replace(app.extensions["bulbul_config"], daily_limit=0)
    monkeypatch.setitem(app.extensions, "bulbul_config", settings)
    assert "limit" in api.post("/send-template", asked()).json["error"]["message"]
    assert db.session.query(Message).count() == 0


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"recipient": "12"}, "recipient"),
        ({"template_name": "nobody_knows"}, "template_name"),
        ({"variables": {"1": "Asha"}}, "variables"),
        ({"variables": {"9": "x"}}, "variables.9"),
        ({"variables": {"1": {"source": "text"}}}, "variables.1"),
        ({"variables": "x"}, "variables"),
    ],
)
def test_it_refuses_at_the_field(api: Caller, asha: None, fields: dict[str, Any], field: str) -> None:
    answer = api.post("/send-template", asked(**fields))
    assert answer.status_code == 422, answer.text
    assert any(name.startswith(field) for name in answer.json["error"]["fields"])
