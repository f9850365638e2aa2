"""Catalogs of a business, and which of them a WhatsApp business account shows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.meta.errors import OutcomeUnknown
from app.meta.foreign import integer, text
from app.meta.outcome import require_success
from app.meta.transport import Transport

FIELDS = "id,name,vertical,product_count"


@dataclass(frozen=True, slots=True)
class Catalog:
    """A catalog as Meta describes it; what Meta left out is None."""

    id: str
    name: str | None
    vertical: str | None
    product_count: int | None


def list_owned_catalogs(transport: Transport, business_id: str) -> Iterator[Catalog]:
    """Every catalog of the business portfolio."""
    return _catalogs(transport.get_items(f"{business_id}/owned_product_catalogs", {"fields": FIELDS}))


def create_catalog(transport: Transport, business_id: str, name: str) -> str:
    """A new catalog of goods; its id."""
    answer = transport.post(f"{business_id}/owned_product_catalogs", {"name": name, "vertical": "commerce"})
    catalog_id = text(answer.get("id"))
    if catalog_id is None:
        raise OutcomeUnknown("an answer without a catalog id", 200)
    return catalog_id


def list_connected_catalogs(transport: Transport, waba_id: str) -> Iterator[Catalog]:
    """The catalog that the account shows, or none; Meta allows one."""
    return _catalogs(transport.get_items(f"{waba_id}/product_catalogs", {"fields": FIELDS}))


def connect_catalog(transport: Transport, waba_id: str, catalog_id: str) -> None:
    """Let the account show this catalog."""
    require_success(transport.post(f"{waba_id}/product_catalogs", {"catalog_id": catalog_id}))


def disconnect_catalog(transport: Transport, waba_id: str, catalog_id: str) -> None:
    """Let the account show this catalog no more."""
    require_success(transport.delete(f"{waba_id}/product_catalogs", {"catalog_id": catalog_id}))


def _catalogs(nodes: Iterator[Mapping[str, object]]) -> Iterator[Catalog]:
    for node in nodes:
        if catalog_id := text(node.get("id")):
            count = integer(node.get("product_count"))
            yield Catalog(catalog_id, text(node.get("name")), text(node.get("vertical")), count)
