from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from terminal import StartError  # isort: skip
from front_end import COPIES, ROOT, VENDOR, ensure_front_end, icon_names, sprite  # isort: skip


@pytest.fixture(scope="module", autouse=True)
def front_end() -> None:
    ensure_front_end()


def test_it_cuts_each_named_icon_once() -> None:
    symbols = list(ElementTree.parse(VENDOR / "icons.svg").getroot())
    assert [symbol.get("id") for symbol in symbols] == icon_names()
    assert len(set(icon_names())) == len(icon_names())
    assert all(symbol.get("viewBox") == "0 0 24 24" and len(symbol) for symbol in symbols)


def test_it_knows_every_icon_that_a_page_names() -> None:
    pages = [page.read_text() for page in (ROOT / "app" / "templates").rglob("*.html")]
    named = {name for page in pages for name in re.findall(r"\bicon\(\s*[\"']([a-z0-9-]+)[\"']", page)}
    assert named
    assert named <= set(icon_names())


def test_it_refuses_an_icon_that_is_none() -> None:
    with pytest.raises(StartError, match="'no-such-icon'"):
        sprite(["no-such-icon"])


@pytest.mark.parametrize("name", COPIES)
def test_it_serves_no_reference_to_a_missing_map(name: str) -> None:
    text = (VENDOR / name).read_text()
    assert len(text) > 10_000
    assert "sourceMappingURL" not in text


def test_it_locks_versions_and_names_no_registry() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert not any("resolved" in package for package in packages.values())
