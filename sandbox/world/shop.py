"""Catalogs with their items, and the batches that change them."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.world.money import display_price

# What an item is called in a batch, and what its node calls it.
READ_NAMES = {"title": "name", "link": "url", "image_link": "image_url", "item_group_id": "retailer_product_group_id"}


@dataclass
class Item:
    """A product of a catalog. `facts` are in the words of a batch, prices as `549.00 INR`; it is replaced as a
    whole when it changes. `review_at` is when its commerce review ends (None: it has ended)."""

    id: str
    retailer_id: str
    facts: dict[str, Any]
    review_status: str = "pending"
    review_at: float | None = None

    @property
    def group(self) -> str | None:
        """The group whose variant it is."""
        return self.facts.get("item_group_id")

    def as_node(self) -> dict[str, Any]:
        """Its Graph node, in the words of reading; prices as Meta displays them."""
        node = {READ_NAMES.get(name, name): value for name, value in self.facts.items()}
        for name in ("price", "sale_price"):
            if node.get(name):
                node["currency"] = node[name].partition(" ")[2]
                node[name] = display_price(node[name])
        node |= {"id": self.id, "retailer_id": self.retailer_id, "review_status": self.review_status}
        node.setdefault("visibility", "published")
        return node | {"review_rejection_reasons": []}

    def as_json(self) -> dict[str, Any]:
        """Everything about it, for the snapshot."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass
class Batch:
    """An items_batch: what is still to be done, `[line, request]`, and at `ready_at` what became of it. Errors are
    by line: `{line, id, message}`."""

    handle: str
    received_at: float
    ready_at: float
    may_create: bool
    waiting: list[Any]
    errors: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Catalog:
    """A catalog; its items by retailer id."""

    id: str
    name: str
    vertical: str = "commerce"
    items: dict[str, Item] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict)

    def put(self, item: Item) -> None:
        """Add an item, or give it other facts."""
        self.items[item.retailer_id] = item

    def as_json(self) -> dict[str, Any]:
        """Everything about it, for the snapshot."""
        return {
            "id": self.id,
            "name": self.name,
            "vertical": self.vertical,
            "items": [item.as_json() for item in self.items.values()],
            "batches": [dict(vars(batch)) for batch in self.batches.values()],
        }


@dataclass
class Shop:
    """The business's catalogs, and which of them the account shows."""

    catalogs: dict[str, Catalog] = field(default_factory=dict)
    connected: str | None = None

    @property
    def catalog(self) -> Catalog | None:
        """The catalog the account shows."""
        return self.catalogs.get(self.connected or "")

    def item(self, node: str) -> tuple[Catalog, Item] | None:
        """The item of a node id, with its catalog."""
        for catalog in self.catalogs.values():
            for item in catalog.items.values():
                if item.id == node:
                    return catalog, item
        return None

    def as_json(self) -> dict[str, Any]:
        """Everything, for the snapshot."""
        return {"catalogs": [one.as_json() for one in self.catalogs.values()], "connected": self.connected}

    def load(self, kept: dict[str, Any]) -> None:
        """Take over what a snapshot, or the first day's file, says."""
        self.connected = kept["connected"]
        self.catalogs = {one["id"]: _catalog_of(one) for one in kept["catalogs"]}


def _catalog_of(kept: dict[str, Any]) -> Catalog:
    items = {one["retailer_id"]: Item(**one) for one in kept["items"]}
    batches = {one["handle"]: Batch(**one) for one in kept.get("batches", [])}
    return Catalog(kept["id"], kept["name"], kept["vertical"], items, batches)
