"""Products as their cards show them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sandbox.seen.parts import Media, Product
from sandbox.world.money import price_of
from sandbox.world.shop import Item
from sandbox.world.world import World

USUAL_PRICE = (Decimal(499), "INR")  # of a product no catalog of the sandbox holds
USUAL_CATALOG = "900100"  # of an account that is connected with none


def product_of(catalog_id: str, retailer_id: str, world: World) -> Product:
    """The product of a catalog; one of the usual price where the sandbox's catalogs do not know it."""
    catalog = world.shop.catalogs.get(catalog_id) or world.shop.catalog
    item = catalog.items.get(retailer_id) if catalog else None
    return _product(catalog_id, item) if item else Product(catalog_id, retailer_id, retailer_id, *USUAL_PRICE)


def products_in(action: dict[str, Any], world: World) -> Iterator[Product]:
    """The products an `action` of Meta's shows, one or sections of them."""
    catalog_id = str(action.get("catalog_id") or "") or catalog_of(world)
    items = [item for section in action.get("sections") or [] for item in section.get("product_items") or []]
    items += [action] if action.get("product_retailer_id") else []
    for item in items:
        yield product_of(catalog_id, str(item.get("product_retailer_id")), world)


def whole_catalog(world: World) -> Iterator[Product]:
    """Every product a customer can order out of the connected catalog."""
    catalog = world.shop.catalog
    for item in catalog.items.values() if catalog else ():
        if item.facts.get("availability") in ("in stock", "available for order") and item.review_status == "approved":
            yield _product(catalog_of(world), item)


def catalog_of(world: World) -> str:
    """The id of the catalog the account is connected with."""
    return world.shop.connected or USUAL_CATALOG


def _product(catalog_id: str, item: Item) -> Product:
    price, currency = price_of(item.facts.get("sale_price") or item.facts.get("price")) or USUAL_PRICE
    link = str(item.facts.get("image_link") or "")
    name = str(item.facts.get("title") or item.retailer_id)
    return Product(catalog_id, item.retailer_id, name, price, currency, Media("image", link=link) if link else None)
