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


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
def test_every_page_looks_right(owner: Page, house: House, console: list[str], width: int, theme: str) -> None:
    set_stage(owner, width, theme)
    faults = [fault for name, path in PAGES.items() for fault in inspect(owner, house.url + path, name)]
    console[:] = [line for line in console if "404" not in line]  # the browser reports the page that is not there
    for name, (listing, link) in WITHIN.items():
        owner.goto(house.url + listing)
        faults += inspect(owner, house.url + str(owner.locator(link).first.get_attribute("href")), name)
    assert faults == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
def test_the_login_looks_right(page: Page, house: House, console: list[str], width: int, theme: str) -> None:
    set_stage(page, width, theme)
    assert inspect(page, house.url + "/login", "login") == []


def set_stage(page: Page, width: int, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": SIZES[width]})


def inspect(page: Page, address: str, name: str) -> list[str]:
    """What is wrong with the page at this address, as sentences."""
    page.goto(address)
    page.wait_for_load_state("load")
    if folder := os.environ.get("SCREENSHOTS"):
        theme = "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
        page.screenshot(path=Path(folder) / f"{name}-{page.viewport_size['width']}-{theme}.png", full_page=True)  # type: ignore[index]
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    faults = [f"{name} scrolls sideways by {overflow} px"] if overflow > 0 else []
    return faults + [
        f"{name}: {fault['id']}: {node['html'][:120]}"
        for fault in Axe().run(page).response["violations"]
        if fault["impact"] in SERIOUS
        for node in fault["nodes"]
    ]
