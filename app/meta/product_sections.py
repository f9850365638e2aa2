"""Products in sections, as multi-product messages and templates show them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from app.meta.envelope import BadMessage, at_most, words
from app.meta.foreign import items, sequence, text

MAX_SECTIONS = 10
MAX_PRODUCTS = 30
MAX_TITLE = 24
MAX_SKU = 100


@dataclass(frozen=True, slots=True)
class ProductSection:
    """Products by their SKU (Meta's `product_retailer_id`) under a title; one section alone needs none."""

    title: str | None
    products: Sequence[str]


def sections_of(sections: Sequence[ProductSection]) -> list[dict[str, object]]:
    """The sections as Meta takes them: up to ten, with up to thirty products in all; raises BadMessage."""
    at_most("sections", "Sections of products", len(sections), MAX_SECTIONS)
    at_most("products", "Products in a message", sum(len(section.products) for section in sections), MAX_PRODUCTS)
    return [_section(section, is_only=len(sections) == 1) for section in sections]


def read_sections(written: str) -> list[ProductSection]:
    """Sections as people write them in one line, or Meta's own JSON; raises BadMessage.

    `Sweets: SKU1, SKU2; Boxes: SKU3`, or without a title `SKU1, SKU2`.
    """
    if written.lstrip().startswith("["):
        return _from_json(written)
    return [_from_words(part) for part in written.split(";") if part.strip()]


def _section(section: ProductSection, *, is_only: bool) -> dict[str, object]:
    if not section.products:
        raise BadMessage("products", "A section without products cannot be shown.")
    products = [words("products", "A product's SKU", sku, MAX_SKU) for sku in section.products]
    listed: dict[str, object] = {"product_items": [{"product_retailer_id": sku} for sku in products]}
    if is_only and not section.title:
        return listed
    return {"title": words("sections", "A section's title", section.title, MAX_TITLE)} | listed


def _from_words(part: str) -> ProductSection:
    title, colon, listed = part.partition(":")
    products = (listed if colon else title).split(",")
    return ProductSection(title.strip() if colon else None, [sku.strip() for sku in products if sku.strip()])


def _from_json(written: str) -> list[ProductSection]:
    try:
        sections = json.loads(written)
    except (ValueError, RecursionError):
        raise BadMessage("sections", "The sections are no JSON; write Sweets: SKU1, SKU2; Boxes: SKU3.") from None
    return [
        ProductSection(
            text(section.get("title")),
            [text(item.get("product_retailer_id")) or "" for item in items(section.get("product_items"))],
        )
        for section in items(sequence(sections))
    ]
