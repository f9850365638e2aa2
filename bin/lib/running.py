"""Bulbul as it runs in a folder: what other commands need to join it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from environment import ours, read_variables, write_variables


@contextmanager
def announced(folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Inside the block, `join(folder)` finds this environment."""
    file = _file(folder)
    write_variables(file, ours(environment))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def join(folder: Path) -> dict[str, str]:
    """The environment of the Bulbul that runs in `folder`; empty while it has announced none."""
    return read_variables(_file(folder))


def _file(folder: Path) -> Path:
    return folder / "run.env"
