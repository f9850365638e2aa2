"""Payment links: made, refused, paid in full and in parts, cancelled, told to the webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from .programs import Sandbox, await_true

KEY = ("rzp_test_sandbox", "sandbox-razorpay-secret")
WEBHOOK_SECRET = b"sandbox-razorpay-webhook-secret"
NEW = {"amount": 109800, "currency": "INR", "reference_id": "ORD-1", "customer": {"contact": "+919812345678"}}


class Shop:
    """What Razorpay told; answers with `refusals` first, then 204. `raw` keeps bodies with their signatures."""

    def __init__(self) -> None:
        self.raw: list[tuple[str, str]] = []
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.refusals: list[int] = []
        self.unsigned = 0
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                proof = hmac.new(WEBHOOK_SECRET, raw, hashlib.sha256).hexdigest()
                shop.unsigned += proof != self.headers["X-Razorpay-Signature"]
                shop.raw.append((raw.decode(), self.headers["X-Razorpay-Signature"]))
                shop.told.append((self.headers["x-razorpay-event-id"], json.loads(raw)))
                self.send_response(shop.refusals.pop(0) if shop.refusals else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def events(self) -> list[str]:
        return [body["event"] for _, body in self.told]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def shop(sandbox: Sandbox) -> Iterator[Shop]:
    shop = Shop()
    sandbox.tune(razorpay={"webhook_url": shop.url})
    yield shop
    shop.close()


def call(sandbox: Sandbox, method: str, path: str = "", **options: Any) -> requests.Response:
    url = f"{sandbox.url}/v1/payment_links{path}"
    return requests.request(method, url, timeout=5, **({"auth": KEY} | options))


def make(sandbox: Sandbox, **change: Any) -> dict[str, Any]:
    answer = call(sandbox, "POST", json=NEW | change)
    assert answer.ok, answer.text
    link: dict[str, Any] = answer.json()
    return link


def pay(link: dict[str, Any], **form: str) -> requests.Response:
    return requests.post(link["short_url"] + "/pay", data=form, timeout=5, allow_redirects=False)


def test_it_makes_a_link_and_finds_it(sandbox: Sandbox) -> None:
    link = make(sandbox, notes={"order_id": "1"})
    assert (link["status"], link["amount_paid"], link["id"][:6]) == ("created", 0, "plink_")
    assert call(sandbox, "GET", f"/{link['id']}").json() == link
    found = call(sandbox, "GET", params={"reference_id": "ORD-1"}).json()["payment_links"]
    assert [one["id"] for one in found] == [link["id"]]
    assert call(sandbox, "POST", f"/{link['id']}/notify_by/sms").json() == {"success": True}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": 99}, "amount"),
        ({"amount": "1098"}, "amount"),
        ({"amount": None}, "amount"),
        ({"currency": "rupees"}, "currency"),
        ({"reference_id": "x" * 41}, "reference_id"),
        ({"description": "x" * 2049}, "description"),
        ({"notes": {str(n): "x" for n in range(16)}}, "notes"),
        ({"notes": {"a": "x" * 257}}, "notes"),
        ({"expire_by": int(time.time()) + 60}, "expire_by"),
        ({"expire_by": int(time.time()) + 400 * 86400}, "expire_by"),
        ({"callback_method": "get"}, "callback_method"),
        ({"first_min_partial_amount": 100}, "first_min_partial_amount"),
        ({"upi_link": True}, "upi_link"),
        ({"accept_partial": "yes"}, "accept_partial"),
        ({"shoe_size": 42}, "shoe_size"),
    ],
)
def test_it_refuses_a_link_that_breaks_a_rule(sandbox: Sandbox, change: dict[str, Any], field: str) -> None:
    answer = call(sandbox, "POST", json=NEW | change)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["field"]) == (400, "BAD_REQUEST_ERROR", field), error


def test_it_takes_a_reference_once(sandbox: Sandbox) -> None:
    make(sandbox)
    answer = call(sandbox, "POST", json=NEW)
    assert answer.status_code == 400
    assert "already attempted" in answer.json()["error"]["description"]


def test_it_wants_the_right_key(sandbox: Sandbox) -> None:
    assert call(sandbox, "GET", auth=None).status_code == 401
    assert call(sandbox, "GET", auth=("rzp_test_sandbox", "wrong")).status_code == 401
    assert call(sandbox, "GET", "/plink_nobody").json()["error"]["description"] == "The id provided does not exist"
    assert requests.get(f"{sandbox.url}/v1/orders", auth=KEY, timeout=5).status_code == 404


def test_it_tells_that_a_link_was_paid(sandbox: Sandbox, shop: Shop) -> None:
    link = make(sandbox, callback_url="https://shop.example.in/return?x=1", callback_method="get")
    assert "10" in requests.get(link["short_url"], timeout=5).text
    back = parse_qs(urlsplit(pay(link).headers["Location"]).query)
    await_true(lambda: shop.events() == ["payment_link.paid"])
    event_id, body = shop.told[0]
    entity, payment = body["payload"]["payment_link"]["entity"], body["payload"]["payment"]["entity"]
    assert (entity["reference_id"], entity["status"], payment["amount"]) == ("ORD-1", "paid", 109800)
    assert payment["order_id"] == "order_" + body["payload"]["order"]["entity"]["id"]
    assert event_id.startswith("evt_")
    assert (shop.unsigned, back["razorpay_payment_id"]) == (0, [payment["id"]])
    assert call(sandbox, "GET", f"/{link['id']}").json()["payments"][0]["payment_id"] == payment["id"]
    assert "already paid" in requests.get(sandbox.url + pay(link).headers["Location"], timeout=5).text


def test_it_takes_parts_where_they_are_accepted(sandbox: Sandbox, shop: Shop) -> None:
    whole = make(sandbox)
    pay(whole, amount="10")
    assert call(sandbox, "GET", f"/{whole['id']}").json()["status"] == "created"
    parts = make(sandbox, reference_id="ORD-2", accept_partial=True, first_min_partial_amount=50000)
    for amount in ("499.99", "500", "598.01", ""):
        pay(parts, amount=amount)
    await_true(lambda: len(shop.told) == 2)
    assert sorted(shop.events()) == ["payment_link.paid", "payment_link.partially_paid"]  # in no order
    assert [one["amount"] for one in call(sandbox, "GET", f"/{parts['id']}").json()["payments"]] == [50000, 59800]


def test_it_tells_of_failed_payments_and_leaves_the_link_open(sandbox: Sandbox, shop: Shop) -> None:
    link = make(sandbox)
    requests.post(link["short_url"] + "/fail", timeout=5)
    await_true(lambda: shop.events() == ["payment.failed"])
    assert call(sandbox, "GET", f"/{link['id']}").json()["status"] == "created"


def test_it_cancels_and_changes_only_what_is_open(sandbox: Sandbox, shop: Shop) -> None:
    link = make(sandbox)
    changed = call(sandbox, "PATCH", f"/{link['id']}", json={"reference_id": "ORD-9"}).json()
    assert changed["reference_id"] == "ORD-9"
    assert call(sandbox, "PATCH", f"/{link['id']}", json={"amount": 5}).status_code == 400
    assert call(sandbox, "POST", f"/{link['id']}/cancel").json()["status"] == "cancelled"
    assert call(sandbox, "POST", f"/{link['id']}/cancel").status_code == 400
    assert call(sandbox, "PATCH", f"/{link['id']}", json={"notes": {}}).status_code == 400
    pay(link)
    await_true(lambda: shop.events() == ["payment_link.cancelled"])


def test_it_tells_again_until_it_is_heard(sandbox: Sandbox, shop: Shop) -> None:
    shop.refusals = [500]
    pay(make(sandbox))
    await_true(lambda: len(shop.told) == 2)
    assert shop.told[0] == shop.told[1]


def test_it_tells_twice_when_tuned_to(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.tune(razorpay={"duplicate_rate": 1})
    pay(make(sandbox))
    await_true(lambda: len(shop.told) == 2)
    assert shop.told[0][0] == shop.told[1][0]


def test_it_keeps_links_and_unheard_events_over_a_restart(own: tuple[Sandbox, Any]) -> None:
    sandbox, _ = own
    shop = Shop()
    sandbox.tune(razorpay={"webhook_url": "http://127.0.0.1:9/"})
    link = make(sandbox)
    pay(link)
    sandbox.stop()
    sandbox.start()
    sandbox.tune(razorpay={"webhook_url": shop.url})
    assert call(sandbox, "GET", f"/{link['id']}").json()["status"] == "paid"
    await_true(lambda: shop.events() == ["payment_link.paid"])
    sandbox.control("POST", "reset")
    assert call(sandbox, "GET", f"/{link['id']}").status_code == 400
    shop.close()
