"""A new user's first day with people: a list mended and brought in, its buyers found, written to, and taken back."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.house import EMAIL, PASSWORD, House
from tests.browser.looks import look, set_stage

MINUTE = 60_000  # milliseconds; the machine may have much to do
STAGES = {1280: "light", 390: "dark"}
TAGS = {1280: "monsoon fair", 390: "winter fair"}
TEMPLATE = "goa_monsoon_offer"
ROWS, BUYS_MUCH = 240, 6
FIRST_NAMES = ("Asha", "Zoë", "José", "Meera", "Jürgen", "Anaïs", "Ravi")
NAMES = ("Rao", "Müller", "Shah", "Álvarez", "D’Souza", "Patil", "Joshi", "Kulkarni", "Deshpande", "Iyer", "Nair")
See = Callable[[str], None]


@dataclass(frozen=True)
class Fair:
    """The guests of one travel fair, by the number of their row; other people at each width."""

    width: int

    @property
    def tag(self) -> str:
        return TAGS[self.width]

    def number(self, row: int) -> str:
        return f"97{self.width % 1000:03d}{row:05d}"

    def is_bad(self, row: int) -> bool:
        return row % 30 == 12

    def is_twice(self, row: int) -> bool:
        return row % 40 == 7

    def consent(self, row: int) -> str:
        return ("yes", "yes", "no", "")[row // BUYS_MUCH % 4]

    def bookings(self, row: int) -> list[int]:
        return ([30_000, 35_000], [40_000], [])[row % 3]

    def guests(self) -> list[list[str]]:
        """Each even one is of Pune; eight numbers are not known, six come twice."""
        rows = [["Name", "Mobile", "City", "Tags", "Opt-in", "Dog"]]
        for row in range(ROWS):
            mobile = "not known" if self.is_bad(row) else self.number(row - 1 if self.is_twice(row) else row)
            city, tags = ("Goa" if row % 2 else "Pune"), f"{self.tag}, {'vip' if row % 10 == 0 else 'new'}"
            name = f"{FIRST_NAMES[row % len(FIRST_NAMES)]} {NAMES[row % len(NAMES)]}"
            rows.append([name, mobile, city, tags, self.consent(row), f"Rex {row}"])
        return rows

    def sales(self) -> list[list[str]]:
        rows = [["Booking no", "Mobile", "Amount", "Destination", "Booked on", "Travel date"]]
        for row in range(ROWS):
            for part, amount in enumerate([] if self.is_twice(row) else self.bookings(row)):
                mark = f"{self.width}-{row}-{part}"
                rows.append([mark, self.number(row), f"₹{amount:,}.00", "Bali", "28/02/2026", "15/12/2026"])
        return rows

    def much_bought(self) -> list[int]:
        """The rows of those in Pune who spent more than 50,000."""
        return list(range(0, ROWS, BUYS_MUCH))

    def written_to(self) -> set[str]:
        """Of those who bought much, whoever agreed; the first guest is on the suppression list."""
        agreed = {row for row in self.much_bought() if self.consent(row) == "yes"} - {0}
        return {f"91{self.number(row)}" for row in agreed}


@pytest.mark.parametrize("width", STAGES)
def test_the_first_day_with_people(page: Page, console: list[str], house: House, tmp_path: Path, width: int) -> None:
    page.set_default_timeout(MINUTE)
    set_stage(page, width, STAGES[width])
    fair, faults = Fair(width), []

    def see(name: str) -> None:
        faults.extend(look(page, f"audience-{name}"))

    log_in(page, house)
    suppress(page, house, fair)
    first = import_guests(page, house, fair, tmp_path, see)
    import_mended(page, house, fair, tmp_path)
    import_sales(page, house, fair, tmp_path, see)
    build_segment(page, house, fair, see)
    send_to_it(page, house, fair, see)
    undo(page, first, fair, see)
    look_around(page, house, fair, see)
    assert faults == []


def log_in(page: Page, house: House) -> None:
    page.goto(f"{house.url}/login")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Log in")
    page.wait_for_url(f"{house.url}/")


def suppress(page: Page, house: House, fair: Fair) -> None:
    page.goto(f"{house.url}/customers/suppressions")
    card = page.locator("form", has=page.get_by_role("heading", name="Put somebody on it"))
    card.get_by_label("Phone number or WhatsApp id").fill(fair.number(0))
    card.get_by_label(re.compile("Why|Reason")).fill("asked at the fair")
    press(page, "No marketing ever")
    expect(page.locator("#toasts")).to_contain_text("They get no marketing any more.")


def import_guests(page: Page, house: House, fair: Fair, folder: Path, see: See) -> str:
    """The list as it came; the address of its page."""
    text = "\n".join(";".join(row) for row in fair.guests())
    (folder / "guests.csv").write_bytes(text.encode("cp1252"))
    bring(page, house, "Customers", folder / "guests.csv", see)
    for name, number in {"New": 226, "Changed": 0, "Unusable": 8, "Duplicates": 6, "Never marketing": 1}.items():
        expect(figure(page, name)).to_have_text(str(number))
    go(page, see)
    expect(figure(page, "New")).to_have_text("226")
    return page.url


def import_mended(page: Page, house: House, fair: Fair, folder: Path) -> None:
    with page.expect_download() as download:
        page.get_by_role("link", name="Rows not imported, with reasons").click()
    header, *rows = csv.reader(download.value.path().read_text("utf-8-sig").splitlines())
    mobile, dog = header.index("Mobile"), header.index("Dog")
    bad = [row for row in rows if row[mobile] == "not known"]
    assert (len(rows), len(bad)) == (14, 8)
    for row in bad:
        row[mobile] = fair.number(int(row[dog].removeprefix("Rex ")))
    write(folder / "mended.csv", [header, *bad])
    bring(page, house, "Customers", folder / "mended.csv")
    expect(figure(page, "New")).to_have_text("8")
    expect(figure(page, "Unusable")).to_have_text("0")
    go(page)


def import_sales(page: Page, house: House, fair: Fair, folder: Path, see: See) -> None:
    sales = fair.sales()
    write(folder / "sales.csv", sales)
    bring(page, house, "Sales", folder / "sales.csv", see)
    expect(figure(page, "New")).to_have_text(str(len(sales) - 1))
    go(page, see)


def bring(page: Page, house: House, kind: str, file: Path, see: See = lambda name: None) -> None:
    """Through the wizard as somebody who trusts its guesses, up to what the import would do."""
    page.goto(f"{house.url}/imports")
    see("imports")
    page.get_by_role("link", name="Import a file").first.click()
    page.locator("fieldset").get_by_text(kind, exact=True).click()
    page.get_by_label("CSV file").set_input_files(file)
    see(f"{kind}-new")
    press(page, "Upload and look")
    page.get_by_role("link", name="Continue").wait_for()
    see(f"{kind}-reading")
    page.get_by_role("link", name="Continue").click()
    page.get_by_label("Mobile", exact=True).wait_for()
    see(f"{kind}-columns")
    press(page, "Save and continue")
    page.get_by_role("button", name="Check the file").wait_for()
    see(f"{kind}-rules")
    press(page, "Check the file")
    page.get_by_role("button", name="Import now").wait_for()
    see(f"{kind}-check")


def go(page: Page, see: See = lambda name: None) -> None:
    press(page, "Import now")
    expect(page.locator("#import-live")).to_contain_text("Imported", timeout=MINUTE)
    see("imported")


def build_segment(page: Page, house: House, fair: Fair, see: See) -> None:
    page.goto(f"{house.url}/segments/new")
    condition(page, 1, "City", "Pune")
    for number, field, value in ((2, "Total spent", "50,000"), (3, "Tags", fair.tag)):
        press(page, "Add a condition")
        expect(page.get_by_label(f"Condition {number}: what to look at", exact=True)).to_be_focused(timeout=MINUTE)
        condition(page, number, field, value)
    expect(page.locator("#look [data-count]")).to_have_text(str(len(fair.much_bought())), timeout=MINUTE)
    page.get_by_label("Name", exact=True).fill(f"Good guests of the {fair.tag}")
    expect(page.locator(".htmx-request")).to_have_count(0)
    see("segment")
    press(page, "Save segment")
    page.get_by_role("link", name="Use in a campaign").wait_for()
    see("segment-saved")


def condition(page: Page, number: int, field: str, value: str) -> None:
    page.get_by_label(f"Condition {number}: what to look at", exact=True).select_option(label=field)
    page.get_by_label(f"Condition {number}: value", exact=True).fill(value)


def send_to_it(page: Page, house: House, fair: Fair, see: See) -> None:
    before = accepted(house)
    page.get_by_role("link", name="Use in a campaign").click()
    page.get_by_label("Name").fill(f"To good guests of the {fair.tag}")
    press(page, "Save and continue")
    page.get_by_role("button", name=f"{TEMPLATE}, English").click()
    expect(page.locator("#reach")).to_contain_text("would get it now", timeout=MINUTE)
    see("recipients")
    press(page, "Use these recipients")
    page.get_by_role("link", name="Continue").click()
    page.locator("select[name='source:body.1']").select_option("field:first_name")
    page.locator("input[name='fallback:body.1']").fill("there")
    page.locator("[name='text:body.2']").fill("Goa")
    press(page, "Save and continue")
    page.get_by_label("At any time").check()
    press(page, "Save and continue")
    expect(page.locator("main")).to_contain_text(f"{len(fair.written_to())} people would be written to.")
    expect(page.locator("tr", has_text="Skipped: Opted out of marketing messages.").locator("td")).to_have_text("10")
    see("review")
    page.get_by_role("link", name="Continue").click()
    press(page, "Send now")
    page.wait_for_url(re.compile(r"/campaigns/[0-9a-f-]{36}$"))
    expect(page.locator("#live")).to_contain_text("Completed", timeout=MINUTE)
    see("completed")
    sent = [to for id_, to in accepted(house).items() if id_ not in before]
    assert sorted(sent) == sorted(fair.written_to())


def accepted(house: House) -> dict[str, str]:
    """What Meta accepted: the messages' ids, and to whom."""
    found = house.sandbox("GET", f"messages?template={TEMPLATE}&limit=10000")["messages"]
    return {message["id"]: message["to"] for message in found}


