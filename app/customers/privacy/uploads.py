"""Uploaded lists: rows that name a person become blank ones, so that all others keep their numbers.

Rewritten and not deleted: an import may still be reading its file, or be read anew. The new text takes the place of
the old in one move, under the same key.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from io import StringIO, TextIOWrapper
from tempfile import TemporaryFile
from typing import IO, Any

from sqlalchemy import exists, select

from app.customers.imports.leases import UNDER_WAY
from app.customers.imports.models import Import
from app.customers.privacy.traces import Traces
from app.extensions import db
from app.storage import files
from app.storage.store import NotStored

MOST_LINES = 100  # of one record; then its quote was never closed
MOST_CHARACTERS = 1 << 20  # read at once of a line that does not end


def search(traces: Traces, until: datetime, progress: Mapping[str, Any]) -> dict[str, Any] | None:
    """Take the person out of the next uploaded file; where to go on, or None when there is no other.

    With it the "readers": imports that may have opened such a file before, and bring the person back out of it.
    """
    query = select(Import).where(Import.id > progress.get("upload", 0), Import.created_at <= until)
    import_ = db.session.scalar(query.order_by(Import.id).limit(1))
    if import_ is None:
        return None
    readers = progress.get("readers", [])
    with suppress(NotStored):
        if clean(import_.file_key, import_.reading, traces) and _reads_since(import_, until):
            readers = [*readers, import_.id]
    return {"upload": import_.id, "readers": readers}


def are_read(import_ids: Sequence[int]) -> bool:
    """Whether one of these imports is under way."""
    reading = exists().where(Import.id.in_(import_ids), Import.status.in_(UNDER_WAY))
    return bool(db.session.scalar(select(reading)))


def _reads_since(import_: Import, moment: datetime) -> bool:
    return import_.status in UNDER_WAY or (import_.finished_at is not None and import_.finished_at >= moment)


def clean(key: str, reading: Mapping[str, Any], traces: Traces) -> bool:
    """Rewrite the file without the person; whether they stood in it. Raises `NotStored`."""
    encoding, delimiter = reading.get("encoding", "utf-8-sig"), reading.get("delimiter", ",")
    with files.open_file(key) as stream:
        if not any(traces.is_in(record) for record in records(_lines(stream, encoding), delimiter)):
            return False
    with files.open_file(key) as stream, TemporaryFile() as cleaned:
        text = TextIOWrapper(cleaned, _codec(encoding), _errors(encoding), newline="")
        for record in records(_lines(stream, encoding), delimiter):
            text.write(_ending(record) if traces.is_in(record) else record)
        text.flush()
        cleaned.seek(0)
        files.replace(key, cleaned)
    return True


def records(lines: Iterator[str], delimiter: str = ",") -> Iterator[str]:
    """The records as they are written; within quotes a line's end is no record's end, but a stray quote is no quote."""
    ahead: deque[str] = deque()
    while line := ahead.popleft() if ahead else next(lines, ""):
        held = [line]
        while _is_open(held) and len(held) < MOST_LINES and (more := ahead.popleft() if ahead else next(lines, "")):
            held.append(more)
        if len(held) > 1 and not _is_record("".join(held), delimiter):
            ahead.extendleft(reversed(held[1:]))
            del held[1:]
        yield "".join(held)


def _is_open(held: Sequence[str]) -> bool:
    return sum(line.count('"') for line in held) % 2 == 1


def _is_record(words: str, delimiter: str) -> bool:
    try:
        return len(list(csv.reader(StringIO(words, newline=""), delimiter=delimiter, strict=True))) == 1
    except csv.Error:
        return False


def _ending(record: str) -> str:
    """The line's end, which is the record's: a blank row is counted like any other."""
    return record[len(record.rstrip("\r\n")) :]


def _lines(stream: IO[bytes], encoding: str) -> Iterator[str]:
    text = TextIOWrapper(stream, _codec(encoding), _errors(encoding), newline="")
    return iter(lambda: text.readline(MOST_CHARACTERS), "")


def _codec(encoding: str) -> str:
    """A byte order mark stays where it was."""
    return "utf-8" if encoding == "utf-8-sig" else encoding


def _errors(encoding: str) -> str:
    """Whatever else stands in the file comes out as it went in."""
    return "replace" if encoding == "utf-16" else "surrogateescape"
