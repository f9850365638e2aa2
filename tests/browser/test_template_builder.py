"""A template written in Chromium: checked while typing, handed in, approved by itself, sent to one's own phone."""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.house import House
from tests.browser.looks import look_all_ways

OWN = "+91 98200 54321"
PATIENCE = 20_000  # milliseconds; the machine may have much to do
expect.set_options(timeout=PATIENCE)


def picture(folder: Path) -> Path:
    """A small green PNG."""
    head = struct.pack(">IIBBBBB", 40, 40, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\x00" + b"\x10\x80\x40" * 40) * 40)
    path = folder / "boxes.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR" + head) + chunk(b"IDAT" + rows) + chunk(b"IEND"))
    return path


def chunk(named: bytes) -> bytes:
    return struct.pack(">I", len(named) - 4) + named + struct.pack(">I", zlib.crc32(named))


def write(page: Page, name: str) -> None:
    """Name and text, by the hands' own means."""
    page.get_by_label("Name", exact=True).press_sequentially(name)
    text = page.get_by_label("What the customer reads")
    text.press_sequentially("Hi ")
    page.locator("[data-tools=f-body-text] [data-insert]").click()
    text.press_sequentially(", our boxes of sweets are here.")
    page.get_by_label("Sample for {{first_name}}").fill("Asha")


def test_it_writes_submits_and_tries_a_template(house: House, owner: Page, tmp_path: Path) -> None:
    owner.goto(f"{house.url}/templates/new")
    write(owner, "Sweets for Diwali")
    expect(owner.locator("#preview")).to_contain_text("Hi Asha, our boxes of sweets are here.")

    owner.get_by_text("Image", exact=True).click()
    owner.get_by_label("Sample file").set_input_files(picture(tmp_path))
    expect(owner.locator("#preview img")).to_be_visible()

    owner.get_by_role("button", name="Link", exact=True).click()
    expect(owner.get_by_label("Label")).to_be_focused()
    owner.keyboard.type("Order now")
    owner.get_by_label("Address").fill("https://example.com/sweets/{{1}}")
    owner.get_by_label("Sample of {{1}}").fill("r/9001")
    owner.get_by_role("button", name="Reply STOP to opt out").click()
    expect(owner.locator("#summary")).to_contain_text("It keeps all of Meta's rules")

    owner.get_by_role("button", name="Submit to Meta").click()
    expect(owner.get_by_role("heading", name="sweets_for_diwali")).to_be_visible()
    expect(owner.get_by_text("In review")).to_be_visible()
    expect(owner.get_by_text("Approved", exact=True)).to_be_visible(timeout=PATIENCE)  # the page looks by itself

    owner.get_by_role("link", name="Send to my phone").click()
    owner.get_by_label("Your WhatsApp number").fill(OWN)
    expect(owner.get_by_label(re.compile("Text"))).to_have_value("Asha")
    owner.get_by_role("button", name="Send to my phone").click()
    expect(owner.locator("#trial-result")).to_contain_text(re.compile("On its way|Delivered|Read"))
    [message] = house.sandbox("GET", "messages?to=919820054321")["messages"]
    assert message["template"] == "sweets_for_diwali"


def test_its_rows_obey_the_keyboard(house: House, owner: Page) -> None:
    owner.goto(f"{house.url}/templates/new")
    for number, label in enumerate(("One", "Two"), start=1):
        owner.get_by_role("button", name="Quick reply", exact=True).press("Enter")
        expect(owner.get_by_label("Label")).to_have_count(number)
        owner.keyboard.type(label)
    owner.get_by_role("button", name="Move up").nth(1).press("Enter")
    expect(owner.get_by_label("Label").first).to_have_value("Two")
    owner.get_by_role("button", name="Remove button 1").press("Enter")
    expect(owner.get_by_label("Label")).to_have_count(1)
    expect(owner.get_by_label("Label")).to_have_value("One")
    expect(owner.locator("#preview")).to_contain_text("One")
    leave(owner)


def test_it_says_what_meta_would_say_while_one_types(house: House, owner: Page) -> None:
    owner.goto(f"{house.url}/templates/new")
    owner.get_by_label("What the customer reads").press_sequentially("{{first_name}} hi")
    expect(owner.locator("#p-body-text")).to_contain_text("may not begin or end with a variable")
    owner.get_by_label("What the customer reads").fill("Hi {{first_name}}, how are you today?")
    expect(owner.locator("#p-body-text")).to_be_empty()
    leave(owner)


def test_it_works_without_scripts(house: House, owners_cookies: list, browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(owners_cookies)
    page = context.new_page()
    page.goto(f"{house.url}/templates/new")
    page.get_by_label("Name", exact=True).fill("plain_hands")
    page.get_by_label("What the customer reads").fill("Hi {{first_name}}, this was written without scripts.")
    page.get_by_role("button", name="Check and show").click()
    page.get_by_label("Sample for {{first_name}}").fill("Asha")
    page.get_by_role("button", name="Quick reply", exact=True).click()
    page.get_by_label("Label").fill("Fine")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("heading", name="Draft: plain_hands")).to_be_visible()
    expect(page.get_by_label("Label")).to_have_value("Fine")
    expect(page.get_by_label("Sample for {{first_name}}")).to_have_value("Asha")
    context.close()


def test_its_pages_look_right(house: House, owner: Page) -> None:
    owner.goto(f"{house.url}/templates/new")
    faults = look_all_ways(owner, "template-new")
    write(owner, "Look at me")
    owner.get_by_role("button", name="Copy code", exact=True).click()
    owner.get_by_role("button", name="Call", exact=True).click()
    expect(owner.locator(".button-row")).to_have_count(2)
    faults += look_all_ways(owner, "template-written")
    leave(owner)
    owner.goto(f"{house.url}/templates?status=APPROVED")
    owner.locator(".card-title a").first.click()
    owner.get_by_role("heading", name="Variables").wait_for()
    faults += look_all_ways(owner, "template-page")
    address = owner.url
    for deed in ("try", "delete", "edit"):
        owner.goto(f"{address}/{deed}")
        faults += look_all_ways(owner, f"template-{deed}")
    assert faults == []


def leave(page: Page) -> None:
    """Go, although something was typed; not in the middle of a check, whose end the console would tell."""
    page.wait_for_timeout(400)
    expect(page.locator(".htmx-request")).to_have_count(0)
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto("about:blank")
