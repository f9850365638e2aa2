"""The product's own programs: how each is called, and when it is ready."""

from __future__ import annotations

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping

from child import Child
from ports import read_port
from supervisor import Supervisor, ending
from terminal import StartError

WEB_HOST = "0.0.0.0"  # people open Bulbul from their own machines
WEB_PROCESSES = 2
WEB_THREADS = 8
DEFAULT_WORKERS = 2
START_TIMEOUT = 90  # seconds

# Past a proxy that the environment may name: these addresses are on this machine.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def web_port(environ: Mapping[str, str]) -> int:
    """The port of pages and API."""
    return read_port(environ, "PORT", 8000)


def sandbox_port(environ: Mapping[str, str]) -> int:
    """The port of the sandbox."""
    return read_port(environ, "SANDBOX_PORT", 8001)


def web(environment: Mapping[str, str]) -> Child:
    """Pages, API and webhooks, served by gunicorn; loaded once and forked, for loading takes seconds."""
    options = (
        f"--preload --worker-class gthread --workers {WEB_PROCESSES} --threads {WEB_THREADS} --graceful-timeout 25"
    )
    quiet = "--log-level warning --no-control-socket"  # two folders on one machine would share that socket
    bind = f"--bind {WEB_HOST}:{web_port(environment)}"
    return _python("web", f"-m gunicorn wsgi:app {options} {quiet} {bind}", environment)


def workers(environment: Mapping[str, str]) -> list[Child]:
    """The scheduler, a worker for what Meta reports, and `WORKERS` that do everything else."""
    count = environment.get("WORKERS") or str(DEFAULT_WORKERS)
    if not count.isdigit() or int(count) < 1:
        raise StartError(f"WORKERS is {count!r}; it must be a whole number from 1.")
    return [
        _python("scheduler", "worker.py --scheduler", environment),
        _python("receipts worker", "worker.py receipts", environment),
        *(_python(f"worker {number + 1}", "worker.py", environment) for number in range(int(count))),
    ]


def sandbox(environment: Mapping[str, str]) -> Child:
    """Meta, simulated."""
    return _python("sandbox", "-m sandbox", environment)


def wait_for_web(environment: Mapping[str, str], supervisor: Supervisor) -> None:
    """Return when the web answers that database, Redis, migrations and workers are there."""
    _wait_for(f"http://127.0.0.1:{web_port(environment)}/readyz", "web", supervisor)


def wait_for_sandbox(environment: Mapping[str, str], supervisor: Supervisor) -> None:
    """Return when the sandbox answers."""
    _wait_for(f"http://127.0.0.1:{sandbox_port(environment)}/__sandbox__/state", "sandbox", supervisor)


def _python(name: str, arguments: str, environment: Mapping[str, str]) -> Child:
    return Child(name, [sys.executable, *arguments.split()], environment=environment)


def _wait_for(address: str, name: str, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    answer = "nothing"
    while time.monotonic() < deadline:
        if child := supervisor.ended():
            raise StartError(f"{child.name} ended while starting ({ending(child)}); its last words stand above.")
        try:
            with _direct.open(address, timeout=5):
                return
        except urllib.error.HTTPError as error:
            answer = f"{error.code} {error.read(500).decode(errors='replace').strip()}"
        except OSError:
            answer = "nothing"
        time.sleep(0.1)
    raise StartError(f"{name} is not ready after {START_TIMEOUT} s; {address} answers {answer}.")
