"""Every page at desk and phone width, light and dark: nothing sideways, no console error, no serious fault for axe.

With SCREENSHOTS=folder each page's picture is kept there, to be looked at.
"""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.house import House
from tests.browser.looks import look_all_ways

PAGES = {
    "dashboard": "/",
    "alerts": "/alerts",
    "alerts-history": "/alerts?show=all",
    "campaigns": "/campaigns",
    "campaign-new": "/campaigns/new",
    "limit": "/limit",
    "limit-people": "/limit/single",
    "sending-rules": "/settings/sending",
    "templates": "/templates",
    "customers": "/customers",
    "segments": "/segments",
    "segment-new": "/segments/new",
    "customer-new": "/customers/new",
    "imports": "/imports",
    "import-new": "/imports/new",
    "channel": "/settings/channel",
    "rates": "/settings/rates",
    "setup": "/setup/findings",
    "jobs": "/jobs",
    "webhooks": "/webhooks",
    "webhooks-found": "/webhooks?kind=messages.statuses&since=2020-01-01T00:00",
    "webhooks-none": "/webhooks?kind=messages.order&until=2020-01-01T00:00",
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
    "webhook-event": ("/webhooks", "main a[href^='/webhooks/0']"),
}


def test_every_page_looks_right(owner: Page, house: House, console: list[str]) -> None:
    faults = [fault for name, path in PAGES.items() for fault in look_all_ways(at(owner, house.url + path), name)]
    console[:] = [line for line in console if "404" not in line]  # the browser reports the page that is not there
    for name, (listing, link) in WITHIN.items():
        owner.goto(house.url + listing)
        address = owner.locator(link).first.get_attribute("href")
        faults += look_all_ways(at(owner, f"{house.url}{address}"), name)
    assert faults == []


def test_the_login_looks_right(page: Page, house: House, console: list[str]) -> None:
    assert look_all_ways(at(page, house.url + "/login"), "login") == []


def at(page: Page, address: str) -> Page:
    page.goto(address)
    return page
