"""What the trial borrows from `bin/lib`: programs on a leash, servers of our own, orphans, ports."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bin" / "lib"))

from child import Child  # noqa: E402
from orphans import adopt_orphans, bury_orphans, end_orphans  # noqa: E402
from ports import free_port  # noqa: E402
from servers import EmbeddedServers  # noqa: E402

__all__ = ["ROOT", "Child", "EmbeddedServers", "adopt_orphans", "bury_orphans", "end_orphans", "free_port"]
