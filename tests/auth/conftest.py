"""Fixtures of this room: further browsers."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def phone(app: Flask) -> FlaskClient:
    """A second device."""
    return app.test_client()


@pytest.fixture
def from_address(app: Flask) -> Any:
    """A browser at the given IP address."""

    def browser(address: str) -> FlaskClient:
        client = app.test_client()
        client.environ_base = client.environ_base | {"REMOTE_ADDR": address}
        return client

    return browser
