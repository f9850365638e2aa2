"""The nodes around messages: numbers, account, templates with paging, media, tokens."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from .programs import ACCOUNT, PHONE, SECRET, Receiver, Sandbox, await_true

BODY = {"type": "BODY", "text": "Hello {{1}}, how are you?", "example": {"body_text": [["Asha"]]}}
NEW = {"name": "new_year", "language": "en", "category": "MARKETING", "components": [BODY]}


def names(sandbox: Sandbox, **params: Any) -> list[str]:
    found = sandbox.graph("GET", f"{ACCOUNT}/message_templates", params=params).json()["data"]
    return [one["name"] for one in found]


def test_it_shows_the_asked_fields_of_a_number(sandbox: Sandbox) -> None:
    fields = (
        "id,display_phone_number,verified_name,quality_rating,status,name_status,throughput{level},"
        "whatsapp_business_manager_messaging_limit,health_status"
    )
    sandbox.tune(messaging_limit=2000)
    phone = sandbox.graph("GET", PHONE, params={"fields": fields}).json()
    assert (phone["id"], phone["status"], phone["throughput"]) == (PHONE, "CONNECTED", {"level": "STANDARD"})
    assert phone["whatsapp_business_manager_messaging_limit"] == "TIER_2K"
    assert phone["health_status"]["can_send_message"] == "AVAILABLE"
    assert sandbox.graph("GET", PHONE, params={"fields": "shoe_size"}).json()["error"]["code"] == 100


def test_it_lists_the_numbers_of_the_account(sandbox: Sandbox) -> None:
    (phone,) = sandbox.graph("GET", f"{ACCOUNT}/phone_numbers", params={"fields": "verified_name"}).json()["data"]
    assert phone == {"verified_name": "Sahyadri Holidays", "id": PHONE}


def test_it_shows_the_account_and_what_a_token_may_do(sandbox: Sandbox) -> None:
    account = sandbox.graph("GET", ACCOUNT, params={"fields": "id,name,currency"}).json()
    assert account == {"id": ACCOUNT, "name": "Sahyadri Holidays", "currency": "INR"}
    token = sandbox.graph("GET", "debug_token", params={"input_token": "x"}).json()["data"]
    assert token["is_valid"]
    assert "whatsapp_business_messaging" in token["scopes"]


@pytest.mark.parametrize(
    ("method", "path", "code", "status"),
    [
        ("GET", "12345", 100, 400),
        ("GET", f"{PHONE}/shoes", 2500, 400),
        ("DELETE", PHONE, 100, 400),
        ("GET", "a/b/c", 2500, 400),
    ],
)
def test_it_answers_an_unknown_path_in_metas_envelope(
    sandbox: Sandbox, method: str, path: str, code: int, status: int
) -> None:
    answer = sandbox.graph(method, path)
    assert (answer.json()["error"]["code"], answer.status_code) == (code, status)


def test_it_takes_any_version_and_none(sandbox: Sandbox) -> None:
    versions = {}
    for version in ("v18.0", "v23.0", "v26.0"):
        answer = sandbox.http.get(f"{sandbox.url}/{version}/{PHONE}", timeout=5)
        versions[version] = answer.headers["facebook-api-version"]
    assert versions == {"v18.0": "v21.0", "v23.0": "v23.0", "v26.0": "v26.0"}
    assert sandbox.http.get(f"{sandbox.url}/{PHONE}", timeout=5).ok


def test_it_pages_templates_by_cursor(sandbox: Sandbox) -> None:
    first = sandbox.graph("GET", f"{ACCOUNT}/message_templates", params={"limit": 4, "fields": "name"}).json()
    second = sandbox.http.get(first["paging"]["next"], timeout=5).json()
    third = sandbox.http.get(second["paging"]["next"], timeout=5).json()
    assert "next" not in third["paging"]
    pages = [first, second, third]
    assert [len(page["data"]) for page in pages] == [4, 4, 3]
    assert len({one["id"] for page in pages for one in page["data"]}) == 11
    assert sandbox.http.get(third["paging"]["previous"], timeout=5).json()["data"] == second["data"]


def test_it_filters_templates(sandbox: Sandbox) -> None:
    assert names(sandbox, status="PAUSED") == ["last_minute_deals"]
    assert names(sandbox, status='["PENDING","REJECTED"]') == ["kerala_backwaters", "lucky_draw"]
    assert names(sandbox, language="hi") == ["welcome_offer"]
    assert names(sandbox, name="visa") == ["visa_update"]
    assert names(sandbox, content="HOUSEBOATS") == ["kerala_backwaters"]
    assert names(sandbox, quality_score="RED") == ["last_minute_deals"]
    assert sandbox.graph("GET", f"{ACCOUNT}/message_templates", params={"limit": "x"}).status_code == 400
    assert sandbox.graph("GET", f"{ACCOUNT}/message_templates", params={"after": "x"}).status_code == 400


def test_it_reviews_a_new_template_and_says_so(sandbox: Sandbox, receiver: Receiver) -> None:
    made = sandbox.graph("POST", f"{ACCOUNT}/message_templates", json=NEW).json()
    assert (made["status"], made["category"]) == ("PENDING", "MARKETING")
    await_true(lambda: receiver.posts)
    (value,) = receiver.posts[0].values()
    assert (value["event"], value["message_template_id"]) == ("APPROVED", int(made["id"]))
    assert receiver.posts[0].body["entry"][0]["time"]
    assert sandbox.graph("GET", made["id"], params={"fields": "status"}).json()["status"] == "APPROVED"


@pytest.mark.parametrize(
    ("change", "subcode"),
    [
        ({"name": "New Year"}, None),
        ({"name": "visa_update"}, 2388024),
        ({"category": "GOSSIP"}, None),
        ({"components": []}, 2388072),
        ({"components": [BODY | {"text": "x" * 1025}]}, 2388040),
        ({"components": [BODY | {"text": "{{1}} hello"}]}, 2388299),
        ({"components": [BODY | {"text": "Hello {{2}} there"}]}, 2388072),
        ({"components": [BODY, {"type": "FOOTER", "text": "Bye {{1}}"}]}, 2388073),
        ({"components": [{"type": "BODY", "text": "Hello {{1}}, how are you?"}]}, 2388072),
    ],
)
def test_it_refuses_a_template_that_breaks_a_rule(
    sandbox: Sandbox, change: dict[str, Any], subcode: int | None
) -> None:
    answer = sandbox.graph("POST", f"{ACCOUNT}/message_templates", json=NEW | change)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)
    assert answer.json()["error"].get("error_subcode") == subcode


def test_it_edits_and_deletes_a_template(sandbox: Sandbox) -> None:
    one = sandbox.graph("GET", f"{ACCOUNT}/message_templates", params={"name": "visa_update"}).json()["data"][0]
    other = BODY | {"text": "Dear {{1}}, nothing new."}
    assert sandbox.graph("POST", one["id"], json={"components": [other]}).json() == {"success": True}
    changed = sandbox.graph("GET", one["id"]).json()
    assert (changed["status"], changed["components"]) == ("PENDING", [other])
    params = {"name": "visa_update", "hsm_id": one["id"]}
    assert sandbox.graph("DELETE", f"{ACCOUNT}/message_templates", params=params).json() == {"success": True}
    assert sandbox.graph("DELETE", f"{ACCOUNT}/message_templates", params=params).status_code == 400
    sandbox.graph("DELETE", f"{ACCOUNT}/message_templates", params={"name": "welcome_offer"})
    assert "welcome_offer" not in names(sandbox)


def test_it_keeps_and_gives_back_media(sandbox: Sandbox) -> None:
    file = {"file": ("a.png", b"picture", "image/png")}
    form = {"messaging_product": "whatsapp", "type": "image/png"}
    made = sandbox.graph("POST", f"{PHONE}/media", files=file, data=form).json()["id"]
    facts = sandbox.graph("GET", made).json()
    assert (facts["mime_type"], facts["file_size"], facts["id"]) == ("image/png", 7, made)
    assert sandbox.http.get(facts["url"], timeout=5).content == b"picture"
    assert requests.get(facts["url"], timeout=5).status_code == 401
    assert sandbox.graph("DELETE", made).json() == {"success": True}
    assert sandbox.graph("GET", made).status_code == 400


def test_it_takes_only_files_that_can_be_sent(sandbox: Sandbox) -> None:
    def upload(content: bytes, mime_type: str) -> int:
        form = {"messaging_product": "whatsapp", "type": mime_type}
        answer = sandbox.graph("POST", f"{PHONE}/media", files={"file": ("a", content, mime_type)}, data=form)
        return int(answer.json().get("error", {}).get("code", 0))

    assert upload(b"x", "application/x-msdownload") == 100
    assert upload(b"x" * (512 * 1024 + 1), "image/webp") == 131053
    assert upload(b"x", "audio/ogg; codecs=opus") == 0


def test_it_tells_the_app_that_the_tokens_expired(sandbox: Sandbox) -> None:
    sandbox.tune(token_expired=True)
    params = {"input_token": "x", "access_token": f"400000000000001|{SECRET}"}
    token = requests.get(f"{sandbox.url}/v26.0/debug_token", params=params, timeout=5).json()["data"]
    assert token["is_valid"] is False


def test_it_tells_nobody_while_no_app_is_subscribed(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.graph("DELETE", f"{ACCOUNT}/subscribed_apps")
    sandbox.control("POST", "inbound", {"from": "919812345678", "text": "Hi"})
    await_true(lambda: sandbox.state()["pending"] == 0)
    assert receiver.posts == []
    assert sandbox.graph("POST", f"{ACCOUNT}/subscribed_apps").json() == {"success": True}
    assert len(sandbox.graph("GET", f"{ACCOUNT}/subscribed_apps").json()["data"]) == 1
