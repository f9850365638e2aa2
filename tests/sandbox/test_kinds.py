"""Every kind of message: what each needs, and what of it is refused."""

from __future__ import annotations

import time
from typing import Any

import pytest

from .programs import ACCOUNT, ASHA, PHONE, Sandbox, await_true, template, text

CATALOG = "900000000000001"
BODY = {"text": "Look"}


def interactive(form: str, action: dict[str, Any], **parts: Any) -> dict[str, Any]:
    content = {"type": form, "body": BODY, "action": action} | parts
    return {"to": ASHA, "type": "interactive", "interactive": {name: one for name, one in content.items() if one}}


def section(*ids: str, **more: Any) -> dict[str, Any]:
    return {"title": "Best", "product_items": [{"product_retailer_id": one} for one in ids]} | more


def sections(*ids: str) -> dict[str, Any]:
    return {"catalog_id": CATALOG, "sections": [section(*ids)]}


HEADER = {"type": "text", "text": "Sweets"}
ROWS = {"button": "Choose", "sections": [{"title": "A", "rows": [{"id": "1", "title": "One"}]}]}
LINK = {"name": "cta_url", "parameters": {"display_text": "Open", "url": "https://example.in"}}
ITEM = {"retailer_id": "KAJU-500", "name": "Kaju katli", "amount": {"value": 54900, "offset": 100}, "quantity": 2}


def bill(reference: str = "ORD-1", total: int = 109800, **more: Any) -> dict[str, Any]:
    parameters = {
        "reference_id": reference,
        "type": "physical-goods",
        "payment_type": "upi",
        "payment_settings": [{"type": "payment_link", "payment_link": {"uri": "https://rzp.example.in/x"}}],
        "currency": "INR",
        "total_amount": {"value": total, "offset": 100},
        "order": {
            "status": "pending",
            "catalog_id": CATALOG,
            "items": [ITEM],
            "subtotal": {"value": 109800, "offset": 100},
            "tax": {"value": 0, "offset": 100},
        },
    }
    return interactive("order_details", {"name": "review_and_pay", "parameters": parameters | more})


def news(status: str, reference: str = "ORD-1") -> dict[str, Any]:
    parameters = {"reference_id": reference, "order": {"status": status, "description": "Soon"}}
    return interactive("order_status", {"name": "review_order", "parameters": parameters})


def message(kind: str, content: Any) -> dict[str, Any]:
    return {"to": ASHA, "type": kind, kind: content}


TAKEN = [
    message("audio", {"link": "https://example.in/a.mp3"}),
    message("sticker", {"link": "https://example.in/a.webp"}),
    message("document", {"link": "https://example.in/a.pdf", "filename": "a.pdf", "caption": "Read"}),
    message("contacts", [{"name": {"formatted_name": "Asha", "first_name": "Asha"}}]),
    message("reaction", {"message_id": "wamid.X", "emoji": ""}),
    interactive("list", ROWS),
    interactive("cta_url", LINK),
    interactive("product", {"catalog_id": CATALOG, "product_retailer_id": "KAJU-500"}, body=None),
    interactive("product_list", sections("KAJU-500", "NOBODY"), header=HEADER),
    interactive("catalog_message", {"name": "catalog_message"}),
    interactive("location_request_message", {"name": "send_location"}),
    bill(),
]

REFUSED = [
    (131008, message("audio", {})),
    (100, message("audio", {"link": "https://example.in/a.mp3", "caption": "No"})),
    (131009, message("location", {"latitude": 91, "longitude": 0})),
    (131008, message("contacts", [{"name": {"first_name": "Asha"}}])),
    (131009, interactive("dance", ROWS)),
    (131009, interactive("list", ROWS | {"sections": [ROWS["sections"][0]] * 2})),  # the same row id twice
    (131009, interactive("list", ROWS | {"sections": [ROWS["sections"][0]] * 11})),
    (131008, interactive("list", ROWS | {"button": ""})),
    (131009, interactive("cta_url", LINK | {"parameters": {"display_text": "x" * 21, "url": "https://e.in"}})),
    (131009, interactive("product", {"catalog_id": CATALOG, "product_retailer_id": "NOBODY"})),
    (131009, interactive("product", {"catalog_id": "1", "product_retailer_id": "KAJU-500"})),
    (131008, interactive("product_list", sections("KAJU-500"))),  # without a header
    (131009, interactive("product_list", sections("NOBODY", "NOTHING"), header=HEADER)),
    (131009, interactive("product_list", sections(*["KAJU-500"] * 31), header=HEADER)),
    (131009, bill(total=1)),
    (131009, bill(reference="no spaces")),
    (131008, bill(payment_settings=[])),
    (131009, news("shipped", "ORD-UNKNOWN")),
]


@pytest.fixture
def window(sandbox: Sandbox) -> Sandbox:
    """Asha has just written."""
    sandbox.control("POST", "inbound", {"from": ASHA, "text": "Hi"})
    return sandbox


@pytest.mark.parametrize("sent", TAKEN)
def test_it_takes_every_kind(window: Sandbox, sent: dict[str, Any]) -> None:
    answer = window.send(sent)
    assert answer.ok, answer.text


@pytest.mark.parametrize(("code", "sent"), REFUSED)
def test_it_refuses_what_breaks_the_rules_of_its_kind(window: Sandbox, code: int, sent: dict[str, Any]) -> None:
    error = window.send(sent).json()["error"]
    assert error["code"] == code, error


