"""A new user brings a list, puts right what could not be used, brings that too, and takes the first one back."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.house import House
from tests.browser.looks import SIZES, look_all_ways, set_stage

MINUTE = 60_000
ROWS = 300


def guests(width: int) -> str:
    """A list with one number in ten unusable; other people at each width, so that the runs do not meet."""
    lines = ["Guest;Mobile;Town;Dog"]
    for number in range(ROWS):
        mobile = "not known" if number % 10 == 3 else f"0981{width:04d}{number:03d}"[:11]
        lines.append(f"Guest {number};{mobile};Pune;Rex {number}")
    return "\n".join(lines)


@pytest.mark.parametrize("width", SIZES)
def test_a_list_comes_in_is_mended_and_taken_back(owner: Page, house: House, tmp_path: Path, width: int) -> None:
    set_stage(owner, width, "light")
    (tmp_path / "guests.csv").write_bytes(guests(width).encode("utf-16"))
    first = bring(owner, house, tmp_path / "guests.csv")
    expect(figure(owner, "New")).to_have_text("270")
    expect(figure(owner, "Unusable")).to_have_text("30")
    mended = mend(owner, tmp_path, width)
    bring(owner, house, mended)
    expect(figure(owner, "New")).to_have_text("30")
    undo(owner, first)


def bring(owner: Page, house: House, file: Path) -> str:
    """Through the wizard as somebody who trusts its guesses; the address of the import's page."""
    owner.goto(f"{house.url}/imports")
    owner.get_by_role("link", name="Import a file").first.click()
    owner.get_by_label("CSV file").set_input_files(file)
    owner.get_by_role("button", name="Upload and look").click()
    owner.get_by_role("link", name="Continue").click()
    expect(owner.get_by_label("Mobile", exact=True)).to_have_value("phone")
    expect(owner.get_by_label("Guest", exact=True)).to_have_value("name")
    owner.get_by_role("button", name="Save and continue").click()
    owner.get_by_label("Tags for all of them").fill("fair")
    owner.get_by_label("These people agreed").check()
    owner.get_by_label("What they agreed to").fill("Signed up at the travel fair")
    owner.get_by_role("button", name="Check the file").click()
    owner.get_by_role("button", name="Import now").click(timeout=MINUTE)
    expect(owner.locator("#import-live")).to_contain_text("Imported", timeout=MINUTE)
    return owner.url


def mend(owner: Page, tmp_path: Path, width: int) -> Path:
    """The rows that were not used, downloaded, with numbers filled in."""
    with owner.expect_download() as download:
        owner.get_by_role("link", name="Rows not imported, with reasons").click()
    path = tmp_path / "mended.csv"
    header, *rows = csv.reader(download.value.path().read_text("utf-8-sig").splitlines())
    phone = header.index("Mobile")
    for number, row in enumerate(rows):
        row[phone] = f"0982{width:04d}{number:03d}"[:11]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def undo(owner: Page, address: str) -> None:
    owner.goto(address)
    owner.get_by_role("link", name="Undo this import").click()
    expect(figure(owner, "Taken back")).to_have_text("270")
    owner.get_by_label("I am sure").check()
    owner.get_by_role("button", name="Undo this import").click()
    expect(owner.locator("#import-live")).to_contain_text("Undone", timeout=MINUTE)


def figure(owner: Page, name: str) -> Locator:
    return owner.locator(f"dl div:has(> dt:text-is('{name}')) dd").first


def test_every_step_looks_right(owner: Page, house: House, console: list[str], tmp_path: Path) -> None:
    rows = f"Name,Phone,Town,Remark\nAsha Walker,9812391234,Pune,{'long words ' * 30}\nRavi,12,Goa,\n"
    (tmp_path / "guests.csv").write_text(rows)
    faults = []

    def see(name: str) -> None:
        faults.extend(look_all_ways(owner, f"import-{name}"))

    owner.goto(f"{house.url}/imports/new")
    see("new")
    owner.get_by_label("CSV file").set_input_files(tmp_path / "guests.csv")
    owner.get_by_role("button", name="Upload and look").click()
    see("reading")
    at = owner.url.removesuffix("/reading")
    owner.get_by_role("link", name="Continue").click()
    see("columns")
    owner.get_by_label("Phone", exact=True).select_option("")
    owner.get_by_role("button", name="Save and continue").click()
    see("columns-refused")
    owner.get_by_label("Phone", exact=True).select_option("phone")
    owner.get_by_role("button", name="Save and continue").click()
    owner.get_by_label("These people agreed").check()
    see("rules")
    owner.get_by_role("button", name="Check the file").click()
    expect(owner.get_by_role("button", name="Import now")).to_be_visible(timeout=MINUTE)
    see("check")
    owner.get_by_role("button", name="Import now").click()
    expect(owner.locator("#import-live")).to_contain_text("Imported", timeout=MINUTE)
    see("show")
    for name in ("undo", "rows/new", "rows/invalid"):
        owner.goto(f"{at}/{name}")
        see(name.replace("/", "-"))
    owner.goto(f"{house.url}/imports")
    see("list")
    console[:] = [line for line in console if "422" not in line]  # the browser reports the step that is refused
    assert faults == []
