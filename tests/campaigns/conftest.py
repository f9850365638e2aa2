"""A running sandbox for campaigns, and the environment of workers that talk to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.channels.sandboxes import Sandbox, point_at, started


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with started(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(program: Sandbox, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    program.control("POST", "reset")
    program.control("PUT", "config", latency_ms=5, throughput_mps=0)
    point_at(app, program.url, monkeypatch)
    return program


@pytest.fixture
def worker_environment(environment: dict[str, str], sandbox: Sandbox) -> dict[str, str]:
    """What a worker process needs to work on this test's database against this sandbox."""
    return environment | {"META_GRAPH_URL": sandbox.url}
