"""A real Chromium before the running house. Any console error fails the test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.browser.house import EMAIL, PASSWORD, House, open_house


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def house(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(environment, tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | ({"executable_path": path} if path else {}) | {"args": quiet + root}


@pytest.fixture
def console(context: BrowserContext) -> Iterator[list[str]]:
    """What the browser complained of; anything in it at the end fails the test."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"{message.text} ({message.location.get('url', '')})")

    context.on("console", note)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield complaints
    assert complaints == []


@pytest.fixture(scope="session")
def owners_cookies(house: House, browser: Browser) -> Any:
    """The owner logs in once, through the login page."""
    page = browser.new_page()
    page.goto(f"{house.url}/login")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{house.url}/")
    cookies = page.context.cookies()
    page.close()
    return cookies


@pytest.fixture
def owner(owners_cookies: Any, page: Page, console: list[str]) -> Page:
    """The owner's browser, logged in."""
    page.context.add_cookies(owners_cookies)
    return page
