"""Templates beyond words and pictures: made at the sandbox, read from it, with values that fill them."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from app.channels.models import Channel
from app.extensions import db
from app.message_templates.jobs import reading
from app.message_templates.models import MessageTemplate
from tests.sandboxes import Sandbox

ACCOUNT, CATALOG = "200000000000001", "900000000000001"
ENDS = "2099-01-02T18:00:00+05:30"
PICTURE = "https://example.in/beach.jpg"
WORDS = {"type": "BODY", "text": "Look at what we have for you."}
SAMPLE = {"header_handle": ["4::aW1h"]}
SHOP = {"type": "URL", "text": "Shop", "url": "https://example.in/{{1}}", "example": ["https://example.in/goa"]}
CARD = {
    "components": [
        {"type": "HEADER", "format": "IMAGE", "example": SAMPLE},
        {"type": "BODY", "text": "Only {{1}} rooms left.", "example": {"body_text": [["two"]]}},
        {"type": "BUTTONS", "buttons": [SHOP]},
    ]
}
PRODUCT = {
    "components": [
        {"type": "HEADER", "format": "PRODUCT"},
        {"type": "BUTTONS", "buttons": [{"type": "SPM", "text": "View"}]},
    ]
}
OFFER = {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Ends soon", "has_expiration": True}}


@dataclass(frozen=True, slots=True)
class Rich:
    """A definition, the values that fill it, and what must stand in the send."""

    components: list[dict[str, Any]]
    values: dict[str, str]
    sent: list[dict[str, Any]]


def _buttons(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": list(buttons)}


def _header(kind: str, **content: Any) -> dict[str, Any]:
    return {"type": "header", "parameters": [{"type": kind, kind: content}]}


def _button(kind: str, parameter: dict[str, Any], index: str = "0") -> dict[str, Any]:
    return {"type": "button", "sub_type": kind, "index": index, "parameters": [parameter]}


def _product_card(index: int, sku: str) -> dict[str, Any]:
    header = _header("product", product_retailer_id=sku, catalog_id=CATALOG)
    return {"card_index": index, "components": [header]}


def _card(index: int, rooms: str) -> dict[str, Any]:
    words = {"type": "body", "parameters": [{"type": "text", "text": rooms}]}
    link = _button("url", {"type": "text", "text": f"r/{index}"})
    return {"card_index": index, "components": [_header("image", link=PICTURE), words, link]}


PLACE = {"latitude": "15.4989", "longitude": "73.8278", "name": "Panaji", "address": "Panaji, Goa"}
TEMPLATES = {
    "place": Rich(
        [{"type": "HEADER", "format": "LOCATION"}, WORDS],
        {f"header.{name}": value for name, value in PLACE.items()},
        [_header("location", **(PLACE | {"latitude": 15.4989, "longitude": 73.8278}))],
    ),
    "bill": Rich(
        [{"type": "HEADER", "format": "DOCUMENT", "example": SAMPLE}, WORDS],
        {"header.media": "https://example.in/bill.pdf", "header.filename": "Bill.pdf"},
        [_header("document", link="https://example.in/bill.pdf", filename="Bill.pdf")],
    ),
    "flash": Rich(
        [OFFER, WORDS, _buttons({"type": "COPY_CODE", "example": "HALF"})],
        {"limited_time_offer.expiration": ENDS, "button.0.code": "HALF"},
        [
            {
                "type": "limited_time_offer",
                "parameters": [
                    {"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 4071040200000}}
                ],
            },
            _button("copy_code", {"type": "coupon_code", "coupon_code": "HALF"}),
        ],
    ),
    "shop": Rich(
        [WORDS, _buttons({"type": "CATALOG", "text": "View"})],
        {"button.0.thumbnail": "HAMPER"},
        [_button("catalog", {"type": "action", "action": {"thumbnail_product_retailer_id": "HAMPER"}})],
    ),
    "menu": Rich(
        [WORDS, _buttons({"type": "MPM", "text": "View items"})],
        {"button.0.sections": "Sweets: LADDU-12, KAJU-500; Boxes: HAMPER"},
        [
            _button(
                "mpm",
                {
                    "type": "action",
                    "action": {
                        "thumbnail_product_retailer_id": "LADDU-12",
                        "sections": [
                            {
                                "title": "Sweets",
                                "product_items": [
                                    {"product_retailer_id": "LADDU-12"},
                                    {"product_retailer_id": "KAJU-500"},
                                ],
                            },
                            {"title": "Boxes", "product_items": [{"product_retailer_id": "HAMPER"}]},
                        ],
                    },
                },
            )
        ],
    ),
    "cards": Rich(
        [WORDS, {"type": "CAROUSEL", "cards": [CARD, CARD]}],
        {
            key: value
            for index, rooms in enumerate(("two", "five"))
            for key, value in (
                (f"card.{index}.header.media", PICTURE),
                (f"card.{index}.body.1", rooms),
                (f"card.{index}.button.0.1", f"r/{index}"),
            )
        },
        [{"type": "carousel", "cards": [_card(0, "two"), _card(1, "five")]}],
    ),
    "shelf": Rich(
        [WORDS, {"type": "CAROUSEL", "cards": [PRODUCT, PRODUCT]}],
        {
            "card.0.header.catalog_id": CATALOG,
            "card.0.header.product_retailer_id": "GOA-3N",
            "card.1.header.product_retailer_id": "GOA-5N",
            "card.2.header.product_retailer_id": "KER-HB",
        },
        [
            {
                "type": "carousel",
                "cards": [_product_card(index, sku) for index, sku in enumerate(("GOA-3N", "GOA-5N", "KER-HB"))],
            }
        ],
    ),
    "question": Rich(
        [WORDS, _buttons({"type": "QUICK_REPLY", "text": "Yes"}, {"type": "QUICK_REPLY", "text": "No"})],
        {"payload": "c42", "button.1.payload": "no"},
        [
            _button("quick_reply", {"type": "payload", "payload": "c42"}),
            _button("quick_reply", {"type": "payload", "payload": "no"}, "1"),
        ],
    ),
}


def template_at(sandbox: Sandbox, channel: Channel, name: str) -> MessageTemplate:
    """That template, made at the sandbox, approved at once, and read from it."""
    sandbox.control("PUT", "config", reviews={"template_ms": 0})
    body = {"language": "en", "category": "MARKETING", "components": copy.deepcopy(TEMPLATES[name].components)}
    sandbox.graph("POST", f"{ACCOUNT}/message_templates", name=name, **body)
    reading.sync_templates(channel.id)
    made: MessageTemplate = db.session.query(MessageTemplate).filter_by(channel_id=channel.id, name=name).one()
    return made
