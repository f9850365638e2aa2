"""Files in a folder of this machine (or one that several machines mount)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, BinaryIO

from app.storage.store import NotStored, TooLarge

CHUNK = 1024 * 1024


class LocalStore:
    """A `Store` under one folder; no key leads out of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    def write(self, key: str, stream: IO[bytes], limit: int) -> int:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = _part(path)
        try:
            written = _copy(stream, part, limit)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return written

    def open(self, key: str) -> BinaryIO:
        try:
            return self._path(key).open("rb")
        except (FileNotFoundError, IsADirectoryError) as error:
            raise NotStored("The file is no longer there.") from error

    def size(self, key: str) -> int:
        with self.open(key) as file:
            return os.fstat(file.fileno()).st_size

    def delete(self, key: str) -> None:
        path = self._path(key)
        path.unlink(missing_ok=True)
        _part(path).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        path = (self.folder / key).resolve()
        if path == self.folder or not path.is_relative_to(self.folder):
            raise NotStored("This is no key of a stored file.")
        return path


def _part(path: Path) -> Path:
    """Where a file stands until it is whole."""
    return path.with_name(f"{path.name}.part")


def _copy(stream: IO[bytes], path: Path, limit: int) -> int:
    written = 0
    with path.open("wb") as target:
        while chunk := stream.read(CHUNK):
            written += len(chunk)
            if written > limit:
                raise TooLarge(f"The file is larger than {limit // (1024 * 1024)} MB.")
            target.write(chunk)
        # The database will name this file in a commit that outlives a power cut; so must the file.
        target.flush()
        os.fsync(target.fileno())
    return written
