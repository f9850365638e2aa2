"""Catalogs: those the business owns, and the one the WhatsApp business account shows."""

from typing import Any

from sandbox.errors import GraphError
from sandbox.graph.call import Call
from sandbox.graph.fields import project
from sandbox.graph.known_fields import CATALOG
from sandbox.graph.paging import page_of
from sandbox.ids import new_node_id
from sandbox.settings import BUSINESS_ID
from sandbox.stage import Stage
from sandbox.world.shop import Catalog

USUAL = ("id", "name")
VERTICALS = (
    "adoptable_pets", "commerce", "destinations", "flights", "generic", "home_listings", "hotels",
    "local_service_businesses", "offer_items", "offline_commerce", "transactable_items", "vehicles",
)  # fmt: skip


async def owned(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{business id}/owned_product_catalogs."""
    return page_of([_shown(one, call) for one in stage.world.shop.catalogs.values()], call)


async def create(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """POST /{business id}/owned_product_catalogs."""
    name, vertical = call.params.get("name"), call.params.get("vertical", "commerce")
    if not isinstance(name, str) or not name.strip():
        raise GraphError(100, message="(#100) The parameter name is required.")
    if vertical not in VERTICALS:
        raise GraphError(100, message=f"(#100) Param vertical must be one of {{{', '.join(VERTICALS)}}}")
    catalog = Catalog(new_node_id(), name.strip(), vertical)
    stage.world.shop.catalogs[catalog.id] = catalog
    stage.store.shop.changed()
    return {"id": catalog.id}


async def show(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{catalog id}."""
    return _shown(stage.world.shop.catalogs[node], call)


async def rename(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """POST /{catalog id}."""
    if call.params.get("name"):
        stage.world.shop.catalogs[node].name = str(call.params["name"])
        stage.store.shop.changed()
    return {"success": True}


async def remove(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """DELETE /{catalog id}; one that the account shows must be disconnected first."""
    if stage.world.shop.connected == node:
        raise GraphError(100, message="(#100) The catalog is connected to a WhatsApp business account.")
    del stage.world.shop.catalogs[node]
    stage.store.shop.changed()
    return {"success": True}


async def connected(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{account id}/product_catalogs: one or none."""
    catalog = stage.world.shop.catalog
    return page_of([_shown(catalog, call)] if catalog else [], call)


async def connect(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """POST /{account id}/product_catalogs: one catalog an account."""
    shop, catalog_id = stage.world.shop, str(call.params.get("catalog_id", ""))
    if catalog_id not in shop.catalogs:
        raise GraphError(100, message="(#100) Param catalog_id must be the id of a catalog")
    if shop.connected not in (None, catalog_id):
        details = "Only one catalog can be connected to a WhatsApp business account; disconnect the other first."
        raise GraphError(100, details, user_title="Another catalog is connected", message="Invalid parameter")
    shop.connected = catalog_id
    stage.store.shop.changed()
    return {"success": True}


async def disconnect(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """DELETE /{account id}/product_catalogs?catalog_id=."""
    if str(call.params.get("catalog_id", "")) != stage.world.shop.connected:
        raise GraphError(100, message="(#100) Param catalog_id is not connected to this account")
    stage.world.shop.connected = None
    stage.store.shop.changed()
    return {"success": True}


def _shown(catalog: Catalog, call: Call) -> dict[str, Any]:
    node = {
        "id": catalog.id,
        "name": catalog.name,
        "vertical": catalog.vertical,
        "product_count": len(catalog.items),
        "business": {"id": BUSINESS_ID, "name": "Sahyadri Holidays"},
    }
    return project(node, call.params.get("fields"), USUAL, CATALOG, "ProductCatalog")
