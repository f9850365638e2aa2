"""The pages of privacy in a real browser: looked at, and used to the end of an erasure."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.house import House
from tests.browser.looks import look, look_all_ways, set_stage

PAGES = {
    "suppressions": "/customers/suppressions",
    "erasures": "/customers/erasures",
    "retention": "/customers/retention",
}
ZARINA = "+91 98123 45678"


def add_zarina(owner: Page, house: House) -> None:
    owner.goto(f"{house.url}/customers/new")
    owner.get_by_label("Phone").fill(ZARINA)
    owner.get_by_label("Name", exact=True).fill("Zarina Quux")
    owner.get_by_role("button", name=re.compile("Save|Add")).click()
    expect(owner.get_by_role("heading", name="Zarina Quux")).to_be_visible()


def test_the_pages_look_right(owner: Page, house: House, console: list[str]) -> None:
    faults = []
    for name, path in PAGES.items():
        owner.goto(house.url + path)
        faults += look_all_ways(owner, name)
    owner.goto(f"{house.url}/customers")
    address = owner.locator("main a[href^='/customers/0']").first.get_attribute("href")
    for name in ("privacy", "erase"):
        owner.goto(f"{house.url}{address}/{name}")
        faults += look_all_ways(owner, name)
    assert faults == []


def test_a_person_is_erased_from_their_page(owner: Page, house: House, console: list[str]) -> None:
    set_stage(owner, 390, "light")
    add_zarina(owner, house)
    expect(owner.get_by_role("link", name="As JSON")).to_be_visible()
    owner.get_by_role("link", name="Erase this person").click()
    owner.get_by_role("button", name="Erase for good").click()
    expect(owner.get_by_text("These are not the last 4 characters.").first).to_be_visible()
    assert look(owner, "erase-refused") == []
    owner.get_by_label("Type the last 4 digits of the number").fill("5678")
    owner.get_by_role("button", name="Erase for good").click()
    expect(owner.get_by_text("finished").first).to_be_visible(timeout=30_000)
    console[:] = [line for line in console if "422" not in line]  # the browser reports what was refused


def test_she_is_found_on_the_list_afterwards(owner: Page, house: House, console: list[str]) -> None:
    owner.goto(f"{house.url}/customers/suppressions")
    owner.get_by_label("Phone number or WhatsApp id").first.fill("098123 45678")
    owner.get_by_role("button", name="Look up").click()
    expect(owner.locator("#found")).to_contain_text("on the list")
    assert look(owner, "suppressions-found") == []


def test_a_dry_run_says_what_would_go(owner: Page, house: House, console: list[str]) -> None:
    owner.goto(f"{house.url}/customers/retention")
    owner.get_by_label("The audit log").fill("1")
    owner.get_by_role("button", name="Dry run").click()
    expect(owner.locator("#audit_entries-number")).to_have_text("0")
    expect(owner.get_by_label("The audit log")).to_have_value("1")
    assert look(owner, "retention-tried") == []
