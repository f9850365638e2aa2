"""Fixtures of imports."""

from __future__ import annotations

import pytest

from app.customers.imports import reading


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of a hundred rows is a long one."""
    monkeypatch.setattr(reading, "CHUNK", 7)
