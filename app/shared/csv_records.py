"""Records of a table: constant memory and no exception, whatever the bytes are.

`csv.reader` parses; this module keeps damage local. A quote that is never closed would make the reader
swallow the rest of the file into one cell; a quote closed by chance a few rows later would swallow those.
Both are found, the line that began the record is reported, and reading goes on with the next line.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NamedTuple

from app.shared.csv_encoding import Unreadable
from app.shared.csv_lines import MAX_LINES, MAX_RECORD, Endless, Lines

MAX_CELL = 32 * 1024
"""Characters of one cell."""
MAX_COLUMNS = 200
MOST_BLANK = 2_000_000
"""Blank rows that may follow each other. No spreadsheet has so many rows."""
RAW_KEPT = 4000
"""Characters of the original text kept of a damaged record."""


@dataclass(frozen=True)
class Dialect:
    """How a table is written. Plain values: stored as JSON by `asdict`, made again by `Dialect(**stored)`."""

    encoding: str = "utf-8-sig"
    """One of `csv_encoding.ENCODINGS`; "utf-8-sig" reads files with and without a byte order mark."""
    delimiter: str = ","
    has_header: bool = True
    columns: list[str] = field(default_factory=list)
    """Names of the columns, trimmed and unique; "Column 3" where the file gives none."""
    phone_column: int | None = None
    """Index of the column that seems to hold the phone numbers."""


class Row(NamedTuple):
    """One record of data."""

    number: int
    """Its row as a spreadsheet numbers it: from 1, the header and blank rows counted."""
    cells: list[str]
    """As many as there are columns, not trimmed at the end; where there is a problem, what could be read."""
    raw: str
    """The record's original text without its line end; cut to `RAW_KEPT` where there is a problem."""
    end_byte: int
    """Bytes of the file read so far; never falls from row to row."""
    problem: str | None
    """Why the record cannot be used, for people; None when it can."""


def open_table(stream: BinaryIO, dialect: Dialect) -> Lines:
    """The lines of a table, decoded; a BOM and Excel's "sep=;" line are taken off."""
    return Lines(stream, dialect.encoding)


def rows(stream: BinaryIO, dialect: Dialect, *, skip_rows: int = 0) -> Iterator[Row]:
    """The records of data, without the header and without blank rows.

    `skip_rows` resumes: rows numbered up to it are read but not given. Damage becomes a row with a `problem`. Raises
    `Unreadable` where nothing but blank rows goes on and on.
    """
    lines = open_table(stream, dialect)
    width, blank = len(dialect.columns), dialect.delimiter + '" \t\r\n'
    skip_rows = max(skip_rows, int(dialect.has_header))
    last = skip_rows
    for number, (cells, problem) in enumerate(_records(lines, dialect), start=1):
        raw = lines.take()
        if number <= skip_rows or not (problem or raw.strip(blank)):
            if number - last > MOST_BLANK:
                raise Unreadable(f"From row {last + 1:,} on there are only blank rows; delete them.")
            continue
        last = number
        problem = problem or _problem(cells, raw, width)
        if problem:
            raw = raw[:RAW_KEPT].replace("\0", "\ufffd")
        elif len(cells) != width and width:
            cells = (cells + [""] * width)[:width]
        yield Row(number, cells, raw, lines.end_byte, problem)


def _records(lines: Lines, dialect: Dialect) -> Iterator[tuple[list[str], str | None]]:
    reader = _reader(lines.feed(), dialect)
    while True:
        try:
            for cells in reader:
                if len(lines.held) > 1:
                    # Only strict parsing tells a cell with line breaks from two stray quotes rows apart.
                    next(_reader(iter(lines.texts()), dialect, strict=True))
                yield cells, None
            return
        except (Endless, csv.Error):
            yield [], _why_given_up(lines.keep_first())
            reader = _reader(lines.feed(), dialect)


def _reader(feed: Iterator[str], dialect: Dialect, strict: bool = False) -> Any:
    return csv.reader(feed, delimiter=dialect.delimiter, skipinitialspace=True, strict=strict)


def _why_given_up(length: int) -> str:
    if length > MAX_RECORD:
        return f"longer than {MAX_RECORD // 1024} KB"
    if length > MAX_CELL:
        return f"a cell is longer than {MAX_CELL // 1024} KB, or a quotation mark is not closed"
    return f"a quotation mark is not closed, or not within {MAX_LINES} lines"


def _problem(cells: list[str], raw: str, width: int) -> str | None:
    if "\0" in raw:
        return "holds binary data"
    if len(cells) > MAX_COLUMNS:
        return f"more than {MAX_COLUMNS} columns"
    if len(raw) > MAX_CELL and max(map(len, cells)) > MAX_CELL:
        return f"a cell is longer than {MAX_CELL // 1024} KB"
    if len(cells) > width and width and any(cell.strip() for cell in cells[width:]):
        return f"{len(cells)} cells, but there are only {width} columns"
    return None
