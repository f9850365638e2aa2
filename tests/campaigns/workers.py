"""Real workers in processes of their own, and how to kill them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
Worker = subprocess.Popen[bytes]


def start(environment: Mapping[str, str], *queues: str) -> Worker:
    """A worker on these queues."""
    command = [sys.executable, "worker.py", *queues]
    return subprocess.Popen(
        command, cwd=ROOT, env=os.environ | dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def kill(worker: Worker) -> None:
    """kill -9: the worker and the fork that runs its job, both without a word."""
    family = [worker.pid, *_children(worker.pid)]
    for pid in family:
        with_luck_kill(pid)
    worker.wait()


def with_luck_kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


@contextmanager
def running(environment: Mapping[str, str], number: int, *queues: str) -> Iterator[list[Worker]]:
    """`number` workers; whoever is left at the end is killed."""
    workers = [start(environment, *queues) for _ in range(number)]
    try:
        yield workers
    finally:
        for worker in workers:
            kill(worker)
