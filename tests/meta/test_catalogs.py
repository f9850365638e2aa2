"""Catalogs, their products and batches of changes, as Meta tells of them."""

import json
from decimal import Decimal

import pytest
import responses
from responses import matchers

from app.meta.catalog_batches import BatchStatus, Change, ItemMessage, read_batch, send_batch
from app.meta.catalog_products import create_product, delete_product, list_products
from app.meta.catalogs import (
    Catalog,
    connect_catalog,
    create_catalog,
    disconnect_catalog,
    list_connected_catalogs,
    list_owned_catalogs,
)
from app.meta.envelope import BadMessage
from app.meta.errors import ErrorClass, MetaError, OutcomeUnknown
from app.meta.prices import Price, read_price

URL = "https://graph.example/v26.0"
DONE = {"success": True}
NODE = {
    "id": "4711",
    "retailer_id": "SKU1",
    "name": "Kaju Katli",
    "price": "₹549.00",
    "sale_price": "",
    "currency": "INR",
    "availability": "in stock",
    "image_url": "https://cdn.in/1.jpg",
    "url": "https://shop.in/1",
    "retailer_product_group_id": "KAJU",
    "review_status": "rejected",
    "review_rejection_reasons": ["Policy", None],
    "visibility": "published",
}


@responses.activate
def test_it_lists_and_makes_catalogs(transport):
    found = {"data": [{"id": "900", "name": "Sweets", "vertical": "commerce", "product_count": 3}, {"name": "x"}]}
    responses.get(f"{URL}/5/owned_product_catalogs", json=found)
    call = responses.post(f"{URL}/5/owned_product_catalogs", json={"id": "901"})
    assert list(list_owned_catalogs(transport, "5")) == [Catalog("900", "Sweets", "commerce", 3)]
    assert create_catalog(transport, "5", "Boxes") == "901"
    assert json.loads(call.calls[0].request.body) == {"name": "Boxes", "vertical": "commerce"}


@responses.activate
def test_it_connects_a_catalog_to_the_account(transport):
    path = f"{URL}/7/product_catalogs"
    responses.get(path, json={"data": [{"id": "900"}]})
    call = responses.post(path, json=DONE)
    gone = responses.delete(path, json=DONE, match=[matchers.query_param_matcher({"catalog_id": "900"})])
    connect_catalog(transport, "7", "900")
    assert [catalog.id for catalog in list_connected_catalogs(transport, "7")] == ["900"]
    disconnect_catalog(transport, "7", "900")
    assert json.loads(call.calls[0].request.body) == {"catalog_id": "900"}
    assert gone.call_count == 1


@responses.activate
def test_it_hands_a_batch_in(transport):
    told = [{"retailer_id": "SKU2", "errors": [{"message": "No price"}], "warnings": [{"message": "Small image"}]}]
    call = responses.post(f"{URL}/900/items_batch", json={"handles": ["Acy"], "validation_status": told})
    changes = [Change("CREATE", {"id": "SKU1", "price": "549.00 INR"}), Change("DELETE", {"id": "SKU3"})]
    receipt = send_batch(transport, "900", changes, allow_upsert=False)
    assert (receipt.handle, receipt.errors) == ("Acy", (ItemMessage("SKU2", "No price"),))
    assert receipt.warnings == (ItemMessage("SKU2", "Small image"),)
    assert json.loads(call.calls[0].request.body) == {
        "item_type": "PRODUCT_ITEM",
        "allow_upsert": False,
        "requests": [
            {"method": "CREATE", "data": {"id": "SKU1", "price": "549.00 INR"}},
            {"method": "DELETE", "data": {"id": "SKU3"}},
        ],
    }


@pytest.mark.parametrize("answer", [{}, {"handles": []}, {"handles": None, "validation_status": {}}])
@responses.activate
def test_it_knows_that_nothing_was_queued(transport, answer):
    responses.post(f"{URL}/900/items_batch", json=answer)
    assert send_batch(transport, "900", [Change("DELETE", {"id": "S"})]).handle is None


@pytest.mark.parametrize("count", [0, 5001])
def test_it_hands_in_no_batch_that_is_empty_or_too_large(transport, count):
    with pytest.raises(BadMessage, match="5000"):
        send_batch(transport, "900", [Change("DELETE", {"id": "S"})] * count)


