"""The whole product in processes of its own, as `bin/up` runs it, on this test run's servers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from app import create_app

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PATIENCE = 120  # seconds until everything answers
EMAIL, PASSWORD = "owner@example.com", "correct horse battery"


@dataclass(frozen=True)
class House:
    """A running product: its address, its sandbox, its environment."""

    url: str
    sandbox_url: str
    environment: dict[str, str]

    def flask(self, *words: str) -> str:
        """Run `flask ...` in the house's environment; what it printed."""
        command = [str(BIN / "flask"), "--app", "wsgi", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def sandbox(self, method: str, call: str, **body: Any) -> Any:
        """A call of the sandbox's control API."""
        answer = requests.request(method, f"{self.sandbox_url}/__sandbox__/{call}", json=body or None, timeout=10)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def open_house(environment: Mapping[str, str], folder: Path) -> Iterator[House]:
    """Start sandbox, web, workers and scheduler; end them all at the end."""
    port, sandbox_port = _free_port(), _free_port()
    url, sandbox_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}"
    env = (
        os.environ
        | dict(environment)
        | {
            "PORT": str(port),
            "SANDBOX_PORT": str(sandbox_port),
            "PUBLIC_URL": url,
            "META_GRAPH_URL": sandbox_url,
            "ADMIN_EMAIL": EMAIL,
            "ADMIN_PASSWORD": PASSWORD,
            "VAR_DIR": str(folder),
            "LOG_LEVEL": "INFO",
        }
    )
    house = House(url, sandbox_url, env)
    children = [_start(folder, env, sys.executable, "-m", "sandbox")]
    try:
        _await(f"{sandbox_url}/__sandbox__/state")
        _furnish(env)
        gunicorn = (
            str(BIN / "gunicorn"),
            "wsgi:app",
            "-k",
            "gthread",
            "-w",
            "1",
            "--threads",
            "8",
            "-b",
            f"127.0.0.1:{port}",
        )
        children += [
            _start(folder, env, *gunicorn),
            _start(folder, env, sys.executable, "worker.py"),
            _start(folder, env, sys.executable, "worker.py"),
            _start(folder, env, sys.executable, "worker.py", "receipts"),
            _start(folder, env, sys.executable, "worker.py", "--scheduler"),
        ]
        _await(f"{url}/readyz")
        yield house
    finally:
        for child in reversed(children):
            child.terminate()
        for child in children:
            _end(child)


def _furnish(env: Mapping[str, str]) -> None:
    """As `bin/up` does, but in this process: to begin four others takes longer than all that they do."""
    terminal = create_app(env).test_cli_runner()
    for words in (["db", "upgrade"], ["users", "ensure-owner"], ["channels", "ensure"], ["seed"]):
        done = terminal.invoke(args=words)
        assert done.exit_code == 0, done.output


def _start(folder: Path, env: Mapping[str, str], *command: str) -> subprocess.Popen[bytes]:
    with (folder / "house.log").open("ab") as log:
        return subprocess.Popen(command, cwd=ROOT, env=dict(env), stdout=log, stderr=log)


def _end(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(20)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _await(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    answer = "nothing"
    while time.monotonic() < deadline:
        try:
            response = requests.get(url, timeout=2)
            if response.ok:
                return
            answer = response.text
        except requests.RequestException as error:
            answer = type(error).__name__
        time.sleep(0.2)
    raise AssertionError(f"{url} does not answer: {answer}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
