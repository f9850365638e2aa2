"""Running the sandbox as its own program, as `bin/up` does."""

from __future__ import annotations

import dataclasses
import os
import signal
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


class Program:
    """The program itself, to start, stop and start again, on a port and in a folder of its own."""

    def __init__(self, folder: Path, webhook_url: str, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        # The settings of a real account that the caller may have would overrule those of the sandbox.
        plain = {name: value for name, value in os.environ.items() if not name.startswith("WHATSAPP_")}
        own = {"SANDBOX_PORT": str(self.port), "VAR_DIR": str(folder), "SANDBOX_WEBHOOK_URL": webhook_url}
        self._environment = plain | own | settings

    def start(self) -> None:
        """Return when it answers; with its log as the reason when it ends instead."""
        command = [sys.executable, "-m", "sandbox"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, f"no answer after {PATIENCE} s: {self.log()}"
            time.sleep(0.02)

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Send the signal and wait for the end; its status."""
        self.process.send_signal(how)
        return self.process.wait(10)

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/__sandbox__/state", timeout=2).ok
        except requests.ConnectionError:
            return False


@contextmanager
def started(folder: Path) -> Iterator[Sandbox]:
    """A sandbox with nobody to send webhooks to; ended at the end."""
    program = Program(folder, f"http://127.0.0.1:{free_port()}/webhooks/whatsapp")
    program.start()
    yield Sandbox(program.url)
    program.stop()


def point_at(app: Flask, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the application take `url` for Meta, until the test's end."""
    settings = dataclasses.replace(app.extensions["bulbul_config"], graph_url=url)
    monkeypatch.setitem(app.extensions, "bulbul_config", settings)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
