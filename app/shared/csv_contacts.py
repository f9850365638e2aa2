"""Customers to write to, out of the rows of a table."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from app.shared import phone
from app.shared.csv_reasons import of_cell
from app.shared.csv_records import Dialect, Row

MAX_VALUE = 1000
"""Characters of one value; Meta takes no longer message than 1,024 anyway."""


class Contact(NamedTuple):
    """A row with a usable phone number."""

    row: int
    phone: str
    """E.164, with "+"."""
    name: str | None
    variables: dict[str, str]
    """Column name to trimmed value, of every column but the phone's."""
    end_byte: int


class BadRow(NamedTuple):
    """A row nobody can be written to from, with its original text."""

    row: int
    raw: str
    reason: str
    """For people, without a full stop."""
    end_byte: int


def read_contacts(
    rows: Iterable[Row],
    dialect: Dialect,
    default_region: str,
    *,
    phone_column: int,
    name_column: int | None = None,
) -> Iterator[Contact | BadRow]:
    """Each row as a contact, or as a bad row with the reason. Columns are indexes into `dialect.columns`."""
    return map(contact_reader(dialect, default_region, phone_column=phone_column, name_column=name_column), rows)


def contact_reader(
    dialect: Dialect, default_region: str, *, phone_column: int, name_column: int | None = None
) -> Callable[[Row], Contact | BadRow]:
    """What makes one row a contact, or a bad row with the reason."""
    named = [(index, name) for index, name in enumerate(dialect.columns) if index != phone_column]

    def read(row: Row) -> Contact | BadRow:
        reason = row.problem or _too_long(row, dialect)
        if reason is None:
            try:
                number = phone.parse(row.cells[phone_column], default_region)
            except phone.Unusable as error:
                reason = of_cell(dialect.columns[phone_column], row.cells[phone_column], error)
        if reason is not None:
            return BadRow(row.number, row.raw, reason, row.end_byte)
        variables = {name: row.cells[index].strip() for index, name in named}
        name = row.cells[name_column].strip() or None if name_column is not None else None
        return Contact(row.number, number, name, variables, row.end_byte)

    return read


def _too_long(row: Row, dialect: Dialect) -> str | None:
    if len(row.raw) <= MAX_VALUE:
        return None
    for name, cell in zip(dialect.columns, row.cells, strict=False):
        if len(cell.strip()) > MAX_VALUE:
            return of_cell(name, cell, f"longer than {MAX_VALUE:,} characters")
    return None
