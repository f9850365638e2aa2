"""What customers send, in words: every type, whatever its shape."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.messaging.contents import Item, content_of
from app.messaging.models import Direction, Message


def sent(kind: str, part: Any = None, body: str | None = None, **raw: Any) -> Message:
    """An incoming message of that type."""
    return Message(direction=Direction.IN, type=kind, body=body, payload=None, raw={kind: part} | raw)


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (sent("text", {"body": "Namaste"}, "Namaste"), "Namaste"),
        (sent("image", {"id": "1"}, "Our terrace"), "Photo: Our terrace"),
        (sent("audio", {"voice": True}), "Voice note"),
        (sent("audio", {"voice": False}), "Sound"),
        (sent("sticker", {}), "Sticker"),
        (sent("document", {"filename": "visa.pdf"}, "visa.pdf"), "Document: visa.pdf"),
        (sent("location", {"name": "Gateway", "latitude": 18.9, "longitude": 72.8}, "Gateway"), "Location: Gateway"),
        (
            sent("contacts", [{"name": {"formatted_name": "Ravi"}, "phones": [{"phone": "+91 1"}]}]),
            "Contacts: Ravi, +91 1",
        ),
        (sent("button", {"text": "Show plans"}, "Show plans"), "Tapped “Show plans”"),
        (sent("interactive", {"button_reply": {"title": "Yes"}}, "Yes"), "Tapped “Yes”"),
        (
            sent("interactive", {"list_reply": {"title": "Goa", "description": "3 nights"}}, "Goa"),
            "Tapped “Goa”: 3 nights",
        ),
        (sent("interactive", {"nfm_reply": {}}), "Filled in a form"),
        (sent("reaction", {"emoji": "👍"}, "👍"), "Reacted with 👍"),
        (sent("reaction", {}), "Took a reaction back"),
        (sent("system", {"type": "user_changed_number", "wa_id": "9198"}), "Changed their number to +9198"),
        (sent("preference", None, "stop"), "Stopped marketing messages in WhatsApp’s settings"),
        (sent("link_click"), "Opened a link"),
        (sent("poll", {"x": 1}), "A message of the kind “poll”"),
    ],
    ids=lambda it: it.type if isinstance(it, Message) else "",
)
def test_it_says_each_type_in_plain_words(message: Message, line: str) -> None:
    assert content_of(message).line == line


def test_an_order_tells_quantities_prices_and_totals_by_currency() -> None:
    wanted = [
        {"product_retailer_id": "GOA-3N", "quantity": 2, "item_price": 8999, "currency": "INR"},
        {"product_retailer_id": "VISA", "quantity": "1", "item_price": 12.5, "currency": "USD"},
    ]
    content = content_of(sent("order", {"product_items": wanted}, "By Friday"))
    assert content.items[0] == Item("GOA-3N", 2, Decimal(8999), "INR")
    assert content.totals == {"INR": Decimal(17998), "USD": Decimal("12.5")}
    assert content.words == "By Friday"


def test_what_whatsapp_does_not_pass_on_is_named() -> None:
    message = sent("unsupported", {"type": "poll_creation"}, errors=[{"title": "Message type unknown"}])
    assert content_of(message).details == ("Kind: poll_creation", "Message type unknown")


def test_what_was_taken_back_is_not_shown() -> None:
    message = sent("image", {"caption": "secret", "id": "1"})
    message.payload = {"revoked_at": "2026-11-21T10:00:00Z"}
    assert content_of(message).line == "The customer took this message back"


def test_it_tells_of_the_ad_and_the_product_that_it_came_by() -> None:
    context = {"forwarded": True, "referred_product": {"product_retailer_id": "GOA-3N"}}
    message = sent("text", {}, "How much?", context=context, referral={"headline": "Goa from ₹8,999"})
    assert content_of(message).details == ("About the product GOA-3N", "Forwarded", "Came by an ad: Goa from ₹8,999")


@pytest.mark.parametrize(
    "part", [None, 7, "x", [], [7], {"product_items": 3}, {"product_items": [{"item_price": "NaN"}]}]
)
@pytest.mark.parametrize("kind", ["order", "contacts", "location", "interactive", "document", "system", "unsupported"])
def test_no_shape_surprises_it(kind: str, part: Any) -> None:
    assert isinstance(content_of(sent(kind, part)).line, str)
