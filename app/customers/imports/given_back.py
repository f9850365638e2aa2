"""Files that we gave back with a reason beside each row, put right by somebody: they are known by their head."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from app.shared import csv_table
from app.shared.csv_table import Dialect, Row

OUR_COLUMNS = ["Row", "Reason"]
"""In front of the file's own."""


def ours_of(columns: Sequence[str]) -> int:
    """How many of the first columns are ours; 0 when the file is nobody's but theirs."""
    ours = len(OUR_COLUMNS)
    return ours if list(columns[:ours]) == OUR_COLUMNS else 0


def rows(stream: BinaryIO, dialect: Dialect, *, skip_rows: int = 0) -> Iterator[Row]:
    """The file's rows, as `csv_table.rows` reads them; the apostrophes that our export put in front are taken off."""
    found = csv_table.rows(stream, dialect, skip_rows=skip_rows)
    if not ours_of(dialect.columns):
        return found
    return (row._replace(cells=[csv_table.plain(cell) for cell in row.cells]) for row in found)
