"""Products of the connected catalog as messages: one, several, or the whole catalog."""

from collections.abc import Sequence

from app.meta.envelope import Payload, envelope, words
from app.meta.interactive import interactive, text_header
from app.meta.product_sections import MAX_SKU, ProductSection, sections_of

MAX_CATALOG_ID = 100


def product_message(
    to: str | None,
    catalog_id: str,
    sku: str,
    callback_data: str,
    *,
    body: str | None = None,
    footer: str | None = None,
    reply_to: str | None = None,
    recipient: str | None = None,
) -> Payload:
    """The body of one product; Meta shows its picture, name and price."""
    action = {
        "catalog_id": words("catalog_id", "The catalog's id", catalog_id, MAX_CATALOG_ID),
        "product_retailer_id": words("sku", "The product's SKU", sku, MAX_SKU),
    }
    content = interactive("product", action, body or None, None, footer)
    return envelope("interactive", content, to, callback_data, recipient, reply_to)


def product_list_message(
    to: str | None,
    catalog_id: str,
    header: str,
    body: str,
    sections: Sequence[ProductSection],
    callback_data: str,
    *,
    footer: str | None = None,
    reply_to: str | None = None,
    recipient: str | None = None,
) -> Payload:
    """The body of up to 30 products in up to 10 sections; Meta leaves products out that it does not know."""
    action = {
        "catalog_id": words("catalog_id", "The catalog's id", catalog_id, MAX_CATALOG_ID),
        "sections": sections_of(sections),
    }
    content = interactive("product_list", action, body, text_header(header), footer)
    return envelope("interactive", content, to, callback_data, recipient, reply_to)


def catalog_message(
    to: str | None,
    body: str,
    callback_data: str,
    *,
    thumbnail: str | None = None,
    footer: str | None = None,
    reply_to: str | None = None,
    recipient: str | None = None,
) -> Payload:
    """The body of an invitation into the catalog; `thumbnail` is the SKU whose picture stands above it."""
    action: dict[str, object] = {"name": "catalog_message"}
    if thumbnail:
        action["parameters"] = {"thumbnail_product_retailer_id": thumbnail}
    content = interactive("catalog_message", action, body, None, footer)
    return envelope("interactive", content, to, callback_data, recipient, reply_to)
