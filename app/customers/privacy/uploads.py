"""Uploaded lists: rows that name people who are erased become blank ones, so that all others keep their numbers.

Rewritten and not deleted: an import may still be reading its file, or be read anew. The new text takes the place of
the old in one move, under the same key.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from io import StringIO, TextIOWrapper
from tempfile import TemporaryFile
from typing import IO, Any, Protocol

from sqlalchemy import exists, select

from app.customers.imports.leases import UNDER_WAY
from app.customers.imports.models import Import
from app.customers.privacy.crowd import Crowd, Sought
from app.extensions import db
from app.storage import files
from app.storage.store import NotStored

MOST_LINES = 100  # of one record; then its quote was never closed
MOST_CHARACTERS = 1 << 20  # read at once of a line that does not end


@dataclass(frozen=True, slots=True)
class Looked:
    """The file that was looked at, and whose erasures found a row in it that its reader may bring back.

    For it may have opened the file before.
    """

    import_id: int
    may_bring_back: frozenset[int]


class Names(Protocol):
    """Whoever is looked for in a file."""

    def is_in(self, words: str) -> bool:
        """Whether one of them is named in these words."""


class Lookout:
    """Looks for a crowd in what was uploaded `at` that time, and keeps whom it saw."""

    def __init__(self, crowd: Crowd, at: datetime) -> None:
        self.crowd, self.at = crowd, at
        self.seen: dict[int, Sought] = {}

    def is_in(self, words: str) -> bool:
        """Whether one of them is named in these words."""
        named = [trace.of for trace in self.crowd.named_in(words, self.at) if trace.traces.is_in(words)]
        self.seen |= {sought.erasure_id: sought for sought in named}
        return bool(named)


def search(crowd: Crowd, progress: Mapping[str, Any]) -> Looked | None:
    """Take everybody out of the next uploaded file; None when there is no other."""
    query = select(Import).where(Import.id > progress.get("upload", 0), Import.created_at <= crowd.until)
    import_ = db.session.scalar(query.order_by(Import.id).limit(1))
    if import_ is None:
        return None
    lookout = Lookout(crowd, import_.created_at)
    with suppress(NotStored):
        clean(import_.file_key, import_.reading, lookout)
    back = (sought.erasure_id for sought in lookout.seen.values() if _reads_since(import_, sought.until))
    return Looked(import_.id, frozenset(back))


def are_read(import_ids: Sequence[int]) -> bool:
    """Whether one of these imports is under way."""
    reading = exists().where(Import.id.in_(import_ids), Import.status.in_(UNDER_WAY))
    return bool(db.session.scalar(select(reading)))


def _reads_since(import_: Import, moment: datetime) -> bool:
    return import_.status in UNDER_WAY or (import_.finished_at is not None and import_.finished_at >= moment)


def clean(key: str, reading: Mapping[str, Any], names: Names) -> bool:
    """Rewrite the file without them; whether anybody stood in it. Raises `NotStored`."""
    encoding, delimiter = reading.get("encoding", "utf-8-sig"), reading.get("delimiter", ",")
    with files.open_file(key) as stream:
        if not any(names.is_in(record) for record in records(_lines(stream, encoding), delimiter)):
            return False
    with files.open_file(key) as stream, TemporaryFile() as cleaned:
        text = TextIOWrapper(cleaned, _codec(encoding), _errors(encoding), newline="")
        for record in records(_lines(stream, encoding), delimiter):
            text.write(_ending(record) if names.is_in(record) else record)
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
