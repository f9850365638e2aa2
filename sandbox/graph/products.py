"""Items of a catalog: list, add, show, change, delete; their groups; and Meta's commerce review of them."""

import time
from collections.abc import Iterator
from typing import Any

from sandbox.errors import GraphError
from sandbox.graph.call import Call
from sandbox.graph.fields import project
from sandbox.graph.filters import fits
from sandbox.graph.known_fields import ITEM
from sandbox.graph.lists import number_of, switch_of
from sandbox.graph.paging import page_of
from sandbox.ids import new_node_id
from sandbox.stage import Stage
from sandbox.validation.items import faults_of_new
from sandbox.world.money import written_price
from sandbox.world.shop import READ_NAMES, Catalog, Item

USUAL = ("id", "name", "retailer_id")
WRITE_NAMES = {read: write for write, read in READ_NAMES.items()}
PRICES = ("price", "sale_price")
CONTROL = ("currency", "retailer_id", "allow_upsert", *PRICES)  # parameters that are no facts as they stand


async def listing(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{catalog id}/products with fields, filter, cursors and, when asked, the total."""
    _count_call(stage, node)
    given = call.params
    only_approved = switch_of("return_only_approved_products", given.get("return_only_approved_products", False))
    nodes = [
        item.as_node()
        for item in stage.world.shop.catalogs[node].items.values()
        if fits(item, given.get("filter")) and (not only_approved or item.review_status == "approved")
    ]
    answer = page_of([_shown(one, call) for one in nodes], call)
    if given.get("summary"):
        answer["summary"] = {"total_count": len(nodes)}
    return answer


async def create(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """POST /{catalog id}/products: one item, prices in minor units."""
    _count_call(stage, node)
    catalog, given = stage.world.shop.catalogs[node], call.params
    retailer_id = given.get("retailer_id")
    if not retailer_id:
        raise GraphError(100, message="(#100) The parameter retailer_id is required.")
    may_change = switch_of("allow_upsert", given.get("allow_upsert", True))
    if str(retailer_id) in catalog.items and not may_change:
        raise GraphError(100, message=f"(#100) A product with the retailer_id {retailer_id} exists already")
    return {"id": _change(stage, catalog, str(retailer_id), given).id}


async def show(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{product item id}."""
    _, item = _found(stage, node)
    return _shown(item.as_node(), call)


async def change(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """POST /{product item id}."""
    catalog, item = _found(stage, node)
    _count_call(stage, catalog.id)
    _change(stage, catalog, item.retailer_id, call.params)
    return {"success": True}


async def remove(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """DELETE /{product item id}."""
    catalog, item = _found(stage, node)
    _count_call(stage, catalog.id)
    del catalog.items[item.retailer_id]
    stage.store.shop.changed()
    return {"success": True}


async def groups(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{catalog id}/product_groups: one for each `item_group_id`."""
    items = stage.world.shop.catalogs[node].items.values()
    names = dict.fromkeys(item.group for item in items if item.group)
    usual, asked = ("id", "retailer_id"), call.params.get("fields")
    found = ({"id": f"{node}-{name}", "retailer_id": name} for name in names)
    return page_of([project(one, asked, usual, (), "ProductGroup") for one in found], call)


def put_item(stage: Stage, catalog: Catalog, facts: dict[str, Any]) -> Item:
    """Add an item, or change one; what is new, or says something new of itself, is reviewed. `facts` are in the
    words of a batch."""
    retailer_id = str(facts["id"])
    present = catalog.items.get(retailer_id)
    told = {name: value for name, value in facts.items() if name != "id"}
    item = Item(present.id if present else new_node_id(), retailer_id, (present.facts if present else {}) | told)
    if present and not _says_more(present.facts, item.facts):
        item.review_status, item.review_at = present.review_status, present.review_at
    else:
        item.review_at = time.time() + stage.tuning.reviews.item_ms / 1000
    catalog.put(item)
    _plan_review(stage, item)
    stage.store.shop.changed()
    return item


def resume_item_reviews(stage: Stage) -> None:
    """After a restart: reviews end when they were to."""
    for catalog in stage.world.shop.catalogs.values():
        for item in catalog.items.values():
            _plan_review(stage, item)


def _says_more(before: dict[str, Any], now: dict[str, Any]) -> bool:
    words = ("title", "description", "image_link", "link")
    return any(before.get(name) != now.get(name) for name in words)


def _plan_review(stage: Stage, item: Item) -> None:
    if item.review_at is not None:
        stage.agenda.at(item.review_at, _decide, stage, item)


def _decide(stage: Stage, item: Item) -> None:
    """Approve, unless the retailer id asks for something else: `…_rejected` is refused."""
    item.review_at = None
    item.review_status = "rejected" if item.retailer_id.endswith("_rejected") else "approved"
    stage.store.shop.changed()


def _change(stage: Stage, catalog: Catalog, retailer_id: str, given: dict[str, Any]) -> Item:
    facts = dict(_facts(given, catalog.items.get(retailer_id))) | {"id": retailer_id}
    present = catalog.items.get(retailer_id)
    faults = faults_of_new((present.facts if present else {}) | facts)
    if faults:
        raise GraphError(100, message=f"(#100) {faults[0]}")
    return put_item(stage, catalog, facts)


def _facts(given: dict[str, Any], present: Item | None) -> Iterator[tuple[str, Any]]:
    """Single items come in the words of reading, with prices in minor units."""
    for name, value in given.items():
        if name not in CONTROL:
            yield WRITE_NAMES.get(name, name), value
    currency = given.get("currency") or (present.facts["price"].partition(" ")[2] if present else "")
    for name in PRICES:
        if given.get(name) is not None:
            yield name, written_price(number_of(name, given[name]), str(currency))


def _shown(node: dict[str, Any], call: Call) -> dict[str, Any]:
    return project(node, call.params.get("fields"), USUAL, ITEM, "ProductItem")


def _found(stage: Stage, node: str) -> tuple[Catalog, Item]:
    found = stage.world.shop.item(node)
    assert found is not None  # the router asked for it
    return found


def _count_call(stage: Stage, catalog_id: str) -> None:
    if not stage.calls.admits(f"catalog {catalog_id}", stage.tuning.management.catalog_calls):
        raise GraphError(80009)
