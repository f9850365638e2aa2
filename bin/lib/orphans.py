"""Processes whose parent died before them come to us instead of to init, so that we can end them, too."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def adopt_orphans() -> None:
    """From now on every descendant that loses its parent becomes our child."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def bury_orphans(own: set[int]) -> None:
    """Take note of adopted children that ended, which would stay zombies; `own` are those others wait for."""
    for pid in _children() - own:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def end_orphans(own: set[int], grace: float) -> None:
    """End every adopted child and what these leave in turn: SIGTERM, and SIGKILL after `grace` seconds."""
    deadline = time.monotonic() + grace
    asked: set[int] = set()
    while orphans := _children() - own:
        late = time.monotonic() > deadline
        for pid in orphans if late else orphans - asked:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL if late else signal.SIGTERM)
        asked |= orphans
        bury_orphans(own)
        time.sleep(0.05)


def _children() -> set[int]:
    me = str(os.getpid())
    return {int(stat.parent.name) for stat in Path("/proc").glob("[0-9]*/stat") if _parent(stat) == me}


def _parent(stat: Path) -> str | None:
    try:
        return stat.read_text().rpartition(")")[2].split()[1]
    except (OSError, IndexError):
        return None
