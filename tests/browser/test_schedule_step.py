"""The wizard's schedule step in a real browser: the builder says its dates while one chooses; a series is launched."""

from __future__ import annotations

from itertools import count

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app import create_app
from app.campaigns.models import TargetType
from app.extensions import db
from app.message_templates.models import MessageTemplate
from tests import factories
from tests.browser.house import House
from tests.browser.looks import look_all_ways
from tests.browser.test_campaign import TEMPLATE, go_on

NUMBERS = count(1)


@pytest.fixture
def address(house: House) -> str:
    """The schedule step of a campaign that has everything but its time."""
    with create_app(house.environment).app_context():
        template = db.session.scalar(select(MessageTemplate).where(MessageTemplate.name == TEMPLATE))
        campaign = factories.make_campaign(template, name="Every Monday", target_type=TargetType.ALL)
        asha = factories.make_customer(phone=f"+9199110{next(NUMBERS):05d}")
        factories.make_recipients(campaign, 1, phone=asha.phone, customer_id=asha.id)
        db.session.commit()
        return f"{house.url}/campaigns/{campaign.public_id}/edit/schedule"


def repeat_on_mondays(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Again and again").check()
    page.get_by_role("group", name="On these days of the week").get_by_text("Mon", exact=True).click()
    expect(page.locator("#dates")).to_contain_text("Every Monday at 10:00")


def test_a_series_is_built_and_launched(owner: Page, address: str) -> None:
    owner.goto(address)
    expect(owner.get_by_label("Repeat every")).to_be_hidden()
    expect(owner.get_by_label("Date and time")).to_be_hidden()
    repeat_on_mondays(owner, address)
    expect(owner.locator("#dates li")).to_have_count(5)
    owner.get_by_label("Repeat every").select_option("month")
    expect(owner.locator("#dates")).to_contain_text("Say on which days of the month")
    owner.get_by_label("On these days of the month").fill("1, last")
    expect(owner.locator("#dates")).to_contain_text("On the 1st and last of every month at 10:00")
    owner.get_by_label("At any time").check()
    expect(owner.get_by_label("Until", exact=True)).to_be_hidden()
    go_on(owner)
    expect(owner.locator("main")).to_contain_text("On the 1st and last of every month at 10:00")
    owner.get_by_role("link", name="Continue").click()
    go_on(owner, "Schedule")
    expect(owner.locator("main")).to_contain_text("No campaign was made yet")


def test_without_scripts_everything_is_there(
    browser: Browser, owners_cookies: list[dict[str, str]], address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(owners_cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    page.get_by_label("Again and again").check()
    page.get_by_role("group", name="On these days of the week").get_by_text("Mon", exact=True).click()
    page.get_by_role("button", name="Show the dates").click()
    assert "Every Monday at 10:00" in page.locator("#dates").inner_text()
    page.get_by_role("button", name="Save and continue").click()
    assert "/edit/review" in page.url
    context.close()


def test_it_looks_right(owner: Page, console: list[str], address: str) -> None:
    owner.goto(address)
    faults = look_all_ways(owner, "schedule")
    repeat_on_mondays(owner, address)
    owner.get_by_label("After so many times").check()
    owner.get_by_text("Priority, speed, retries").click()
    faults += look_all_ways(owner, "schedule-repeat")
    go_on(owner)  # refused: it was not said how many times
    expect(owner.get_by_role("alert")).to_contain_text("Say how many times.")
    faults += look_all_ways(owner, "schedule-refused")
    assert faults == []
    console.clear()  # the browser itself notes the refusal
