"""What is downloaded arrives whole from the real web server, which iterates after the request's own context ended."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.house import House


@pytest.mark.parametrize("status", ["total", "sent", "failed", "skipped"])
def test_the_people_behind_a_number_come_as_csv(owner: Page, house: House, tmp_path: Path, status: str) -> None:
    owner.goto(f"{house.url}/campaigns")
    campaign = owner.get_by_role("link", name="Green Goa for early birds").get_attribute("href")
    answer = owner.request.get(f"{house.url}{campaign}/people.csv?status={status}")
    lines = answer.text().splitlines()
    assert lines[0].endswith("Attempts,Earlier attempts")
    assert len(lines) == 1 + {"total": 120, "sent": 108, "failed": 6, "skipped": 12}[status]


def test_the_rows_that_were_not_imported_come_as_csv(owner: Page, house: House, tmp_path: Path) -> None:
    (tmp_path / "guests.csv").write_text("Name;Phone\nAsha;9820012345\nRavi;12\nAsha again;+919820012345\n")
    owner.goto(f"{house.url}/campaigns/new")
    owner.get_by_label("Name").fill("Downloads")
    owner.get_by_role("button", name="Save and continue").click()
    owner.get_by_role("button", name="goa_monsoon_offer, English").click()
    owner.locator("input[type=file]").set_input_files(tmp_path / "guests.csv")
    owner.get_by_role("button", name="Upload and look").click()
    owner.get_by_label("These people agreed").check()
    owner.get_by_role("button", name="Import").click()
    link = owner.get_by_role("link", name="Rows not imported, with reasons")
    address = link.get_attribute("href", timeout=30_000)
    lines = owner.request.get(f"{house.url}{address}").text().splitlines()
    assert [line.split(",")[0].lstrip("\ufeff") for line in lines] == ["Row", "3", "4"]
