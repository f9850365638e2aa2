"""Every page at desk and phone width, light and dark: nothing sideways, no console error, no serious fault for axe.

With SCREENSHOTS=folder each page's picture is kept there, to be looked at.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.house import House
from tests.browser.looks import SIZES, THEMES, look, set_stage

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


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", SIZES)
def test_every_page_looks_right(owner: Page, house: House, console: list[str], width: int, theme: str) -> None:
    set_stage(owner, width, theme)
    faults = [fault for name, path in PAGES.items() for fault in look(at(owner, house.url + path), name)]
    console[:] = [line for line in console if "404" not in line]  # the browser reports the page that is not there
    for name, (listing, link) in WITHIN.items():
        owner.goto(house.url + listing)
        address = owner.locator(link).first.get_attribute("href")
        faults += look(at(owner, f"{house.url}{address}"), name)
    assert faults == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", SIZES)
def test_the_login_looks_right(page: Page, house: House, console: list[str], width: int, theme: str) -> None:
    set_stage(page, width, theme)
    assert look(at(page, house.url + "/login"), "login") == []


def at(page: Page, address: str) -> Page:
    page.goto(address)
    return page
