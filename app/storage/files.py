"""The product's files: save, open, size, delete, by key.

That a file exists is written down before its first byte, in a transaction of its own, and until after its last:
whoever is killed in between leaves a file that can be found (`lost`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import IO, Any, BinaryIO
from uuid import uuid4

from sqlalchemy import delete as deletion
from sqlalchemy import insert
from sqlalchemy.orm import InstrumentedAttribute

from app import config
from app.extensions import db
from app.storage.local import LocalStore
from app.storage.models import FileKey, StoredFile
from app.storage.store import Store, TooLarge

SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


def save(column: InstrumentedAttribute[Any], stream: IO[bytes], suffix: str = "") -> str:
    """Keep `stream` whole and return its key, which `column` is to name. Raises `TooLarge` past the largest upload.

    `suffix` is kept when it is a plain one such as `.csv`, else left out. A column of another type than `FileKey` is
    refused (`TypeError`): its files would be taken for lost.
    """
    if not isinstance(column.type, FileKey):
        raise TypeError(f"{column} is no column of file keys.")
    ending = suffix.lower() if SUFFIX.fullmatch(suffix.lower()) else ""
    key = f"{datetime.now(UTC):%Y/%m}/{uuid4()}{ending}"
    with db.engine.begin() as connection:
        connection.execute(insert(StoredFile).values(key=key))
    try:
        _store().write(key, stream, config.current().max_upload)
    except TooLarge:
        delete(key)
        raise
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
    with db.engine.begin() as connection:
        connection.execute(deletion(StoredFile).where(StoredFile.key == key))


def _store() -> Store:
    return LocalStore(config.current().var_dir / "files")
