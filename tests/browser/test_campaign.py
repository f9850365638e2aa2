"""A marketer's first campaign, from the login to the last figure, in a real browser against the running house."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.house import House
from tests.campaigns.lists import PeopleList, people_list

ROWS = int(os.environ.get("CAMPAIGN_ROWS", "400"))
SPEED = int(os.environ.get("CAMPAIGN_SPEED", "40"))
TEMPLATE = "goa_monsoon_offer"
MINUTE = 60_000


def test_a_campaign_from_a_file_to_the_last_figure(owner: Page, house: House, tmp_path: Path) -> None:
    people = people_list(ROWS)
    (tmp_path / "guests.csv").write_bytes(people.text.encode("cp1252"))
    house.sandbox("POST", "reset")
    set_speed(owner, house)
    walk_the_wizard(owner, house, tmp_path / "guests.csv", people)
    pause_and_resume(owner, house)
    figures_tell_the_truth(owner, house, people)
    the_sandbox_has_each_once(house, people)


def set_speed(owner: Page, house: House) -> None:
    owner.goto(f"{house.url}/settings/channel")
    owner.get_by_label("Messages per second").fill(str(SPEED))
    owner.get_by_role("button", name="Save speed").click()


def walk_the_wizard(owner: Page, house: House, file: Path, people: PeopleList) -> None:
    owner.goto(f"{house.url}/campaigns/new")
    owner.get_by_label("Name").fill("Monsoon in Goa")
    go_on(owner)
    owner.get_by_role("button", name=f"{TEMPLATE}, English").click()
    owner.locator("input[type=file]").set_input_files(file)
    go_on(owner, "Upload and look")
    owner.get_by_label("These people agreed").check()
    go_on(owner, "Import")
    owner.get_by_role("link", name="Continue").click(timeout=MINUTE)
    expect(owner.locator("#preview")).to_contain_text("Hi ")
    owner.goto(owner.url.replace("/variables", "/name"))  # back, without loss
    expect(owner.get_by_label("Name")).to_have_value("Monsoon in Goa")
    go_on(owner)
    owner.goto(re.sub(r"/edit/\w+", "/edit/variables", owner.url))
    owner.locator("select[name='source:body.1']").select_option("column:Name")
    owner.locator("select[name='source:body.2']").select_option("column:City")
    go_on(owner)
    owner.get_by_label("At any time").check()  # these people sleep, whenever the test runs
    go_on(owner)
    expect(owner.locator("main")).to_contain_text(f"{len(people.people):,}")
    owner.get_by_role("link", name="Continue").click()
    if len(people.people) > 500:
        owner.get_by_label(re.compile("Type|people|How many")).fill(str(len(people.people)))
    go_on(owner, "Send now")
    owner.wait_for_url(re.compile(r"/campaigns/[0-9a-f-]{36}$"))


def go_on(owner: Page, label: str = "Save and continue") -> None:
    owner.get_by_role("button", name=label).click()


def pause_and_resume(owner: Page, house: House) -> None:
    """Pausing stops within two seconds; a reload shows the same; resuming goes on."""
    expect(owner.locator("#funnel-sent .funnel-number")).not_to_have_text("0", timeout=MINUTE)
    owner.get_by_role("button", name="Pause").click()
    expect(owner.get_by_role("button", name="Resume")).to_be_visible()
    time.sleep(2)
    accepted = house.sandbox("GET", "state")["accepted"]
    time.sleep(2)
    assert house.sandbox("GET", "state")["accepted"] == accepted
    owner.reload()
    expect(owner.locator("#funnel-sent .funnel-number")).to_have_text(f"{accepted:,}")
    owner.get_by_role("button", name="Resume").click()


def figures_tell_the_truth(owner: Page, house: House, people: PeopleList) -> None:
    number = len(people.people)
    expect(owner.locator("#live")).to_contain_text("Completed", timeout=10 * MINUTE)
    expect(owner.locator("#funnel-total .funnel-number")).to_have_text(f"{number:,}")
    expect(owner.locator("#funnel-sent .funnel-number")).to_have_text(f"{number:,}")
    expect(owner.locator("#funnel-delivered .funnel-number")).to_have_text(f"{number:,}", timeout=MINUTE)
    for label, count in (("Duplicates", people.duplicates), ("Unusable", people.unusable)):
        expect(owner.locator(f"dl div:has(dt:text-is('{label}')) dd")).to_have_text(f"{count:,}")
    while house.sandbox("GET", "state")["pending"]:  # who is still going to read it
        time.sleep(0.2)
    read = sum("read" in statuses(message) for message in messages(house))
    expect(owner.locator("#funnel-read .funnel-number")).to_have_text(f"{read:,}", timeout=MINUTE)
    owner.locator("#funnel-read").click()
    expect(owner.locator("main")).to_contain_text(f"{read:,}")
    assert house.flask("stats", "verify") == "Every figure equals a count of its rows."


def the_sandbox_has_each_once(house: House, people: PeopleList) -> None:
    sent = messages(house)
    assert Counter(f"+{message['to']}" for message in sent) == Counter(people.people.keys())
    for message in sent:
        parameters = message["payload"]["template"]["components"][0]["parameters"]
        assert tuple(parameter["text"] for parameter in parameters) == people.people[f"+{message['to']}"]


def messages(house: House) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = house.sandbox("GET", f"messages?template={TEMPLATE}&limit=10000")["messages"]
    return found


def statuses(message: dict[str, Any]) -> list[str]:
    return [status["status"] for status in message["statuses"]]