@responses.activate
def test_it_waits_when_batches_come_too_fast(transport):
    responses.post(f"{URL}/900/items_batch", json={"error": {"code": 80014, "message": "Too many"}}, status=400)
    with pytest.raises(MetaError) as caught:
        send_batch(transport, "900", [Change("DELETE", {"id": "S"})])
    assert caught.value.error_class is ErrorClass.THROTTLED


@responses.activate
def test_it_asks_after_a_batch_and_for_the_ids_that_failed(transport):
    node = {
        "handle": "Acy",
        "status": "Finished",
        "errors_total_count": 1,
        "errors": [{"line": 0, "id": "SKU2", "message": "No price"}],
        "warnings": [],
        "ids_of_invalid_requests": ["SKU2"],
    }
    asked = {"handle": "Acy", "load_ids_of_invalid_requests": "true"}
    path = f"{URL}/900/check_batch_request_status"
    responses.get(path, json={"data": [node]}, match=[matchers.query_param_matcher(asked)])
    status = read_batch(transport, "900", "Acy")
    assert status == BatchStatus("Acy", "finished", 1, (ItemMessage("SKU2", "No price"),), (), ("SKU2",))
    assert status.is_final


@pytest.mark.parametrize("data", [[], [{}], [{"status": "started", "errors": "x"}]])
@responses.activate
def test_it_goes_on_waiting_when_meta_says_little(transport, data):
    responses.get(f"{URL}/900/check_batch_request_status", json={"data": data})
    assert not read_batch(transport, "900", "Acy").is_final


@responses.activate
def test_it_reads_the_products_page_by_page(transport):
    following = {"cursors": {"after": "B"}, "next": f"{URL}/900/products?after=B"}
    responses.get(f"{URL}/900/products", json={"data": [NODE, {"name": "no id"}], "paging": following})
    responses.get(f"{URL}/900/products", json={"data": [{"id": 4712, "price": {}}]})
    first, last = list_products(transport, "900")
    assert (first.sku, first.price, first.sale_price) == ("SKU1", Price(Decimal("549.00"), "INR"), None)
    assert (first.group, first.review_status, first.rejection_reasons) == ("KAJU", "rejected", ("Policy",))
    assert (last.id, last.sku, last.price) == ("4712", None, None)


@responses.activate
def test_it_puts_one_product_in_and_takes_it_out(transport):
    responses.post(f"{URL}/900/products", json={"id": "4711"})
    responses.delete(f"{URL}/4711", json=DONE)
    assert create_product(transport, "900", {"retailer_id": "SKU1", "price": 54900, "currency": "INR"}) == "4711"
    delete_product(transport, "4711")
    responses.replace("POST", f"{URL}/900/products", json={})
    with pytest.raises(OutcomeUnknown):
        create_product(transport, "900", {})


@pytest.mark.parametrize(
    ("shown", "currency", "price"),
    [
        ("₹549.00", "INR", "549.00"),
        ("₹1,00,549.50", None, "100549.50"),
        ("549.00 INR", None, "549.00"),
        ("INR549", None, "549"),
        ("Rs. 1,549", "inr", "1549"),
        ("1.549,00 €", None, "1549.00"),
        ("1 549,5 €", None, "1549.5"),
        ("CHF 1'549.00", None, "1549.00"),
        ("1.549.000 ₫", None, "1549000"),
        ("549.000", "IDR", "549000"),
        ("5.490", "KWD", "5.490"),
        ("£549.", None, "549"),
        ("$549.00", "USD", "549.00"),
        ("₹٥٤٩.٥٠", None, "549.50"),
    ],
)
def test_it_reads_a_price_that_people_read(shown, currency, price):
    read = read_price(shown, currency)
    assert read is not None
    assert read.amount == Decimal(price)
    assert read.currency == (currency or "").upper() or read.currency in ("INR", "EUR", "CHF", "VND", "GBP")


@pytest.mark.parametrize("shown", [None, "", "free", "₹", "$549.00", "₹500 – ₹600", "549"])
def test_it_guesses_no_price(shown):
    assert read_price(shown) is None
