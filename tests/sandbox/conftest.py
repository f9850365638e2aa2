"""One running sandbox for the whole room, forgotten before each test; restarts get one of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .programs import Receiver, Sandbox

QUICK = {"latency_ms": 0, "throughput_mps": 0, "statuses": {"delay_ms": 40, "read_rate": 1}}


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Receiver]]:
    receiver = Receiver()
    receiver.open()
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox"), receiver.url)
    sandbox.start()
    yield sandbox, receiver
    sandbox.stop()
    sandbox.http.close()
    receiver.close()


@pytest.fixture
def sandbox(running: tuple[Sandbox, Receiver]) -> Sandbox:
    """A sandbox on its first day, without latency and limits."""
    sandbox, receiver = running
    sandbox.control("POST", "reset")
    sandbox.tune(**QUICK)
    receiver.posts.clear()
    receiver.refusals.clear()
    return sandbox


@pytest.fixture
def receiver(running: tuple[Sandbox, Receiver], sandbox: Sandbox) -> Receiver:
    """What the sandbox posted since the test began."""
    return running[1]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[Sandbox, Receiver]]:
    """A sandbox of the test's own, to stop and start."""
    receiver = Receiver()
    receiver.open()
    sandbox = Sandbox(tmp_path, receiver.url)
    sandbox.start()
    sandbox.tune(**QUICK)
    yield sandbox, receiver
    if sandbox.process.poll() is None:
        sandbox.stop()
    sandbox.http.close()
    receiver.close()
