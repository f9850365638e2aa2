"""What a customer can send: every type Meta delivers, in Meta's shape or shorter."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from .programs import ASHA, Receiver, Sandbox, await_true, offer, template, text


def written(sandbox: Sandbox, receiver: Receiver, act: dict[str, Any]) -> dict[str, Any]:
    """The item of Meta's `messages[]` an act of Asha leads to."""
    before = len(receiver.messages())
    answer = sandbox.control("POST", "inbound", {"from": ASHA} | act)
    assert answer.ok, answer.text
    await_true(lambda: len(receiver.messages()) > before)
    return receiver.messages()[-1]


@pytest.mark.parametrize(
    ("kind", "mime_type"),
    [
        ("image", "image/jpeg"),
        ("video", "video/mp4"),
        ("audio", "audio/mpeg"),
        ("document", "application/pdf"),
        ("sticker", "image/webp"),
    ],
)
def test_it_sends_a_sample_that_can_be_downloaded(
    sandbox: Sandbox, receiver: Receiver, kind: str, mime_type: str
) -> None:
    media = written(sandbox, receiver, {"type": kind})[kind]
    node = sandbox.graph("GET", media["id"]).json()
    content = sandbox.http.get(node["url"], timeout=5).content
    assert media["mime_type"] == node["mime_type"] == mime_type
    assert base64.b64decode(media["sha256"]) == hashlib.sha256(content).digest()
    assert len(content) == node["file_size"] > 500


def test_it_sends_a_voice_note_and_captions(sandbox: Sandbox, receiver: Receiver) -> None:
    voice = written(sandbox, receiver, {"type": "audio", "audio": {"voice": True}})["audio"]
    assert (voice["voice"], voice["mime_type"]) == (True, "audio/ogg; codecs=opus")
    assert written(sandbox, receiver, {"type": "image", "image": "Look"})["image"]["caption"] == "Look"
    assert written(sandbox, receiver, {"type": "document"})["document"]["filename"] == "document.pdf"
    given = {"id": "123", "mime_type": "image/png", "sha256": "x"}
    assert written(sandbox, receiver, {"type": "image", "image": given})["image"] == given


def test_it_sends_places_and_contacts(sandbox: Sandbox, receiver: Receiver) -> None:
    place = written(sandbox, receiver, {"type": "location", "location": {"latitude": 19.0, "longitude": 72.8}})
    assert place["location"] == {"latitude": 19.0, "longitude": 72.8}
    card = {"name": "Ravi Kumar", "phone": "+91 98200 11122"}
    (contact,) = written(sandbox, receiver, {"type": "contacts", "contacts": card})["contacts"]
    assert contact["name"] == {"formatted_name": "Ravi Kumar", "first_name": "Ravi"}
    assert contact["phones"][0]["wa_id"] == "919820011122"


def test_it_reacts_and_takes_the_reaction_back(sandbox: Sandbox, receiver: Receiver) -> None:
    wamid = sandbox.send(offer()).json()["messages"][0]["id"]
    assert written(sandbox, receiver, {"type": "reaction", "reaction": "👍"})["reaction"] == {
        "message_id": wamid,
        "emoji": "👍",
    }
    taken = written(sandbox, receiver, {"type": "reaction", "reaction": {"message_id": wamid, "emoji": ""}})
    assert taken["reaction"] == {"message_id": wamid}


def test_it_answers_a_message_with_context(sandbox: Sandbox, receiver: Receiver) -> None:
    wamid = sandbox.send(offer()).json()["messages"][0]["id"]
    context = written(sandbox, receiver, {"text": "Yes", "context": wamid})["context"]
    assert context == {"from": "912269001234", "id": wamid}
    whole = {"from": "912269001234", "id": "wamid.X", "forwarded": True}
    assert written(sandbox, receiver, {"text": "Yes", "context": whole})["context"] == whole


