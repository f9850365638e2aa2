"""A server that outlived its last run must end before the next one touches the same files."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

PATIENCE = 30  # seconds that a leftover may take to close its files properly


def end_leftover(pid_file: Path, stop_signal: signal.Signals) -> None:
    """End the server that `pid_file` names if it still works in that folder, and forget the file."""
    pid = _first_number(pid_file)
    if pid and _works_in(pid_file.parent, pid):
        _end(pid, pid_file.parent, stop_signal)
    # The number may belong to a stranger by now (after a reboot), which PostgreSQL would take for itself.
    pid_file.unlink(missing_ok=True)


def _end(pid: int, folder: Path, stop_signal: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, stop_signal)
    deadline = time.monotonic() + PATIENCE
    while _works_in(folder, pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    with suppress(ProcessLookupError):
        if _works_in(folder, pid):
            os.kill(pid, signal.SIGKILL)


def _works_in(folder: Path, pid: int) -> bool:
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd")) == folder.resolve()
    except OSError:
        return False


def _first_number(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
