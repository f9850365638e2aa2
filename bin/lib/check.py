"""`bin/test`: every check there is, or pytest alone on what the arguments name. Ends with pytest's closing line."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from browser import ensure_chromium
from environment import ours
from front_end import ROOT, ensure_front_end
from servers import EmbeddedServers
from stop_signals import StopSignals
from terminal import run_as_command

PARALLEL = "2"  # the build machine has two cores
NOTHING_COLLECTED = 5  # pytest's status
PROGRAMS = Path(sys.executable).parent

LINTS = {
    "ruff check": [sys.executable, "-m", "ruff", "check", "--quiet", "."],
    "ruff format": [sys.executable, "-m", "ruff", "format", "--check", "--quiet", "."],
    "mypy": [sys.executable, "-m", "mypy", "--no-error-summary"],
    "import law": [sys.executable, str(PROGRAMS / "lint-imports"), "--no-logo"],
    "templates": [sys.executable, "-m", "djlint", "app/templates", "--lint", "--quiet"],
}


def main() -> int:
    """0 when every check passed."""
    StopSignals()
    caller = os.environ
    ensure_front_end()
    with (
        tempfile.TemporaryDirectory(prefix="bulbul-test-") as folder,
        EmbeddedServers(
            Path(folder),
            durable=False,
            database_url=caller.get("DATABASE_URL", ""),
            redis_url=caller.get("REDIS_URL", ""),
        ) as servers,
    ):
        environment = _test_environment(caller, servers)
        if sys.argv[1:]:
            return _pytest(environment, *sys.argv[1:])
        return _everything(environment)


def _everything(environment: Mapping[str, str]) -> int:
    with ThreadPoolExecutor(int(PARALLEL)) as pool:
        passed = pool.map(lambda name: _passes(name, LINTS[name], environment), LINTS)
    failed = [name for name, has_passed in zip(LINTS, passed, strict=True) if not has_passed]
    if _pytest(environment, "-m", "browser", "-n", PARALLEL, "--dist", "loadfile") not in (0, NOTHING_COLLECTED):
        failed.append("browser tests")
    # The plugin names what failed before, so that pytest's closing line is not the only one to be believed.
    told = {**environment, "BULBUL_FAILED_CHECKS": ", ".join(failed)}
    status = _pytest(told, "-m", "not browser", "-n", PARALLEL, "-p", "failed_checks")
    return status or bool(failed)


def _passes(name: str, command: list[str], environment: Mapping[str, str]) -> bool:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    print(f"{name}: {'FAILED' if done.returncode else 'passed'}", flush=True)
    if done.returncode:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0


def _pytest(environment: Mapping[str, str], *arguments: str) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=environment).returncode


def _test_environment(caller: Mapping[str, str], servers: EmbeddedServers) -> dict[str, str]:
    """The caller's environment without the settings of a real workspace, which a test must never touch."""
    plain = {name: value for name, value in caller.items() if name not in ours(caller)}
    return plain | {
        "TEST_DATABASE_URL": servers.database_url,
        "TEST_REDIS_URL": servers.redis_url,
        "CHROMIUM_PATH": ensure_chromium(caller),
        "PYTHONPATH": str(Path(__file__).parent),
    }


if __name__ == "__main__":
    run_as_command(main)
