"""A segment built in Chromium, by mouse and by keys; with and without scripts; then used in a campaign."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.house import House
from tests.browser.looks import look_all_ways

TEMPLATE = "goa_monsoon_offer"
PATIENCE = 20_000  # milliseconds; the machine may have much to do
expect.set_options(timeout=PATIENCE)
WHAT, ASKED, VALUE = "what to look at", "what is asked", "value"


def control(page: Page, number: str, what: str) -> object:
    return page.get_by_label(f"Condition {number}: {what}", exact=True)


def build(page: Page, number: str, field: str, value: str) -> None:
    control(page, number, WHAT).select_option(label=field)
    expect(control(page, number, VALUE)).to_be_visible()
    control(page, number, VALUE).fill(value)


def test_it_builds_a_segment_and_a_campaign_goes_to_it(house: House, owner: Page) -> None:
    owner.goto(f"{house.url}/segments/new")
    build(owner, "1", "City", "Pune")
    expect(owner.locator("#look")).to_contain_text("Customers whose city is “Pune”.")
    expect(owner.locator("#look [data-count]")).not_to_have_text("0")

    owner.get_by_role("button", name="Add a group").first.click()
    expect(control(owner, "2.1", WHAT)).to_be_focused()
    build(owner, "2.1", "Total spent", "much")
    expect(owner.locator("[id='q-1-0.fault']")).to_have_text("Give a number.")
    control(owner, "2.1", VALUE).fill("50,000")
    expect(owner.locator("[id='q-1-0.fault']")).to_be_empty()
    expect(owner.locator("#look")).to_contain_text("who spent more than ₹50,000")

    owner.get_by_role("button", name="Remove this group").click()
    expect(control(owner, "2.1", WHAT)).to_have_count(0)
    expect(control(owner, "1", VALUE)).to_have_value("Pune")
    owner.get_by_label("Name", exact=True).fill("People of Pune")
    owner.get_by_role("button", name="Save segment").click()
    expect(owner.get_by_role("heading", name="People of Pune")).to_be_visible()

    send_to_it(owner)


def send_to_it(owner: Page) -> None:
    """From the segment's page to the last button of the wizard."""
    owner.get_by_role("link", name="Use in a campaign").click()
    owner.get_by_label("Name").fill("To Pune")
    go_on(owner, "Save and continue")
    owner.get_by_role("button", name=f"{TEMPLATE}, English").click()
    expect(owner.get_by_label("Segment", exact=True).locator("option:checked")).to_have_text("People of Pune")
    owner.get_by_label("Segment", exact=True).select_option("")
    expect(owner.locator("#reach")).to_be_empty()
    owner.get_by_label("Segment", exact=True).select_option(label="People of Pune")
    expect(owner.locator("#reach")).to_contain_text("would get it now")
    go_on(owner, "Use these recipients")
    expect(owner.get_by_text("The segment “People of Pune”")).to_be_visible()
    owner.get_by_role("link", name="Continue").click()
    fill_in(owner)
    owner.get_by_label("At any time").check()
    go_on(owner, "Save and continue")
    expect(owner.get_by_text("Opted out of marketing messages.")).to_be_visible()
    owner.get_by_role("link", name="Continue").click()
    go_on(owner, "Send now")
    owner.wait_for_url(re.compile(r"/campaigns/[0-9a-f-]{36}$"))
    expect(owner.get_by_text("Completed").first).to_be_visible(timeout=60_000)


def fill_in(owner: Page) -> None:
    owner.locator("select[name='source:body.1']").select_option("field:first_name")
    owner.locator("input[name='fallback:body.1']").fill("there")
    owner.locator("[name='text:body.2']").fill("Goa")
    go_on(owner, "Save and continue")


def go_on(owner: Page, label: str) -> None:
    owner.get_by_role("button", name=label).click()


