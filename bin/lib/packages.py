"""Where an installed package keeps its files, without importing it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def package_folder(name: str) -> Path | None:
    """The folder of the top-level package `name`; None when it is not installed."""
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None