def test_it_moves_an_order_forward_only(window: Sandbox) -> None:
    assert window.send(bill()).ok
    assert window.send(bill()).json()["error"]["code"] == 131009  # the reference was used
    assert window.send(news("shipped")).ok
    assert window.send(news("processing")).json()["error"]["code"] == 2046
    assert window.send(news("completed")).ok
    assert window.send(news("canceled")).json()["error"]["code"] == 2046


def test_it_sends_what_was_uploaded_as_its_own_kind_only(window: Sandbox) -> None:
    file = {"file": ("a.png", b"picture", "image/png")}
    made = window.graph("POST", f"{PHONE}/media", files=file, data={"messaging_product": "whatsapp"}).json()["id"]
    assert window.send(message("image", {"id": made})).ok
    assert window.send(message("video", {"id": made})).json()["error"]["code"] == 131053


WORDS = {"type": "BODY", "text": "Look at these."}
SPECIAL = {
    "menu": [WORDS, {"type": "BUTTONS", "buttons": [{"type": "MPM", "text": "View"}]}],
    "shop": [WORDS, {"type": "BUTTONS", "buttons": [{"type": "CATALOG", "text": "View"}]}],
    "flash": [
        {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Ends soon", "has_expiration": True}},
        {"type": "BODY", "text": "Half price."},
        {"type": "BUTTONS", "buttons": [{"type": "COPY_CODE", "example": "HALF"}]},
    ],
    "cards": [
        {"type": "BODY", "text": "Choose."},
        {
            "type": "CAROUSEL",
            "cards": [
                {
                    "components": [
                        {"type": "HEADER", "format": "PRODUCT"},
                        {"type": "BUTTONS", "buttons": [{"type": "SPM", "text": "View"}]},
                    ]
                }
            ]
            * 2,
        },
    ],
}


def button(kind: str, *parameters: dict[str, Any], index: int = 0) -> dict[str, Any]:
    return {"type": "button", "sub_type": kind, "index": index, "parameters": list(parameters)}


def card(index: int, product: str) -> dict[str, Any]:
    shown = {"type": "product", "product": {"product_retailer_id": product, "catalog_id": CATALOG}}
    return {"card_index": index, "components": [{"type": "header", "parameters": [shown]}]}


def menu(*ids: str) -> dict[str, Any]:
    action = {"thumbnail_product_retailer_id": "KAJU-500", "sections": [section(*ids)]}
    return template("menu", button("mpm", {"type": "action", "action": action}))


def flash(ahead: float, *more: dict[str, Any]) -> dict[str, Any]:
    moment = {"expiration_time_ms": int((time.time() + ahead) * 1000)}
    offer = {"type": "limited_time_offer", "parameters": [{"type": "limited_time_offer", "limited_time_offer": moment}]}
    return template("flash", offer, *more)


CODE = button("copy_code", {"type": "coupon_code", "coupon_code": "HALF"})


@pytest.fixture
def special(sandbox: Sandbox) -> Sandbox:
    """Templates with products, an offer, a carousel."""
    sandbox.tune(reviews={"template_ms": 0})
    for name, components in SPECIAL.items():
        body = {"name": name, "language": "en", "category": "MARKETING", "components": components}
        made = sandbox.graph("POST", f"{ACCOUNT}/message_templates", json=body)
        assert made.ok, made.text
    await_true(lambda: "PENDING" not in [one["status"] for one in statuses(sandbox)])
    return sandbox


def statuses(sandbox: Sandbox) -> list[dict[str, Any]]:
    found = sandbox.graph("GET", f"{ACCOUNT}/message_templates", params={"limit": 100}).json()["data"]
    return [one for one in found if one["name"] in SPECIAL]


def test_it_takes_templates_of_special_forms(special: Sandbox) -> None:
    cards = {"type": "carousel", "cards": [card(n, one) for n, one in enumerate(("GOA-3N", "GOA-5N", "HAMPER"))]}
    for sent in (
        menu("KAJU-500", "NOBODY"),
        template("shop", button("CATALOG")),
        flash(60, CODE),
        template("cards", cards),
    ):
        assert special.send(sent).ok, special.send(sent).text


def test_it_refuses_special_forms_filled_wrongly(special: Sandbox) -> None:
    cards = {"type": "carousel", "cards": [card(0, "GOA-3N")]}
    wrong = [
        (131009, menu("NOBODY")),
        (131008, template("menu")),
        (
            131009,
            template("shop", button("CATALOG", {"type": "action", "action": {"thumbnail_product_retailer_id": "X"}})),
        ),
        (132012, flash(-60, CODE)),
        (131008, flash(60)),
        (132012, template("cards", cards)),
        (131009, template("cards", {"type": "carousel", "cards": [card(0, "GOA-3N"), card(1, "X")]})),
    ]
    assert [special.send(sent).json()["error"]["code"] for _, sent in wrong] == [code for code, _ in wrong]


def test_it_sends_a_code_to_a_phone_only(sandbox: Sandbox) -> None:
    sandbox.tune(reviews={"template_ms": 0})
    otp = {"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy"}
    parts = [{"type": "BODY", "add_security_recommendation": True}, {"type": "BUTTONS", "buttons": [otp]}]
    new = {"name": "login_code", "language": "en", "category": "AUTHENTICATION", "components": parts}
    made = sandbox.graph("POST", f"{ACCOUNT}/message_templates", json=new).json()["id"]
    await_true(lambda: sandbox.graph("GET", made).json()["status"] == "APPROVED")
    sent = template("login_code", {"type": "body", "parameters": text("4711")}, button("url", *text("4711")))
    assert sandbox.send(sent).ok
    by_user_id = {name: one for name, one in sent.items() if name != "to"} | {"recipient": "IN.123456"}
    assert sandbox.send(by_user_id).json()["error"]["code"] == 131062
