"""The products of a catalog as Meta has them. Reading uses other names than writing in batches."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.meta.errors import OutcomeUnknown
from app.meta.foreign import sequence, text
from app.meta.outcome import require_success
from app.meta.prices import Price, read_price
from app.meta.transport import Transport

FIELDS = (
    "id,retailer_id,name,description,price,sale_price,currency,availability,condition,image_url,url,brand,"
    "review_status,review_rejection_reasons,retailer_product_group_id,visibility"
)
PAGE = 100


@dataclass(frozen=True, slots=True)
class CatalogProduct:
    """A product in Meta's own words; what Meta left out is None, as is a price that cannot be read.

    `id` is Meta's, `sku` ours (`retailer_id`), `group` that of its variants; `review_status` is approved, pending,
    rejected, outdated or empty; `visibility` published or staging.
    """

    id: str
    sku: str | None
    name: str | None
    description: str | None
    price: Price | None
    sale_price: Price | None
    availability: str | None
    condition: str | None
    image_url: str | None
    url: str | None
    brand: str | None
    group: str | None
    review_status: str | None
    rejection_reasons: tuple[str, ...]
    visibility: str | None


def list_products(transport: Transport, catalog_id: str) -> Iterator[CatalogProduct]:
    """Every product of the catalog, page by page while you read."""
    for node in transport.get_items(f"{catalog_id}/products", {"fields": FIELDS, "limit": PAGE}):
        if product_id := text(node.get("id")):
            yield _product(product_id, node)


def create_product(transport: Transport, catalog_id: str, product: Mapping[str, object]) -> str:
    """Put one product into the catalog; Meta's id of it.

    `product` has Meta's reading names (retailer_id, name, image_url, url …), but `price` in whole minor units.
    """
    product_id = text(transport.post(f"{catalog_id}/products", product).get("id"))
    if product_id is None:
        raise OutcomeUnknown("an answer without a product id", 200)
    return product_id


def delete_product(transport: Transport, product_id: str) -> None:
    """Take the product of this id of Meta's out of its catalog."""
    require_success(transport.delete(product_id))


def _product(product_id: str, node: Mapping[str, object]) -> CatalogProduct:
    currency = text(node.get("currency"))
    return CatalogProduct(
        id=product_id,
        sku=text(node.get("retailer_id")),
        name=text(node.get("name")),
        description=text(node.get("description")),
        price=read_price(text(node.get("price")), currency),
        sale_price=read_price(text(node.get("sale_price")), currency),
        availability=text(node.get("availability")),
        condition=text(node.get("condition")),
        image_url=text(node.get("image_url")),
        url=text(node.get("url")),
        brand=text(node.get("brand")),
        group=text(node.get("retailer_product_group_id")),
        review_status=text(node.get("review_status")),
        rejection_reasons=tuple(filter(None, map(text, sequence(node.get("review_rejection_reasons"))))),
        visibility=text(node.get("visibility")),
    )
