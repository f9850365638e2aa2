"""The sandbox's page: phones, conversations as their customers see them, acting, settings, webhooks."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
import requests

from .programs import ASHA, PHONE, Receiver, Sandbox, await_true, offer, template, text

POLICY = "default-src 'self'; img-src 'self' data:"


def page(sandbox: Sandbox, path: str, **params: str) -> str:
    answer = requests.get(f"{sandbox.url}{path}", params=params, timeout=5)
    assert answer.ok, answer.text
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert not re.search(r"<script>|<style|\sstyle=|\son\w+=", answer.text)
    return html.unescape(answer.text)


def submit(sandbox: Sandbox, path: str, **fields: str) -> str:
    """The page a form leads to."""
    return html.unescape(requests.post(f"{sandbox.url}{path}", data=fields, timeout=5).text)


def interactive(sandbox: Sandbox, **content: Any) -> str:
    """Send Asha an interactive message inside the window; its id."""
    sandbox.control("POST", "inbound", {"from": ASHA, "text": "Hi"})
    answer = sandbox.send({"to": ASHA, "type": "interactive", "interactive": content})
    assert answer.ok, answer.text
    return answer.json()["messages"][0]["id"]


def test_it_shows_a_conversation_as_the_customer_sees_it(sandbox: Sandbox) -> None:
    sandbox.send(offer())
    shown = page(sandbox, f"/phones/{ASHA}")
    assert "Hi Asha, the monsoon has made Goa green again. Fly from Pune" in shown
    assert 'value="Interested"' in shown


def test_it_shows_marks_as_whatsapp_does_and_escapes_the_rest(sandbox: Sandbox) -> None:
    words = "*bold* _italic_ ~struck~ ```mono``` 2*3*4 snake_case_word <b>no</b> https://example.in/a_b_c."
    sandbox.control("POST", "inbound", {"from": ASHA, "text": words})
    raw = requests.get(f"{sandbox.url}/phones/{ASHA}", timeout=5).text
    for part in ("<strong>bold</strong>", "<em>italic</em>", "<s>struck</s>", "<code>mono</code>"):
        assert part in raw
    assert "2*3*4 snake_case_word &lt;b&gt;no&lt;/b&gt;" in raw
    assert '<a href="https://example.in/a_b_c" ' in raw


def test_it_lets_the_customer_tap_reply_and_opt_out(sandbox: Sandbox, receiver: Receiver) -> None:
    wamid = sandbox.send(offer()).json()["messages"][0]["id"]
    assert "Stop offers" in submit(sandbox, f"/phones/{ASHA}/tap", message=wamid, title="Stop offers")
    submit(sandbox, f"/phones/{ASHA}/reply", body="Please", to=wamid)
    submit(sandbox, f"/phones/{ASHA}/opt_out")
    await_true(lambda: len(receiver.messages()) == 3)
    by_words = {(one.get("text") or one.get("button"))[("body" if "text" in one else "text")]: one
                for one in receiver.messages()}  # fmt: skip
    assert by_words["Stop offers"]["context"]["id"] == by_words["Please"]["context"]["id"] == wamid
    assert by_words["STOP"]["type"] == "text"


def test_it_shows_a_list_and_takes_the_row(sandbox: Sandbox, receiver: Receiver) -> None:
    rows = [{"id": "goa", "title": "Goa", "description": "Sea"}, {"id": "mun", "title": "Munnar"}]
    action = {"button": "See places", "sections": [{"title": "All", "rows": rows}]}
    wamid = interactive(sandbox, type="list", body={"text": "Where?"}, action=action)
    shown = page(sandbox, f"/phones/{ASHA}")
    assert "See places" in shown
    assert 'value="Munnar"' in shown
    submit(sandbox, f"/phones/{ASHA}/tap", message=wamid, place="1", title="Munnar")
    await_true(lambda: len(receiver.messages()) == 2)
    assert [one["interactive"]["list_reply"]["id"] for one in receiver.messages() if "interactive" in one] == ["mun"]


def test_it_fills_a_cart_from_a_product_message(sandbox: Sandbox, receiver: Receiver) -> None:
    items = [{"product_retailer_id": "GOA-3N"}, {"product_retailer_id": "VISA-VN"}]
    action = {"catalog_id": "900000000000001", "sections": [{"title": "Trips", "product_items": items}]}
    header = {"type": "text", "text": "Trips"}
    wamid = interactive(sandbox, type="product_list", header=header, body={"text": "Pick"}, action=action)
    assert "Goa by the sea, 3 nights" in page(sandbox, f"/phones/{ASHA}")
    cart = {"message": wamid, "quantity:GOA-3N": "0", "quantity:VISA-VN": "2", "text": "Soon"}
    assert "Order sent." in submit(sandbox, f"/phones/{ASHA}/order", **cart)
    await_true(lambda: any(one["type"] == "order" for one in receiver.messages()))
    (order,) = [one["order"] for one in receiver.messages() if one["type"] == "order"]
    assert [(one["product_retailer_id"], one["quantity"]) for one in order["product_items"]] == [("VISA-VN", 2)]
    assert "Choose a quantity" in submit(sandbox, f"/phones/{ASHA}/order", message=wamid, **{"quantity:GOA-3N": "0"})


def test_it_shows_reactions_edits_deletions_and_failures(sandbox: Sandbox) -> None:
    wamid = sandbox.send(offer()).json()["messages"][0]["id"]
    path = f"/phones/{ASHA}"
    submit(sandbox, f"{path}/react", message=wamid, emoji="🙏")
    submit(sandbox, f"{path}/reply", body="Helo")
    submit(sandbox, f"{path}/edit", body="Hello there")
    assert 'class="reactions"' in page(sandbox, path)
    assert "Hello there" in page(sandbox, path)
    submit(sandbox, f"{path}/revoke")
    submit(sandbox, f"{path}/block")
    sandbox.send(offer())
    await_true(lambda: "Never arrived. The business was told 131026" in page(sandbox, path))
    assert "You deleted this message." in page(sandbox, path)


def test_it_shows_files_and_fetches_what_a_message_links_to(sandbox: Sandbox) -> None:
    path = f"/phones/{ASHA}"
    sandbox.control("POST", "inbound", {"from": ASHA, "text": "Hi"})
    submit(sandbox, f"{path}/attach", kind="image", caption="Look")
    (own,) = re.findall(r'class="media image" src="(/files/kept/\d+)"', page(sandbox, path))
    assert requests.get(sandbox.url + own, timeout=5).headers["Content-Type"] == "image/jpeg"
    media = sandbox.http.post(
        f"{sandbox.url}/{PHONE}/media",
        data={"messaging_product": "whatsapp", "type": "image/png"},
        files={"file": ("a.png", b"\x89PNG\r\n\x1a\n0000", "image/png")},
        timeout=5,
    ).json()["id"]
    assert sandbox.send({"to": ASHA, "type": "image", "image": {"id": media}}).ok
    assert f"/files/kept/{media}" in page(sandbox, path)
    nowhere = "http://127.0.0.1:9/a.jpg"
    assert sandbox.send({"to": ASHA, "type": "image", "image": {"link": nowhere}}).ok
    (fetched,) = re.findall(r'class="media image" src="(/files/linked/\w+)"', page(sandbox, path))
    assert "svg" in requests.get(sandbox.url + fetched, timeout=8).headers["Content-Type"]
    assert "svg" in requests.get(f"{sandbox.url}/files/linked/{'0' * 24}", timeout=5).headers["Content-Type"]


def test_it_changes_who_a_customer_is(sandbox: Sandbox) -> None:
    sandbox.control("POST", "inbound", {"from": ASHA, "text": "Hi"})
    assert "no phone in webhooks" in submit(sandbox, f"/phones/{ASHA}/username_only", username="asha")
    assert "@asha" in page(sandbox, "/", q="@asha")
    moved = requests.post(f"{sandbox.url}/phones/{ASHA}/change_number", data={"phone": "+919820011122"}, timeout=5)
    assert moved.url.split("?")[0].endswith("/phones/919820011122")
    assert "must be the new number" in submit(sandbox, "/phones/919820011122/change_number", phone="x")
    assert "stopped marketing" in submit(sandbox, "/phones/919820011122/stop")


def test_it_finds_a_phone_among_many_and_pages(sandbox: Sandbox) -> None:
    for n in range(35):
        sandbox.send(offer(to=f"9198000000{n:02}"))
    assert "919800000034" in page(sandbox, "/")
    assert "919800000002" not in page(sandbox, "/")
    assert "919800000002" in page(sandbox, "/", page="2")
    found = page(sandbox, "/", q="+919800000002")
    assert "919800000002" in found
    assert "919800000003" not in found
    assert "35 phones, page 1" in page(sandbox, "/", page="9" * 30)


def test_it_marks_what_is_unread(sandbox: Sandbox) -> None:
    sandbox.tune(statuses={"read_rate": 0})
    sandbox.send(offer())
    await_true(lambda: 'title="1 unread"' in page(sandbox, "/"))
    assert "Read 1 new" in page(sandbox, f"/phones/{ASHA}")
    submit(sandbox, f"/phones/{ASHA}/read")
    assert "unread" not in page(sandbox, "/")


def test_it_lets_a_stranger_write_with_or_without_a_number(sandbox: Sandbox, receiver: Receiver) -> None:
    raw = requests.post(f"{sandbox.url}/phones", data={"from": "+91 98123 45678", "body": "Hello <b>"}, timeout=5).text
    assert "Hello <b>" not in raw
    assert "@ravi.k" in submit(sandbox, "/phones", username="ravi.k", body="Hi", ad="on")
    await_true(lambda: len(receiver.messages()) == 2)
    assert [one for one in receiver.messages() if "referral" in one and "from" not in one]
    assert "Give a number" in submit(sandbox, "/phones", **{"from": "x", "body": "Hi"})
    assert requests.get(f"{sandbox.url}/phones/000", timeout=5).status_code == 404


def test_it_changes_settings_and_says_what_is_wrong_beside_the_field(sandbox: Sandbox) -> None:
    assert 'name="faults.hang_rate"' in page(sandbox, "/settings")
    saved = {"statuses.delay_ms": "70", "statuses.read_rate": "0.25"}
    assert "Saved." in submit(sandbox, "/settings", **saved)
    assert sandbox.control("GET", "config").json()["statuses"]["read_rate"] == 0.25
    pairs = [("webhooks.shuffle", "off"), ("webhooks.shuffle", "on")]
    requests.post(f"{sandbox.url}/settings", data=pairs, timeout=5)
    assert sandbox.control("GET", "config").json()["webhooks"]["shuffle"] is True
    refused = requests.post(f"{sandbox.url}/settings", data={"faults.hang_rate": "2"}, timeout=5)
    assert refused.status_code == 400
    assert 'id="e-k-faults-hang_rate"' in refused.text
    assert 'value="2"' in refused.text
    assert "must be a number" in submit(sandbox, "/settings", latency_ms="soon")
    submit(sandbox, "/settings/reset")
    assert sandbox.control("GET", "config").json()["statuses"]["read_rate"] == 0.6


EVENTS = [
    ("template_status", {"template": "594100000000001", "choice": "PAUSED"}, "message_template_status_update"),
    ("template_status", {"template": "594100000000001", "choice": "REJECTED"}, "message_template_status_update"),
    ("template_quality", {"template": "594100000000001", "choice": "RED"}, "message_template_quality_update"),
    ("template_category", {"template": "594100000000001", "choice": "UTILITY"}, "template_category_update"),
    ("phone_quality", {"choice": "FLAGGED"}, "phone_number_quality_update"),
    ("limit", {"choice": "TIER_2K"}, "business_capability_update"),
    ("restriction", {"days": "3"}, "account_update"),
    ("restriction_lifted", {}, "account_update"),
    ("ban", {"choice": "DISABLE"}, "account_update"),
    ("violation", {}, "account_update"),
    ("review", {"choice": "REJECTED"}, "account_review_update"),
    ("alert", {"choice": "CRITICAL"}, "account_alerts"),
    ("name", {"choice": "REJECTED"}, "phone_number_name_update"),
    ("security", {"choice": "PIN_CHANGED"}, "security"),
    ("payment_configuration", {"choice": "Active"}, "payment_configuration_update"),
]


@pytest.mark.parametrize(("event", "fields", "told"), EVENTS)
def test_it_lets_things_happen_to_the_account(
    sandbox: Sandbox, receiver: Receiver, event: str, fields: dict[str, str], told: str
) -> None:
    assert f"Told the webhook: {told}." in submit(sandbox, f"/account/{event}", **fields)
    await_true(lambda: receiver.posts)
    assert receiver.posts[0].body["entry"][0]["changes"][0]["field"] == told


def test_it_refuses_an_event_without_its_choice(sandbox: Sandbox) -> None:
    assert "Choose a template." in submit(sandbox, "/account/template_status", choice="PAUSED")
    assert "Choose one of" in submit(sandbox, "/account/limit")
    assert "There is no event" in submit(sandbox, "/account/feast")
    submit(sandbox, "/account/ban", choice="DISABLE")
    assert "refuses every send" in page(sandbox, "/account")


def test_it_shows_the_webhooks_posted(sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.refusals.append(500)
    sandbox.control("POST", "inbound", {"from": ASHA, "text": "नमस्ते"})
    await_true(lambda: sandbox.state()["pending"] == 0)
    shown = page(sandbox, "/webhooks")
    assert "1 text" in shown
    assert "200 after 2 tries" in shown
    assert "नमस्ते" in shown


def test_it_shows_what_a_template_gives_in_pictures_and_codes(sandbox: Sandbox) -> None:
    header = {"type": "header", "parameters": [{"type": "image", "image": {"link": "http://127.0.0.1:9/d.jpg"}}]}
    words = [{"type": "text", "parameter_name": one, "text": one.title()} for one in ("first_name", "destination")]
    link = {"type": "button", "sub_type": "url", "index": "0", "parameters": text("goa")}
    assert sandbox.send(template("diwali_getaways", header, {"type": "body", "parameters": words}, link)).ok
    shown = page(sandbox, f"/phones/{ASHA}")
    assert "Namaste First_Name" in shown
    assert 'href="https://example.in/t/goa"' in shown
    assert "/files/linked/" in shown


def test_it_brings_its_style_and_script(sandbox: Sandbox) -> None:
    assert "prefers-color-scheme" in requests.get(f"{sandbox.url}/__page__/sandbox.css", timeout=5).text
    for file in ("chat.css", "refresh.js", "picture.svg", "icon.svg"):
        assert requests.get(f"{sandbox.url}/__page__/{file}", timeout=5).ok
