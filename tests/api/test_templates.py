"""A message template submitted by a program."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.channels.models import Channel
from app.extensions import db
from app.message_templates.models import MessageTemplate
from tests.api.conftest import Caller
from tests.sandboxes import Sandbox

BODY = {"type": "BODY", "text": "Our shop is open again, come in."}
NEW: dict[str, Any] = {"name": "open_again", "language": "en", "category": "MARKETING", "components": [BODY]}


def test_it_is_submitted(api: Caller, channel: Channel, sandbox: Sandbox) -> None:
    answer = api.post("/templates", NEW)
    assert answer.status_code == 201
    assert (answer.json["name"], answer.json["status"]) == ("open_again", "PENDING")
    assert sandbox.graph("GET", f"{channel.waba_id}/message_templates?name=open_again")["data"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "Open Again"}, "name"),
        ({"components": [{"type": "BODY", "text": "{{1}}"}]}, "body.text"),
        ({"components": ["nothing", 7]}, "body.text"),
        ({"components": [{**BODY, "text": "\x00"}]}, "body.text"),
        ({"category": "FUN"}, "category"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_it_keeps_metas_rules(api: Caller, channel: Channel, changes: dict[str, Any], field: str) -> None:
    answer = api.post("/templates", NEW | changes)
    assert answer.status_code == 422
    assert field in answer.json["error"]["fields"]
    assert db.session.scalar(select(MessageTemplate)) is None


def test_its_refusal_leaves_nothing_behind(api: Caller, channel: Channel, sandbox: Sandbox) -> None:
    sandbox.graph("POST", f"{channel.waba_id}/message_templates", **NEW)
    answer = api.post("/templates", NEW)
    assert answer.status_code == 502
    assert answer.json["error"]["code"] == "meta_refused"
    assert db.session.scalar(select(MessageTemplate)) is None
