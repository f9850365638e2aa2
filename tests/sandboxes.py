"""Running the sandbox as its own program, as `bin/up` does."""

from __future__ import annotations

import dataclasses
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 20  # seconds until the program must answer


@dataclasses.dataclass(frozen=True)
class Sandbox:
    """A running sandbox: its address and its control API."""

    url: str

    def control(self, method: str, call: str, **body: Any) -> Any:
        answer = requests.request(method, f"{self.url}/__sandbox__/{call}", json=body or None, timeout=5)
        answer.raise_for_status()
        return answer.json()

    def graph(self, method: str, path: str, **body: Any) -> Any:
        headers = {"Authorization": "Bearer sandbox-token"}
        answer = requests.request(
            method, f"{self.url}/v26.0/{path}", headers=headers, timeout=5, **({"json": body} if body else {})
        )
        answer.raise_for_status()
        return answer.json()


@contextmanager
def started(folder: Path) -> Iterator[Sandbox]:
    """The program on a free port, with nobody to send webhooks to; ended at the end."""
    port = free_port()
    environment = os.environ | {
        "SANDBOX_PORT": str(port),
        "VAR_DIR": str(folder),
        "SANDBOX_WEBHOOK_URL": f"http://127.0.0.1:{free_port()}/webhooks/whatsapp",
    }
    with (folder / "log").open("wb") as log:
        program = subprocess.Popen([sys.executable, "-m", "sandbox"], cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _await(port, program)
        yield Sandbox(f"http://127.0.0.1:{port}")
    finally:
        program.terminate()
        program.wait(10)


def point_at(app: Flask, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the application take `url` for Meta, until the test's end."""
    settings = dataclasses.replace(app.extensions["bulbul_config"], graph_url=url)
    monkeypatch.setitem(app.extensions, "bulbul_config", settings)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await(port: int, program: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and program.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("The sandbox did not start; see its log.")
