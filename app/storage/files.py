"""The product's files: save, open, size, delete, by key."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import IO, BinaryIO
from uuid import uuid4

from app import config
from app.storage.local import LocalStore
from app.storage.store import Store

SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


def save(stream: IO[bytes], suffix: str = "") -> str:
    """Keep `stream` whole and return its key. Raises `TooLarge` past the largest upload allowed.

    `suffix` is kept when it is a plain one such as `.csv`, else left out.
    """
    ending = suffix.lower() if SUFFIX.fullmatch(suffix.lower()) else ""
    key = f"{datetime.now(UTC):%Y/%m}/{uuid4()}{ending}"
    _store().write(key, stream, config.current().max_upload)
    return key


def replace(key: str, stream: IO[bytes]) -> None:
    """Let the file of this key be `stream` from now on; whoever reads the old one reads it to its end."""
    _store().write(key, stream, config.current().max_upload)


def open_file(key: str) -> BinaryIO:
    """The stored file from its beginning, in bytes. Raises `NotStored`."""
    return _store().open(key)


def size(key: str) -> int:
    """The stored file's bytes. Raises `NotStored`."""
    return _store().size(key)


def delete(key: str) -> None:
    """Forget the file; quiet when it is gone already."""
    _store().delete(key)


def _store() -> Store:
    return LocalStore(config.current().var_dir / "files")
