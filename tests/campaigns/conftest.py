"""A running sandbox for campaigns, and the environment of workers that talk to it."""

from __future__ import annotations

import pytest

from tests.sandboxes import Sandbox


@pytest.fixture
def worker_environment(environment: dict[str, str], sandbox: Sandbox) -> dict[str, str]:
    """What a worker process needs to work on this test's database against this sandbox."""
    return environment | {"META_GRAPH_URL": sandbox.url}