def test_its_rows_obey_the_keys(house: House, owner: Page) -> None:
    owner.goto(f"{house.url}/segments/new")
    control(owner, "1", WHAT).focus()
    owner.keyboard.type("Name")
    expect(control(owner, "1", ASKED)).to_be_visible()
    expect(control(owner, "1", WHAT)).to_be_focused()
    owner.get_by_role("button", name="Add a condition").press("Enter")
    expect(control(owner, "2", WHAT)).to_be_focused()
    owner.get_by_role("button", name="Remove condition 2").press("Enter")
    expect(control(owner, "2", WHAT)).to_have_count(0)
    expect(owner.get_by_role("button", name="Add a condition")).to_be_focused()
    leave(owner)


def test_nobody_is_a_warning(house: House, owner: Page) -> None:
    owner.goto(f"{house.url}/segments/new")
    build(owner, "1", "City", "Atlantis")
    expect(owner.locator("#look .alert-warning")).to_contain_text("nobody belongs to it now")
    leave(owner)


def test_it_works_without_scripts(house: House, owners_cookies: list, browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(owners_cookies)
    page = context.new_page()
    page.goto(f"{house.url}/segments/new")
    page.get_by_label("Name", exact=True).fill("By plain hands")
    control(page, "1", WHAT).select_option(label="City")
    page.get_by_role("button", name="Show what fits").click()
    control(page, "1", VALUE).fill("Pune")
    page.get_by_role("button", name="Add a condition").click()
    control(page, "2", WHAT).select_option(label="Tags")
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    expect(control(page, "1", VALUE)).to_have_value("Pune")
    control(page, "2", VALUE).fill("vip")
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_role("heading", name="By plain hands")).to_be_visible()
    context.close()


def test_its_pages_look_right(house: House, owner: Page) -> None:
    house.flask("segments", "ensure")
    faults = []
    owner.goto(f"{house.url}/segments")
    expect(owner.locator("main time")).to_have_count(owner.locator("main tbody tr").count())
    faults += look_all_ways(owner, "segments")
    owner.locator("main tbody a").first.click()
    owner.get_by_role("link", name="Edit", exact=True).wait_for()
    faults += look_all_ways(owner, "segment")
    owner.goto(f"{house.url}/segments/new?ready=2")
    owner.get_by_role("button", name="Add a group").first.click()
    build(owner, "4.1", "Total spent", "much")
    owner.get_by_label("Condition 4.1: value, when").or_(owner.get_by_label("Condition 4.1, when")).select_option(
        "span"
    )
    owner.get_by_role("button", name="Add a condition").nth(0).click()
    owner.get_by_label("Condition 4.2: what to look at").select_option(label="Read a campaign")
    owner.get_by_text("Any campaign").wait_for()
    expect(owner.locator(".htmx-request")).to_have_count(0)
    faults += look_all_ways(owner, "segment-build")
    leave(owner)
    assert faults == []


def test_the_wizards_targets_look_right(house: House, owner: Page) -> None:
    house.flask("segments", "ensure")
    owner.goto(f"{house.url}/campaigns/new")
    owner.get_by_label("Name").fill("Looking around")
    go_on(owner, "Save and continue")
    owner.get_by_role("button", name=f"{TEMPLATE}, English").click()
    owner.get_by_role("link", name="A segment").click()
    owner.get_by_label("Segment", exact=True).select_option(index=1)
    owner.locator("#reach dl").wait_for()
    faults = look_all_ways(owner, "target-segment")
    owner.get_by_role("link", name="Earlier recipients").click()
    owner.get_by_label("got it and did not read it").check()
    owner.locator("input[name=campaign]").first.check()
    owner.locator("#reach dl").wait_for()
    faults += look_all_ways(owner, "target-responders")
    owner.get_by_role("link", name="All customers").click()
    go_on(owner, "Use these recipients")
    owner.get_by_role("link", name="Continue").wait_for()
    faults += look_all_ways(owner, "target-found")
    owner.get_by_role("link", name="Continue").click()
    fill_in(owner)
    go_on(owner, "Save and continue")
    owner.get_by_text("Before it leaves").wait_for()
    assert faults + look_all_ways(owner, "target-review") == []


def leave(page: Page) -> None:
    """Go, although something was typed; not in the middle of a count, whose end the console would tell."""
    page.wait_for_timeout(600)
    expect(page.locator(".htmx-request")).to_have_count(0)
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto("about:blank")
