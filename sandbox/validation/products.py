"""Whether the products of a message are in the catalog the account shows."""

from typing import Any

from sandbox.errors import GraphError, invalid, missing
from sandbox.validation.words import Content, check_list, check_text
from sandbox.world.shop import Catalog
from sandbox.world.world import World

MOST_PRODUCTS, MOST_SECTIONS, LONGEST_TITLE = 30, 10, 24


def shown_catalog(world: World) -> Catalog:
    """The catalog connected to the account."""
    if world.shop.catalog is None:
        raise GraphError(131009, "No catalog is connected to this WhatsApp business account.")
    return world.shop.catalog


def check_product(retailer_id: Any, catalog_id: Any, world: World) -> None:
    """One product that customers can see."""
    if not retailer_id:
        raise missing("product_retailer_id")
    if not is_shown(_catalog(catalog_id, world), retailer_id):
        raise invalid(f"Product not found for product_retailer_id, {retailer_id}, in catalog_id, {catalog_id}")


def check_sections(action: Content, catalog_id: Any, world: World) -> None:
    """Sections of products: those that nobody can see are dropped by Meta; it refuses when none is left."""
    catalog = _catalog(catalog_id, world)
    wanted = [str(item.get("product_retailer_id")) for item in sectioned(action, "product_items", MOST_PRODUCTS)]
    if not any(is_shown(catalog, retailer_id) for retailer_id in wanted):
        raise invalid(f"Product not found for product_retailer_ids, {', '.join(wanted)}, in catalog_id, {catalog.id}")


def sectioned(action: Content, items: str, most: int) -> list[Content]:
    """All items of the sections; a title is needed once there are several sections."""
    sections = check_list("action['sections']", action.get("sections"), MOST_SECTIONS)
    for section in sections:
        if len(sections) > 1 or section.get("title") is not None:
            check_text("section['title']", section.get("title"), LONGEST_TITLE)
    found = [item for section in sections for item in check_list(f"section['{items}']", section.get(items), most)]
    return check_list(f"sections['{items}']", found, most)


def is_shown(catalog: Catalog, retailer_id: Any) -> bool:
    """Whether customers can see this product: it is there, reviewed and published."""
    item = catalog.items.get(str(retailer_id))
    return item is not None and item.review_status == "approved" and item.facts.get("visibility") != "staging"


def _catalog(catalog_id: Any, world: World) -> Catalog:
    if not catalog_id:
        raise missing("catalog_id")
    catalog = shown_catalog(world)
    if str(catalog_id) != catalog.id:
        raise invalid(f"catalog_id {catalog_id} is not connected to this WhatsApp business account")
    return catalog
