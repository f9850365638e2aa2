"""Fixtures of the machinery's tests: the way to its modules, and eyes for processes."""

from __future__ import annotations

import sys
from pathlib import Path

LIB = Path(__file__).resolve().parents[2] / "bin" / "lib"
sys.path.insert(0, str(LIB))
