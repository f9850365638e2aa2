"""The sandbox's page in a real Chromium: it renews itself and sends forms without losing what a person is doing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from .programs import ASHA, Sandbox

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | ({"executable_path": path} if path else {}) | {"args": root}


@pytest.fixture
def phone(page: Page, sandbox: Sandbox) -> Iterator[Page]:
    """Asha's phone, with a product to order; a complaint of the browser fails the test."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sandbox.control("POST", "inbound", {"from": ASHA, "text": "Hi"})
    action = {"catalog_id": "900000000000001", "product_retailer_id": "GOA-3N"}
    sandbox.send({"to": ASHA, "type": "interactive", "interactive": {"type": "product", "action": action}})
    page.goto(f"{sandbox.url}/phones/{ASHA}")
    yield page
    assert complaints == []


def test_it_shows_news_and_keeps_what_was_typed(phone: Page, sandbox: Sandbox) -> None:
    phone.get_by_label("Reply as").fill("half typed")
    cart = phone.locator(".chat details[data-cart]")
    cart.locator("summary").click()
    cart.locator("input[type=number]").fill("3")
    sandbox.control("POST", "inbound", {"from": ASHA, "text": "news from elsewhere"})
    expect(phone.get_by_role("log").get_by_text("news from elsewhere")).to_be_visible()
    expect(phone.get_by_label("Reply as")).to_have_value("half typed")
    expect(cart.locator("input[type=number]")).to_have_value("3")
    expect(cart.locator("[data-total]")).to_have_text("₹26,997")


def test_it_orders_reacts_and_quotes_on_the_spot(phone: Page) -> None:
    cart = phone.locator(".chat details[data-cart]")
    cart.locator("summary").click()
    cart.get_by_role("button", name="Send the order").click()
    expect(phone.locator("[data-flash]")).to_contain_text("Order sent.")
    mine = phone.locator(".bubble.mine").last
    expect(mine).to_contain_text("1 × Goa by the sea, 3 nights")
    mine.get_by_label("More about this message").click()
    mine.get_by_label("React with 👍").click()
    expect(mine.get_by_label("Reactions")).to_have_text("👍")
    mine.get_by_label("More about this message").click()
    mine.get_by_text("Answer this message").click()
    phone.get_by_label("Reply as").fill("By Friday please")
    phone.keyboard.press("Enter")
    expect(phone.locator(".bubble.mine").last).to_contain_text("By Friday please")
    expect(phone.locator(".bubble.mine").last.locator(".quote")).to_contain_text("Order")


@pytest.mark.parametrize("width", [390, 1280])
def test_it_never_scrolls_sideways(phone: Page, sandbox: Sandbox, width: int) -> None:
    phone.set_viewport_size({"width": width, "height": 844})
    for path in (f"/phones/{ASHA}", "/", "/webhooks", "/account", "/settings"):
        phone.goto(sandbox.url + path)
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
