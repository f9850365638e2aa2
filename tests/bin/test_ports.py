from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bin.conftest import LIB

from terminal import StartError  # isort: skip
from ports import free_port, read_port  # isort: skip


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def up(var_dir: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs bin/up, which is expected to refuse."""
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    environment |= {"VAR_DIR": str(var_dir), "DATABASE_URL": "postgresql://none", "REDIS_URL": "redis://none"}
    command = [str(LIB.parents[1] / "bin" / "up")]
    return subprocess.run(
        command, env=environment | variables, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )


@pytest.mark.parametrize(("taken", "other"), [("PORT", "SANDBOX_PORT"), ("SANDBOX_PORT", "PORT")])
def test_it_names_the_taken_port_and_its_variable(tmp_path: Path, taken_port: int, taken: str, other: str) -> None:
    done = up(tmp_path, **{taken: str(taken_port), other: str(free_port())})
    assert done.returncode == 1
    assert done.stderr == (
        f"Bulbul: port {taken_port} is taken by another program; stop that program or set {taken} to another port.\n"
    )


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "8000.5"])
def test_it_refuses_what_is_no_port(text: str) -> None:
    with pytest.raises(StartError, match="PORT is .* must be a port number"):
        read_port({"PORT": text}, "PORT", 8000)


def test_it_asks_for_two_different_ports(tmp_path: Path) -> None:
    port = str(free_port())
    assert "are both" in up(tmp_path, PORT=port, SANDBOX_PORT=port).stderr
