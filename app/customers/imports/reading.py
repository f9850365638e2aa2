"""A file's rows in chunks, each short enough for memory and for one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, fields
from typing import Any

from app.customers.imports import given_back
from app.customers.imports.kinds import Reader
from app.customers.imports.models import Import
from app.shared.csv_table import BadRow, Dialect, Row
from app.storage import files

CHUNK = 20_000  # rows a transaction: the cost of a commit no longer shows, a kill loses a second's work
LARGEST = 16 << 20  # characters a chunk: rows may be a hundred times as long as usual


@dataclass(slots=True)
class Chunk:
    """Rows that follow each other: those that can be used as `STAGED` takes them, and the others."""

    staged: list[tuple[Any, ...]] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    originals: dict[int, str] = field(default_factory=dict)
    """The text of the usable rows, by their numbers."""
    last_row: int = 0
    end_byte: int = 0

    @property
    def total(self) -> int:
        return len(self.staged) + len(self.bad)


def dialect_of(import_: Import) -> Dialect:
    """How the import's file is written."""
    return Dialect(**{one.name: import_.reading[one.name] for one in fields(Dialect)})


def chunks(import_: Import, reader: Reader) -> Iterator[Chunk]:
    """The rows after `last_row`. The database is not asked any more while reading; raises `NotStored` then.

    Where a chunk ends depends on the file and on where it begins alone, so whoever goes on after a kill cuts it the
    same way.
    """
    return _ahead(_chunks(import_.file_key, dialect_of(import_), import_.last_row, reader))


def _ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same chunks; while the database works on one, a thread parses the next."""
    context = copy_context()

    def parse() -> Chunk | None:
        return context.run(next, chunks, None)

    with ThreadPoolExecutor(1, "import-reader") as thread:
        coming = thread.submit(parse)
        while (chunk := coming.result()) is not None:
            coming = thread.submit(parse)
            yield chunk


def _chunks(key: str, dialect: Dialect, after_row: int, reader: Reader) -> Iterator[Chunk]:
    with files.open_file(key) as stream:
        rows = given_back.rows(stream, dialect, skip_rows=after_row)
        while (chunk := _chunk(rows, reader)).total:
            yield chunk


def _chunk(rows: Iterator[Row], reader: Reader) -> Chunk:
    chunk, length = Chunk(), 0
    for row in rows:
        found = _bad(row) if row.problem else reader(row)
        if isinstance(found, BadRow):
            chunk.bad.append(found)
        else:
            chunk.staged.append(found)
            chunk.originals[row.number] = row.raw
        length += len(row.raw)
        chunk.last_row, chunk.end_byte = row.number, row.end_byte
        if chunk.total >= CHUNK or length >= LARGEST:
            break
    return chunk


def _bad(row: Row) -> BadRow:
    return BadRow(row.number, row.raw, row.problem or "", row.end_byte)
