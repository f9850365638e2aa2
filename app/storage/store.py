"""What a place for files can do. The local folder does it; an object store can stand beside it."""

from __future__ import annotations

from typing import IO, BinaryIO, Protocol


class StorageError(Exception):
    """A file cannot be kept or found; `str()` is a sentence for people."""


class TooLarge(StorageError):
    """More bytes than an upload may have."""


class NotStored(StorageError):
    """No file under this key."""


class Store(Protocol):
    """Files by key. A key is ours (`2026/11/<uuid>.csv`), never a name somebody gave."""

    def write(self, key: str, stream: IO[bytes], limit: int) -> int:
        """Keep `stream` under `key`, whole or not at all; its bytes. Raises `TooLarge` past `limit`."""

    def open(self, key: str) -> BinaryIO:
        """The file from its beginning, seekable. Raises `NotStored`."""

    def size(self, key: str) -> int:
        """Bytes under `key`. Raises `NotStored`."""

    def delete(self, key: str) -> None:
        """Forget `key`, and what a killed writer left of it; quiet when it is not there."""
