"""Files that we gave back with a reason beside each row, put right by somebody: they are known by their head."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from sqlalchemy import select

from app.customers.imports.models import Import, ImportFault
from app.extensions import db
from app.shared import csv_table
from app.shared.csv_table import Dialect, Row

FAULTS_AT_ONCE = 1000
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


def as_csv(import_: Import) -> Iterator[str]:
    """The rows that were not used as CSV, line by line: row number, reason, then the file's own columns."""
    columns, delimiter = import_.reading["columns"], import_.reading["delimiter"]
    ours = ours_of(columns)
    return csv_table.export(_fault_rows(import_.id, delimiter, ours), [*OUR_COLUMNS, *columns[ours:]])


def _fault_rows(import_id: int, delimiter: str, ours: int) -> Iterator[list[Any]]:
    """Asked for at the first row and not before: a streamed answer has a session of its own."""
    faults: Any = db.session.execute(
        select(ImportFault.row_number, ImportFault.reason, ImportFault.original)
        .where(ImportFault.import_id == import_id)
        .order_by(ImportFault.row_number, ImportFault.id),
        execution_options={"yield_per": FAULTS_AT_ONCE},
    )
    for fault in faults:
        yield [fault.row_number, fault.reason, *_cells(fault.original, delimiter, ours)]


def _cells(original: str, delimiter: str, ours: int) -> list[str]:
    """The row's own cells; its text as one cell where it is too damaged to be taken apart."""
    try:
        return next(csv.reader(original.splitlines(keepends=True), delimiter=delimiter), [])[ours:]
    except csv.Error:
        return [original]
