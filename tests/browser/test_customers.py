"""The customers room in a browser: found, tagged together, edited, sold to, noted down, merged, erased."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app import create_app
from app.extensions import db
from tests import factories
from tests.browser.house import House
from tests.browser.looks import SIZES, look_all_ways, set_stage

SOON = 20_000


@pytest.fixture(scope="module")
def inside(house: House) -> Flask:
    """The application on the house's own database."""
    return create_app(house.environment)


def sure(page: Page) -> None:
    page.locator("#confirm [data-confirm-yes]").click()


def test_people_are_found_tagged_and_taken_along(owner: Page, house: House, inside: Flask, tmp_path: Path) -> None:
    with inside.app_context():
        for n in range(60):
            factories.make_customer(name=f"Zubin Walker{n}", phone=f"+9198111{n:05d}", city="Panaji")
        db.session.commit()
    owner.goto(f"{house.url}/customers")
    assert look_all_ways(owner, "customers") == []
    owner.get_by_label("Name, number or e-mail").fill("zub walk")
    owner.get_by_role("button", name="Find").click()
    expect(owner.locator("#count")).to_have_text("60 customers", timeout=SOON)
    owner.get_by_role("link", name="Next").click()
    expect(owner.locator("input[name=chosen]")).to_have_count(10)
    owner.get_by_role("link", name="Previous").click()
    owner.get_by_label("Tick Zubin Walker59").check()
    expect(owner.locator("[data-ticked]")).to_have_text("1 selected")
    owner.get_by_label("Select all").check()
    expect(owner.locator("[data-ticked]")).to_contain_text("not only this page")
    assert look_all_ways(owner, "customers-selected") == []
    owner.get_by_label("Tags, separated by commas").fill("walkers")
    owner.get_by_role("button", name="Tag", exact=True).click()
    expect(owner.locator("#toasts")).to_contain_text("60 of 60 got the tag", timeout=SOON)
    owner.goto(f"{house.url}/customers?tag=walkers&city=panaji&sort=name")
    expect(owner.get_by_role("link", name="Tag: walkers")).to_be_visible()
    assert look_all_ways(owner, "customers-filtered") == []
    owner.get_by_label("Tick everybody on this page").check()
    with owner.expect_download() as download:
        owner.get_by_role("button", name="Export CSV").click()
    download.value.save_as(tmp_path / "people.csv")
    with (tmp_path / "people.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 50


def test_on_a_phone_the_people_come_first(owner: Page, house: House) -> None:
    set_stage(owner, min(SIZES), "light")
    owner.goto(f"{house.url}/customers?active=never&sort=name")
    export, last = owner.get_by_role("button", name="Export CSV"), owner.get_by_label("Last active")
    expect(owner.locator("#count")).to_be_in_viewport(timeout=SOON)
    expect(owner.locator("input[name=chosen]").nth(3)).to_be_in_viewport()
    expect(last).to_be_hidden()
    owner.get_by_text("Filters (1)").click()
    expect(last).to_be_visible()
    assert look_all_ways(owner, "customers-unfolded") == []
    set_stage(owner, min(SIZES), "light")
    expect(export).to_be_hidden()
    owner.locator("input[name=chosen]").nth(3).check()
    expect(export).to_be_in_viewport()
    assert look_all_ways(owner, "customers-ticked") == []


def test_a_customers_page_is_written_on(owner: Page, house: House) -> None:
    owner.goto(f"{house.url}/customers/new")
    owner.get_by_label("Phone").fill("98333 12345")
    owner.get_by_label("Name", exact=True).fill("Yusuf Trial")
    owner.get_by_label("Email").fill("yusuf@example.com")
    owner.get_by_label("Time zone").select_option("Asia/Kolkata")
    owner.get_by_label("Name of attribute 1").fill("Interest")
    owner.get_by_label("Value of attribute 1").fill("Bali")
    assert look_all_ways(owner, "customer-new") == []
    owner.get_by_role("button", name="Save").click()
    expect(owner.locator("#about")).to_contain_text("Asia/Kolkata")
    page = owner.url
    owner.get_by_label("Note", exact=True).fill("Wants a window seat.")
    owner.get_by_role("button", name="Add note").click()
    owner.get_by_role("link", name="Add sale").click()
    owner.get_by_label("Amount").fill("62500")
    owner.get_by_label("Category or destination").fill("Bali")
    assert look_all_ways(owner, "sale-new") == []
    owner.get_by_role("button", name="Save").click()
    expect(owner.locator("#timeline")).to_contain_text("Bought for ₹62,500.00")
    expect(owner.locator("#timeline")).to_contain_text("Wants a window seat.")
    expect(owner.locator("#sales")).to_contain_text("1 sale")
    expect(owner.locator("#conversation")).to_be_visible(timeout=SOON)
    assert look_all_ways(owner, "customer") == []
    owner.get_by_role("link", name="Edit this note").click()
    assert look_all_ways(owner, "note") == []
    owner.get_by_role("button", name="Delete note").click()
    sure(owner)
    expect(owner).to_have_url(page)
    expect(owner.locator("#timeline")).not_to_contain_text("window seat")


def test_doubles_become_one(owner: Page, house: House, inside: Flask) -> None:
    with inside.app_context():
        one = factories.make_customer(name="Wanda Double", phone="+919844412345", email="wanda@example.com")
        other = factories.make_customer(name="Wanda D", phone="+447911998877", email="wanda@example.com", city="London")
        factories.make_sale(other)
        db.session.commit()
        address = f"{house.url}/customers/{one.public_id}"
    owner.goto(address)
    expect(owner.locator("main")).to_contain_text("may be the same person: the same e-mail address")
    owner.get_by_role("link", name="Merge…").click()
    assert look_all_ways(owner, "merge-find") == []
    owner.get_by_role("link", name="Compare").click()
    expect(owner.locator("main")).to_contain_text("These move: 1 sale.")
    assert look_all_ways(owner, "merge") == []
    owner.get_by_role("button", name="Merge").click()
    sure(owner)
    expect(owner.locator("#toasts")).to_contain_text("They are one customer now.")
    expect(owner).to_have_url(address)


def test_people_are_erased_after_their_number_was_typed(owner: Page, house: House, inside: Flask) -> None:
    with inside.app_context():
        for n in range(2):
            factories.make_customer(name=f"Xenia Leaver{n}", phone=f"+9198777{n:05d}")
        db.session.commit()
    owner.goto(f"{house.url}/customers?search=xenia")
    owner.get_by_label("Select all").check()
    owner.get_by_role("button", name="Erase…").click()
    assert look_all_ways(owner, "bulk-erase") == []
    owner.get_by_label("Type 2 to say that you mean it").fill("2")
    owner.get_by_role("button", name="Erase 2 customers").click()
    expect(owner.locator("#toasts")).to_contain_text("2 of 2 erased")
    assert look_all_ways(owner, "bulk-done") == []
    owner.goto(f"{house.url}/customers?search=xenia")
    expect(owner.locator("main")).to_contain_text("Nobody found")
