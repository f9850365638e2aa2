"""Templates' definitions: what Meta refuses at creation, editing, deleting; the known bodies it takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sandboxes import ROOT

from .programs import ACCOUNT, Receiver, Sandbox, await_true

CORPUS = ROOT.parent / "shared" / "corpora" / "pywa" / "templates"
APP = "400000000000001"
TEXT = {"type": "BODY", "text": "Hello and welcome."}
BODY = {"type": "BODY", "text": "Hello {{1}}, how are you?", "example": {"body_text": [["Asha"]]}}
NEW = {"name": "new_year", "language": "en", "category": "MARKETING", "components": [BODY]}


def create(sandbox: Sandbox, **change: Any) -> dict[str, Any]:
    return sandbox.graph("POST", f"{ACCOUNT}/message_templates", json=NEW | change).json()


def subcode(sandbox: Sandbox, **change: Any) -> int | None:
    return create(sandbox, **change)["error"].get("error_subcode")


def buttons(*kinds: dict[str, Any]) -> list[dict[str, Any]]:
    return [TEXT, {"type": "BUTTONS", "buttons": list(kinds)}]


def reply(label: str = "Yes") -> dict[str, Any]:
    return {"type": "QUICK_REPLY", "text": label}


URL = {"type": "URL", "text": "Shop", "url": "https://example.in/p/{{1}}", "example": ["https://example.in/p/1"]}


def known_bodies() -> list[Any]:
    if not CORPUS.is_dir():
        return [pytest.param({}, marks=pytest.mark.skip(reason="the collected templates are not here"))]
    files = sorted(Path(CORPUS).glob("*.json"))
    return [pytest.param(body, id=name) for file in files for name, body in json.loads(file.read_text()).items()]


@pytest.mark.parametrize("body", known_bodies())
def test_it_takes_the_known_bodies(sandbox: Sandbox, body: dict[str, Any]) -> None:
    made = create(sandbox, **body)
    assert made.get("status") == "PENDING", made


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"components": [BODY | {"text": "Hello {{1}}"}]}, 2388299),
        ({"components": [BODY | {"text": "Hi {{1}} now.", "example": {"body_text": [["A"]]}}]}, 2388293),
        ({"components": [{"type": "HEADER", "format": "TEXT", "text": "x" * 61}, TEXT]}, 2388040),
        ({"components": [{"type": "HEADER", "format": "TEXT", "text": "{{1}} {{2}}"}, TEXT]}, 2388047),
        ({"components": [{"type": "HEADER", "format": "IMAGE"}, TEXT]}, 2388047),
        ({"components": [TEXT, {"type": "FOOTER", "text": "x" * 61}]}, 2388040),
        ({"components": buttons(reply("x" * 26))}, 2388040),
        ({"components": [BODY | {"example": {"body_text": [["Asha", "one too many"]]}}]}, 2388072),
    ],
)
def test_it_names_the_reason_by_subcode(sandbox: Sandbox, change: dict[str, Any], wanted: int) -> None:
    error = create(sandbox, **change)["error"]
    assert error.get("error_subcode") == wanted, error
    assert error["error_user_title"]
    assert error["error_user_msg"]


@pytest.mark.parametrize(
    "components",
    [
        buttons(*[reply(str(number)) for number in range(11)]),
        buttons(URL, URL, URL),
        buttons(reply("A"), URL, reply("B")),
        buttons(URL | {"example": []}),
        buttons(URL | {"url": "https://example.in/{{1}}/p"}),
        buttons({"type": "PHONE_NUMBER", "text": "Call", "phone_number": "no"}),
        buttons({"type": "COPY_CODE", "example": "x" * 21}),
        buttons({"type": "DANCE", "text": "Now"}),
        [TEXT, {"type": "CAROUSEL", "cards": [{"components": []}]}],
        [TEXT, TEXT],
        [BODY | {"text": 5}],
    ],
)
def test_it_refuses_components_that_cannot_be(sandbox: Sandbox, components: list[dict[str, Any]]) -> None:
    assert create(sandbox, components=components)["error"]["code"] == 100


def test_it_takes_named_variables_with_examples(sandbox: Sandbox) -> None:
    example = {"body_text_named_params": [{"param_name": "first_name", "example": "Asha"}]}
    body = {"type": "BODY", "text": "Hello {{first_name}}, how are you?", "example": example}
    assert create(sandbox, parameter_format="NAMED", components=[body])["status"] == "PENDING"
    assert subcode(sandbox, name="other", parameter_format="POSITIONAL", components=[body]) == 2388072


def test_it_gives_a_handle_for_a_sample_and_checks_it(sandbox: Sandbox) -> None:
    params = {"file_name": "a.png", "file_length": 7, "file_type": "image/png"}
    session = sandbox.graph("POST", f"{APP}/uploads", params=params).json()["id"]
    sandbox.graph("POST", session, data=b"pic", headers={"file_offset": "0"})
    assert sandbox.graph("GET", session).json()["file_offset"] == 3
    handle = sandbox.graph("POST", session, data=b"ture", headers={"file_offset": "3"}).json()["h"]
    header = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [handle]}}
    assert create(sandbox, components=[header, TEXT])["status"] == "PENDING"
    assert subcode(sandbox, name="film", components=[header | {"format": "VIDEO"}, TEXT]) == 2494102
    header["example"] = {"header_handle": ["https://example.in/a.png"]}
    assert subcode(sandbox, name="link", components=[header, TEXT]) == 2494102


def test_it_limits_the_number_of_templates(sandbox: Sandbox) -> None:
    sandbox.tune(management={"most_templates": 11})
    assert subcode(sandbox) == 2388019


def test_it_blocks_the_name_of_a_deleted_template(sandbox: Sandbox) -> None:
    sandbox.graph("DELETE", f"{ACCOUNT}/message_templates", params={"name": "visa_update"})
    assert subcode(sandbox, name="visa_update") == 2388023
    assert "id" in create(sandbox, name="visa_update", language="hi")


def test_it_edits_an_approved_template_once_a_day(sandbox: Sandbox) -> None:
    sandbox.tune(reviews={"template_ms": 0})
    made = create(sandbox)["id"]
    await_true(lambda: sandbox.graph("GET", made).json()["status"] == "APPROVED")
    assert sandbox.graph("POST", made, json={"components": [TEXT]}).ok
    await_true(lambda: sandbox.graph("GET", made).json()["status"] == "APPROVED")
    again = sandbox.graph("POST", made, json={"components": [BODY]})
    assert again.json()["error"]["error_subcode"] == 2388039


def test_it_unpauses_a_paused_template(sandbox: Sandbox, receiver: Receiver) -> None:
    (paused,) = sandbox.graph("GET", f"{ACCOUNT}/message_templates", params={"status": "PAUSED"}).json()["data"]
    assert sandbox.graph("POST", f"{paused['id']}/unpause").json() == {"success": True}
    await_true(lambda: receiver.posts)
    (value,) = receiver.posts[0].values()
    assert (value["event"], value["other_info"]["title"]) == ("APPROVED", "UNPAUSE")
    assert sandbox.graph("POST", f"{paused['id']}/unpause").status_code == 400
