"""Meta as these tests meet it: the sandbox as a program of its own, and an address where nobody answers."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.channels.sandboxes import Sandbox, free_port, point_at, started


@pytest.fixture(autouse=True)
def forms_without_tokens(application: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are not about CSRF; the house's are."""
    monkeypatch.setitem(application.config, "WTF_CSRF_ENABLED", False)


@pytest.fixture(scope="session")
def sandbox_program(tmp_path_factory: pytest.TempPathFactory):
    with started(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(app: Flask, sandbox_program: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A fresh sandbox that the application takes for Meta."""
    sandbox_program.control("POST", "reset")
    point_at(app, sandbox_program.url, monkeypatch)
    return sandbox_program


@pytest.fixture
def nobody(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Meta cannot be reached."""
    point_at(app, f"http://127.0.0.1:{free_port()}", monkeypatch)
