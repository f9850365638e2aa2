"""Every page at desk and phone width, light and dark: nothing sideways, no console error, no serious fault for axe.

With SCREENSHOTS=folder each page's picture is kept there, to be looked at.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.house import House

PAGES = {
    "dashboard": "/",
    "campaigns": "/campaigns",
    "campaign-new": "/campaigns/new",
    "templates": "/templates",
    "customers": "/customers",
    "customer-new": "/customers/new",
    "channel": "/settings/channel",
    "rates": "/settings/rates",
    "health": "/settings/health",
    "jobs": "/jobs",
    "team": "/team",
    "audit-log": "/audit",
    "account": "/account",
    "not-found": "/nowhere",
}
# What is met on the way: the first link of a list's page whose address begins so.
WITHIN = {
    "campaign": ("/campaigns", "main a[href^='/campaigns/0']"),
    "template": ("/templates", "main a[href^='/templates/0']"),
    "customer": ("/customers", "main a[href^='/customers/0']"),
}
SIZES = {1280: 900, 390: 844}
SERIOUS = {"serious", "critical"}


def inspect(page: Page, name: str, width: int, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": SIZES[width]})
    page.wait_for_load_state("networkidle")
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}-{width}-{theme}.png", full_page=True)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{name} scrolls sideways by {overflow} px at {width}"
    faults = [
        f"{fault['id']}: {node['html'][:120]}"
        for fault in Axe().run(page).response["violations"]
        if fault["impact"] in SERIOUS
        for node in fault["nodes"]
    ]
    assert faults == [], f"{name} at {width}, {theme}"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_it_looks_right(owner: Page, house: House, console: list[str], name: str, width: int, theme: str) -> None:
    owner.goto(house.url + PAGES[name])
    inspect(owner, name, width, theme)
    if name == "not-found":
        console.clear()  # the browser itself reports the 404 that was asked for


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("name", WITHIN)
def test_what_lies_within_looks_right(owner: Page, house: House, name: str, width: int, theme: str) -> None:
    listing, link = WITHIN[name]
    owner.goto(house.url + listing)
    owner.goto(house.url + str(owner.locator(link).first.get_attribute("href")))
    inspect(owner, name, width, theme)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
def test_the_login_looks_right(page: Page, house: House, console: list[str], width: int, theme: str) -> None:
    page.goto(house.url + "/login")
    inspect(page, "login", width, theme)
