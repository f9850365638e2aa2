"""Meta's own Python client, facebook-business, for catalogs and the business account. It sends its token in the
address and nested values as JSON in forms."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from facebook_business.adobjects.business import Business
from facebook_business.adobjects.productcatalog import ProductCatalog
from facebook_business.adobjects.productitem import ProductItem
from facebook_business.adobjects.whatsappbusinessaccount import WhatsAppBusinessAccount
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

from tests.sandbox.programs import await_true
from tests.sandboxes import Sandbox

# The client warns where its own list of types lags behind Meta's.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

ACCOUNT, BUSINESS, CATALOG = "200000000000001", "300000000000001", "900000000000001"
SECRET = "sandbox-app-secret"
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
BODY = {"type": "BODY", "text": "Hello {{1}}, how are you?", "example": {"body_text": [["Asha"]]}}


@pytest.fixture
def api(sandbox_program: Sandbox, monkeypatch: pytest.MonkeyPatch) -> FacebookAdsApi:
    sandbox_program.control("POST", "reset")
    reviews = {"template_ms": 0, "item_ms": 0, "batch_ms": 0}
    sandbox_program.control("PUT", "config", latency_ms=0, reviews=reviews)
    monkeypatch.setattr(FacebookSession, "GRAPH", sandbox_program.url)
    return FacebookAdsApi(FacebookSession(app_secret=SECRET, access_token="sandbox-token"))


@pytest.fixture
def account(api: FacebookAdsApi) -> WhatsAppBusinessAccount:
    return WhatsAppBusinessAccount(ACCOUNT, api=api)


@pytest.fixture
def catalog(api: FacebookAdsApi) -> ProductCatalog:
    return ProductCatalog(CATALOG, api=api)


def batch(catalog: ProductCatalog, *requests: dict[str, Any]) -> str:
    answer = catalog.create_items_batch(params={"item_type": "PRODUCT_ITEM", "requests": list(requests)})
    (handle,) = answer["handles"]
    return str(handle)


def outcome(catalog: ProductCatalog, handle: str) -> dict[str, Any]:
    params = {"handle": handle, "load_ids_of_invalid_requests": True}
    (told,) = catalog.get_check_batch_request_status(params=params)
    return dict(told)


def test_it_makes_and_lists_catalogs(api: FacebookAdsApi) -> None:
    business = Business(BUSINESS, api=api)
    made = business.create_owned_product_catalog(params={"name": "Second", "vertical": "commerce"})
    owned = business.get_owned_product_catalogs(fields=["name", "product_count"])
    assert {one["id"]: one["product_count"] for one in owned} == {CATALOG: 12, made["id"]: 0}
    ProductCatalog(made["id"], api=api).api_delete()
    assert len(business.get_owned_product_catalogs()) == 1


def test_it_connects_one_catalog(account: WhatsAppBusinessAccount) -> None:
    assert [one["id"] for one in account.get_product_catalogs()] == [CATALOG]
    account.delete_product_catalogs(params={"catalog_id": CATALOG})
    assert list(account.get_product_catalogs()) == []
    account.create_product_catalog(params={"catalog_id": CATALOG})
    assert [one["id"] for one in account.get_product_catalogs()] == [CATALOG]


def test_it_changes_items_in_a_batch(catalog: ProductCatalog) -> None:
    handle = batch(catalog, {"method": "CREATE", "data": BARFI}, {"method": "DELETE", "data": {"id": "NOBODY"}})
    await_true(lambda: outcome(catalog, handle)["status"] == "finished")
    told = outcome(catalog, handle)
    assert (told["errors_total_count"], told["ids_of_invalid_requests"]) == (1, ["NOBODY"])
    found = catalog.get_products(
        fields=["retailer_id", "price"], params={"filter": json.dumps({"retailer_id": {"eq": "BARFI"}})}
    )
    assert [one["price"] for one in found] == ["₹250.00"]


def test_it_iterates_over_all_products(catalog: ProductCatalog) -> None:
    products = catalog.get_products(fields=["retailer_id", "review_status"], params={"limit": 5})
    assert products.total() == 12
    assert len({one["retailer_id"] for one in products}) == 12


def test_it_keeps_a_single_item(catalog: ProductCatalog, api: FacebookAdsApi) -> None:
    item = {
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
    made = catalog.create_product(params=item)
    product = ProductItem(made["id"], api=api)
    assert product.api_get(fields=["price"])["price"] == "₹125.50"
    product.api_update(params={"price": 13000})
    assert product.api_get(fields=["price"])["price"] == "₹130.00"
    product.api_delete()
    with pytest.raises(FacebookRequestError) as gone:
        product.api_get()
    assert gone.value.api_error_code() == 100


def test_it_keeps_templates(account: WhatsAppBusinessAccount) -> None:
    new = {"name": "new_year", "language": "en", "category": "MARKETING", "components": [BODY]}
    made = account.create_message_template(params=new)
    found = account.get_message_templates(fields=["name", "status", "components"], params={"name": "new_year"})
    assert [one["id"] for one in found] == [made["id"]]
    account.delete_message_templates(params={"name": "new_year"})
    assert list(account.get_message_templates(params={"name": "new_year"})) == []
    with pytest.raises(FacebookRequestError) as refused:
        account.create_message_template(params=new | {"name": "visa_update"})
    assert refused.value.api_error_subcode() == 2388024


def test_it_reads_the_account(account: WhatsAppBusinessAccount) -> None:
    shown = account.api_get(fields=["name", "marketing_messages_onboarding_status", "currency"])
    assert (shown["name"], shown["currency"]) == ("Sahyadri Holidays", "INR")
    assert [one["verified_name"] for one in account.get_phone_numbers()] == ["Sahyadri Holidays"]
    account.create_subscribed_app()
    assert len(account.get_subscribed_apps()) == 1


def test_it_asks_for_the_figures_of_templates(account: WhatsAppBusinessAccount) -> None:
    now = int(time.time())
    asked = {"start": now - 60, "end": now, "granularity": "DAILY", "template_ids": ["594100000000001"]}
    with pytest.raises(FacebookRequestError) as refused:
        account.get_template_analytics(params=asked)
    assert refused.value.api_error_subcode() == 200005


def test_it_puts_many_calls_into_one(account: WhatsAppBusinessAccount, api: FacebookAdsApi) -> None:
    answers: list[Any] = []
    calls = api.new_batch()
    account.api_get(fields=["name"], batch=calls, success=answers.append)
    new = {"name": "in_a_batch", "language": "en", "category": "MARKETING", "components": [BODY]}
    account.create_message_template(params=new, batch=calls, success=answers.append)
    ProductItem("1", api=api).api_get(batch=calls, failure=lambda answer: answers.append(answer.error()))
    calls.execute()
    assert answers[0].json()["name"] == "Sahyadri Holidays"
    assert answers[1].json()["status"] == "PENDING"
    assert answers[2].api_error_code() == 100


def test_its_proof_must_be_right(account: WhatsAppBusinessAccount, api: FacebookAdsApi) -> None:
    session = FacebookSession(app_secret="another secret", access_token="sandbox-token")
    with pytest.raises(FacebookRequestError, match="appsecret_proof"):
        WhatsAppBusinessAccount(ACCOUNT, api=FacebookAdsApi(session)).api_get()