def undo(page: Page, address: str, fair: Fair, see: See) -> None:
    page.goto(address)
    page.get_by_role("link", name="Undo this import").click()
    expect(figure(page, "Taken back")).to_have_text("78")
    expect(figure(page, "Left as they are")).to_have_text("148")
    see("undo")
    page.get_by_label("I am sure").check()
    press(page, "Undo this import")
    expect(page.locator("#import-live")).to_contain_text("78 taken back; 148 left", timeout=MINUTE)
    see("undone")
    page.get_by_role("link", name="148 left as they are").click()
    expect(page.locator("main")).to_contain_text("of 148")
    see("stayed")


def look_around(page: Page, house: House, fair: Fair, see: See) -> None:
    page.goto(f"{house.url}/customers?tag={fair.tag}&city=Pune")
    expect(page.locator("#count")).to_have_text("80 customers", timeout=MINUTE)
    see("customers")
    page.locator("main tbody a").first.click()
    for words in ("To good guests", "Added by the import “mended.csv”", "Agreed to marketing", "Bought for ₹35,000.00"):
        expect(page.locator("#timeline")).to_contain_text(words)
    see("customer")
    page.goto(f"{house.url}/customers/suppressions")
    see("suppressions")


def write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()


def figure(page: Page, name: str) -> Locator:
    return page.locator(f"dl div:has(> dt:text-is('{name}')) dd").first
