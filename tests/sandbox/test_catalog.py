"""Catalogs: made, connected, filled in batches and one by one, read back in Meta's other words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .programs import ACCOUNT, ASHA, PHONE, Receiver, Sandbox, await_true

BUSINESS, CATALOG = "300000000000001", "900000000000001"
BARFI = {
    "id": "BARFI",
    "title": "Barfi",
    "description": "A box",
    "price": "250.00 INR",
    "availability": "in stock",
    "condition": "new",
    "link": "https://example.in/p/barfi",
    "image_link": "https://example.in/barfi.jpg",
    "brand": "Sahyadri Sweets",
}


def batch(sandbox: Sandbox, *requests: tuple[str, dict[str, Any]], **more: Any) -> dict[str, Any]:
    listed = [{"method": method, "data": data} for method, data in requests]
    body = {"item_type": "PRODUCT_ITEM", "requests": listed} | more
    return sandbox.graph("POST", f"{CATALOG}/items_batch", json=body).json()


def outcome(sandbox: Sandbox, handle: str, **params: Any) -> dict[str, Any]:
    path = f"{CATALOG}/check_batch_request_status"
    return sandbox.graph("GET", path, params={"handle": handle} | params).json()["data"][0]


def finished(sandbox: Sandbox, handle: str) -> dict[str, Any]:
    await_true(lambda: outcome(sandbox, handle)["status"] == "finished")
    return outcome(sandbox, handle, load_ids_of_invalid_requests="true")


def product(sandbox: Sandbox, retailer_id: str) -> dict[str, Any] | None:
    fields = "retailer_id,name,price,sale_price,currency,availability,url,image_url,review_status"
    rule = json.dumps({"retailer_id": {"eq": retailer_id}})
    found = sandbox.graph("GET", f"{CATALOG}/products", params={"fields": fields, "filter": rule}).json()["data"]
    return found[0] if found else None


@pytest.fixture
def quick(sandbox: Sandbox) -> Sandbox:
    """Meta decides at once."""
    sandbox.tune(reviews={"batch_ms": 0, "item_ms": 0})
    return sandbox


def test_it_shows_a_catalog_from_the_first_day(sandbox: Sandbox) -> None:
    (catalog,) = sandbox.graph("GET", f"{ACCOUNT}/product_catalogs", params={"fields": "id,product_count"}).json()[
        "data"
    ]
    assert catalog == {"id": CATALOG, "product_count": 12}
    kaju = product(sandbox, "KAJU-500")
    assert kaju is not None
    assert (kaju["price"], kaju["sale_price"], kaju["currency"]) == ("₹620.00", "₹549.00", "INR")


def test_it_shows_one_catalog_at_a_time(sandbox: Sandbox) -> None:
    made = sandbox.graph("POST", f"{BUSINESS}/owned_product_catalogs", json={"name": "Second"}).json()["id"]
    owned = sandbox.graph("GET", f"{BUSINESS}/owned_product_catalogs").json()["data"]
    assert [one["name"] for one in owned] == ["Sahyadri journeys and sweets", "Second"]
    path = f"{ACCOUNT}/product_catalogs"
    assert sandbox.graph("POST", path, json={"catalog_id": made}).json()["error"]["code"] == 100
    assert sandbox.graph("DELETE", CATALOG).json()["error"]["code"] == 100  # it is shown
    assert sandbox.graph("DELETE", path, params={"catalog_id": CATALOG}).json() == {"success": True}
    assert sandbox.graph("POST", path, json={"catalog_id": made}).json() == {"success": True}
    assert [one["id"] for one in sandbox.graph("GET", path).json()["data"]] == [made]
    assert sandbox.graph("DELETE", CATALOG).json() == {"success": True}


def test_it_carries_out_a_batch(quick: Sandbox) -> None:
    changes = (("CREATE", BARFI), ("UPDATE", {"id": "KAJU-250", "price": "300.00 INR"}), ("DELETE", {"id": "HAMPER"}))
    (handle,) = batch(quick, *changes)["handles"]
    assert finished(quick, handle)["errors"] == []
    barfi, kaju = product(quick, "BARFI"), product(quick, "KAJU-250")
    assert barfi is not None
    assert (barfi["name"], barfi["url"]) == ("Barfi", BARFI["link"])
    assert kaju is not None
    assert (kaju["price"], kaju["name"]) == ("₹300.00", "Kaju katli, 250 g")
    assert product(quick, "HAMPER") is None


def test_it_says_at_once_what_is_wrong_with_a_line(quick: Sandbox) -> None:
    answer = batch(quick, ("CREATE", {"id": "X", "title": "X"}), ("CREATE", BARFI | {"price": "free"}))
    assert answer["handles"] == []
    assert [one["retailer_id"] for one in answer["validation_status"]] == ["X", "BARFI"]
    assert "price" in answer["validation_status"][1]["errors"][0]["message"]


def test_it_reports_the_lines_it_could_not_carry_out(quick: Sandbox) -> None:
    lines = (("UPDATE", {"id": "NEW", "title": "Half an item"}), ("DELETE", {"id": "NOBODY"}), ("CREATE", BARFI))
    (handle,) = batch(quick, *lines)["handles"]
    told = finished(quick, handle)
    assert [(one["line"], one["id"]) for one in told["errors"]] == [(0, "NEW"), (1, "NOBODY")]
    assert told["ids_of_invalid_requests"] == ["NEW", "NOBODY"]
    assert outcome(quick, handle)["ids_of_invalid_requests"] == []
    assert product(quick, "BARFI")


def test_it_updates_nobody_without_upsert(quick: Sandbox) -> None:
    (handle,) = batch(quick, ("UPDATE", BARFI), allow_upsert=False)["handles"]
    assert finished(quick, handle)["errors_total_count"] == 1


def test_it_takes_its_time_over_a_batch(sandbox: Sandbox) -> None:
    sandbox.tune(reviews={"batch_ms": 600})
    (handle,) = batch(sandbox, ("CREATE", BARFI))["handles"]
    seen = []
    await_true(lambda: seen.append(outcome(sandbox, handle)["status"]) or seen[-1] == "finished")
    assert list(dict.fromkeys(seen)) == ["scheduled", "started", "finished"]


def test_it_shows_customers_only_what_is_reviewed(sandbox: Sandbox) -> None:
    sandbox.tune(reviews={"batch_ms": 0, "item_ms": 400})
    sandbox.control("POST", "inbound", {"from": ASHA, "text": "Hi"})
    batch(sandbox, ("CREATE", BARFI))
    await_true(lambda: product(sandbox, "BARFI"))
    action = {"catalog_id": CATALOG, "product_retailer_id": "BARFI"}
    sent = {"to": ASHA, "type": "interactive", "interactive": {"type": "product", "action": action}}
    assert sandbox.send(sent).json()["error"]["code"] == 131009
    await_true(lambda: (product(sandbox, "BARFI") or {})["review_status"] == "approved")
    assert sandbox.send(sent).ok


def test_it_keeps_single_items_too(quick: Sandbox) -> None:
    body = {
        "retailer_id": "PEDA",
        "name": "Peda",
        "currency": "INR",
        "price": 12550,
        "url": "https://example.in/peda",
        "image_url": "https://example.in/peda.jpg",
        "availability": "in stock",
        "condition": "new",
        "description": "Six",
        "brand": "Sahyadri Sweets",
    }
    made = quick.graph("POST", f"{CATALOG}/products", json=body).json()["id"]
    fields = {"fields": "price,name"}
    assert quick.graph("GET", made, params=fields).json() == {"price": "₹125.50", "name": "Peda", "id": made}
    assert quick.graph("POST", made, data={"price": "13000"}).json() == {"success": True}
    assert quick.graph("GET", made, params=fields).json()["price"] == "₹130.00"
    assert quick.graph("DELETE", made).json() == {"success": True}
    assert quick.graph("GET", made).status_code == 400
    assert quick.graph("POST", f"{CATALOG}/products", json=body | {"price": "cheap"}).json()["error"]["code"] == 100


def test_it_pages_and_counts_products(sandbox: Sandbox) -> None:
    first = sandbox.graph("GET", f"{CATALOG}/products", params={"limit": 7, "summary": "true"}).json()
    second = sandbox.http.get(first["paging"]["next"], timeout=5).json()
    assert first["summary"]["total_count"] == 12
    assert len({one["id"] for one in first["data"] + second["data"]}) == 12
    groups = sandbox.graph("GET", f"{CATALOG}/product_groups").json()["data"]
    assert [one["retailer_id"] for one in groups] == ["GOA", "KERALA", "KAJU"]


def test_it_limits_the_calls_to_a_catalog(sandbox: Sandbox) -> None:
    sandbox.tune(management={"catalog_calls": 1, "batch_calls": 1})
    codes = [sandbox.graph("GET", f"{CATALOG}/products").json().get("error", {}).get("code") for _ in range(2)]
    codes += [batch(sandbox, ("CREATE", BARFI)).get("error", {}).get("code") for _ in range(2)]
    assert codes == [None, 80009, None, 80014]


def test_it_dresses_the_shop_window(sandbox: Sandbox) -> None:
    path = f"{PHONE}/whatsapp_commerce_settings"
    before = sandbox.graph("GET", path).json()["data"]
    assert before == [{"is_cart_enabled": True, "is_catalog_visible": False, "id": PHONE}]
    assert sandbox.graph("POST", path, params={"is_catalog_visible": "true"}).json() == {"success": True}
    assert sandbox.graph("GET", path).json()["data"][0]["is_catalog_visible"] is True


def test_it_carries_out_after_a_restart_what_was_under_way(own: tuple[Sandbox, Receiver]) -> None:
    sandbox, _ = own
    sandbox.tune(reviews={"batch_ms": 1500, "item_ms": 0})
    (handle,) = batch(sandbox, ("CREATE", BARFI))["handles"]
    sandbox.stop()
    sandbox.start()
    assert finished(sandbox, handle)["errors"] == []
    assert product(sandbox, "BARFI")
    sandbox.control("POST", "reset")
    assert product(sandbox, "BARFI") is None


@pytest.mark.parametrize("rule", ['{"name": {"is_any": 5}}', '{"name": "Goa"}', '{"and": {}}', "[1]", "no rule"])
def test_it_refuses_a_filter_it_does_not_know(sandbox: Sandbox, rule: str) -> None:
    answer = sandbox.graph("GET", f"{CATALOG}/products", params={"filter": rule})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


def test_it_filters_products_by_several_rules(sandbox: Sandbox) -> None:
    rule = {"and": [{"brand": {"i_contains": "sweets"}}, {"retailer_id": {"is_not_any": ["HAMPER"]}}]}
    found = sandbox.graph("GET", f"{CATALOG}/products", params={"filter": json.dumps(rule)}).json()["data"]
    assert [one["retailer_id"] for one in found] == ["KAJU-250", "KAJU-500", "LADDU-12"]