def test_it_taps_a_quick_reply_by_its_title(sandbox: Sandbox, receiver: Receiver) -> None:
    body = {"type": "body", "parameters": text("Asha", "Pune")}
    stop = {"type": "button", "sub_type": "quick_reply", "index": "1"}
    stop |= {"parameters": [{"type": "payload", "payload": "STOP_c42"}]}
    wamid = sandbox.send(template("goa_monsoon_offer", body, stop)).json()["messages"][0]["id"]
    tapped = written(sandbox, receiver, {"type": "button", "button": "Stop offers"})
    assert tapped["button"] == {"payload": "STOP_c42", "text": "Stop offers"}
    assert tapped["context"]["id"] == wamid
    lost = written(sandbox, receiver, {"type": "button", "button": "Stop offers", "context": False})
    assert "context" not in lost


def test_it_answers_lists_and_flows(sandbox: Sandbox, receiver: Receiver) -> None:
    row = {"id": "goa", "title": "Goa", "description": "Sea"}
    assert written(sandbox, receiver, {"type": "interactive", "interactive": {"list_reply": row}})["interactive"] == {
        "type": "list_reply",
        "list_reply": row,
    }
    form = {"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": "{}"}}
    assert written(sandbox, receiver, {"type": "interactive", "interactive": form})["interactive"] == form


def test_it_orders_at_the_catalogs_price(sandbox: Sandbox, receiver: Receiver) -> None:
    items = [{"product_retailer_id": "GOA-5N", "quantity": 2}, {"product_retailer_id": "UNKNOWN"}]
    order = written(sandbox, receiver, {"type": "order", "order": {"product_items": items, "text": "gift"}})["order"]
    assert (order["catalog_id"], order["text"]) == ("900000000000001", "gift")
    assert [(one["quantity"], one["item_price"], one["currency"]) for one in order["product_items"]] == [
        (2, 12499, "INR"),
        (1, 499, "INR"),
    ]


def test_it_edits_and_deletes_its_own_words(sandbox: Sandbox, receiver: Receiver) -> None:
    wamid = written(sandbox, receiver, {"text": "Helo"})["id"]
    edit = written(sandbox, receiver, {"type": "edit", "edit": "Hello"})["edit"]
    assert edit == {"original_message_id": wamid, "message": {"type": "text", "text": {"body": "Hello"}}}
    assert written(sandbox, receiver, {"type": "revoke"})["revoke"] == {"original_message_id": wamid}


def test_it_sends_what_nobody_can_read_and_comes_from_an_ad(sandbox: Sandbox, receiver: Receiver) -> None:
    odd = written(sandbox, receiver, {"type": "unsupported"})
    assert (odd["unsupported"], odd["errors"][0]["code"]) == ({"type": "unknown"}, 131051)
    assert written(sandbox, receiver, {"text": "Hi", "referral": True})["referral"]["source_type"] == "ad"


@pytest.mark.parametrize(
    ("act", "named"),
    [
        ({"type": "reaction", "reaction": "👍"}, "no message yet"),
        ({"type": "reaction"}, "reaction"),
        ({"type": "location", "location": {"latitude": "x", "longitude": 1}}, "location.latitude"),
        ({"type": "contacts", "contacts": [5]}, "contacts"),
        ({"type": "button", "button": "Buy"}, "'Buy'"),
        ({"type": "button", "button": {}}, "button"),
        ({"type": "interactive", "interactive": {"type": "x"}}, "interactive"),
        ({"type": "order", "order": {}}, "product_items"),
        ({"type": "order", "order": {"product_items": [{"quantity": 1}]}}, "product_retailer_id"),
        ({"type": "order", "order": {"product_items": [{"product_retailer_id": "A", "quantity": 0}]}}, "quantity"),
        ({"type": "edit", "edit": {}}, "edit"),
        ({"type": "revoke"}, "no message yet"),
        ({"type": "system", "system": {"type": "x"}}, "system.type"),
        ({"type": "image", "image": 5}, "image"),
        ({"text": "Hi", "context": 5}, "context"),
        ({"text": "Hi", "referral": 5}, "referral"),
        ({"type": ["x"]}, "type"),
    ],
)
def test_it_says_what_is_wrong_with_an_act(sandbox: Sandbox, act: dict[str, Any], named: str) -> None:
    answer = sandbox.control("POST", "inbound", {"from": "919812300099"} | act)
    assert answer.status_code == 400, answer.text
    assert named in answer.json()["error"]["message"]
    assert sandbox.state()["inbound"] == 0
