"""Meta as these tests meet it: the sandbox as a program of its own, and an address where nobody answers."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.sandboxes import free_port, point_at


@pytest.fixture
def nobody(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Meta cannot be reached."""
    point_at(app, f"http://127.0.0.1:{free_port()}", monkeypatch)
