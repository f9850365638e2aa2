"""razorpay's own client for payment links, and its verification of what the sandbox signs."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import razorpay
import requests

from tests.sandbox.programs import await_true
from tests.sandbox.test_razorpay import Shop
from tests.sandboxes import Sandbox

KEY = ("rzp_test_sandbox", "sandbox-razorpay-secret")
WEBHOOK_SECRET = "sandbox-razorpay-webhook-secret"
NEW = {"amount": 109800, "currency": "INR", "reference_id": "ORD-1", "callback_url": "https://shop.example.in/return"}


@pytest.fixture
def running(sandbox_program: Sandbox) -> Sandbox:
    sandbox_program.control("POST", "reset")
    sandbox_program.control("PUT", "config", latency_ms=0)
    return sandbox_program


@pytest.fixture
def client(running: Sandbox) -> razorpay.Client:
    return razorpay.Client(auth=KEY, base_url=running.url)


def test_it_makes_fetches_changes_and_cancels_a_link(client: razorpay.Client) -> None:
    link = client.payment_link.create(NEW)
    assert client.payment_link.fetch(link["id"])["status"] == "created"
    assert client.payment_link.edit(link["id"], {"reference_id": "ORD-2"})["reference_id"] == "ORD-2"
    assert client.payment_link.all({"reference_id": "ORD-2"})["payment_links"][0]["id"] == link["id"]
    assert client.payment_link.notifyBy(link["id"], "sms") == {"success": True}
    assert client.payment_link.cancel(link["id"])["status"] == "cancelled"


def test_it_raises_its_own_error(client: razorpay.Client, running: Sandbox) -> None:
    client.payment_link.create(NEW)
    with pytest.raises(razorpay.errors.BadRequestError, match="already attempted"):
        client.payment_link.create(NEW)
    with pytest.raises(razorpay.errors.BadRequestError, match="Authentication failed"):
        razorpay.Client(auth=("rzp_test_sandbox", "wrong"), base_url=running.url).payment_link.create(NEW)


def test_it_believes_the_webhooks_signature(client: razorpay.Client, running: Sandbox) -> None:
    shop = Shop()
    running.control("PUT", "config", razorpay={"webhook_url": shop.url})
    link = client.payment_link.create(NEW | {"description": "आदेश / order"})
    requests.post(link["short_url"] + "/pay", timeout=5, allow_redirects=False)
    await_true(lambda: shop.raw)
    shop.close()
    body, signature = shop.raw[0]
    assert client.utility.verify_webhook_signature(body, signature, WEBHOOK_SECRET)
    with pytest.raises(razorpay.errors.SignatureVerificationError):
        client.utility.verify_webhook_signature(body + " ", signature, WEBHOOK_SECRET)


def test_it_believes_the_callbacks_signature(client: razorpay.Client) -> None:
    link = client.payment_link.create(NEW)
    target = requests.post(link["short_url"] + "/pay", timeout=5, allow_redirects=False).headers["Location"]
    given: dict[str, Any] = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
    told = {name.removeprefix("razorpay_"): value for name, value in given.items() if "_link_" in name}
    told |= {name: given[name] for name in ("razorpay_payment_id", "razorpay_signature")}
    assert client.utility.verify_payment_link_signature(told)
    with pytest.raises(razorpay.errors.SignatureVerificationError):
        client.utility.verify_payment_link_signature(told | {"payment_link_status": "cancelled"})
