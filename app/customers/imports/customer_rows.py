"""A row of a file as a person: each cell read as the field that its column was mapped to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from app.customers.imports import cells, rules, whom
from app.customers.imports.kinds import Reader
from app.customers.imports.models import Import
from app.shared.csv_reasons import of_cell
from app.shared.csv_table import BadRow, Row

ATTRIBUTE = "attribute:"


def _tags(written: str) -> str | None:
    return ",".join(cells.tags(written)) or None


PARSERS: dict[str, Callable[[str], Any]] = {
    "name": cells.text,
    "email": cells.email,
    "city": cells.text,
    "zone": cells.zone,
    "locale": cells.locale,
    "tags": _tags,
    "consent": cells.yes_no,
}
"""How a cell of each field is read, in the order in which they are staged."""


Step = tuple[int | None, Callable[[str], Any]]
"""A column's index, and what reads its cells."""


def reader(import_: Import) -> Reader:
    """What makes of a row: its number, the person's addresses, the fields of PARSERS, the attributes."""
    columns, at = import_.reading["columns"], {field: int(index) for index, field in import_.mapping.items()}
    whose = whom.reads_addresses(at, columns, rules.region_of(import_.rules))
    steps = [(at.get(field), parse) for field, parse in PARSERS.items()]
    steps[-1] = _consent_step(import_)
    blamable = [*steps, *((index, cells.text) for index in at.values())]
    others = [(field.removeprefix(ATTRIBUTE), index) for field, index in at.items() if field.startswith(ATTRIBUTE)]

    def read(row: Row) -> tuple[Any, ...] | BadRow:
        written = row.cells
        try:
            addresses = whose(written)
            values = [None if index is None else parse(written[index]) for index, parse in steps]
            told = {name: value for name, index in others if (value := cells.text(written[index]))}
        except cells.UnusableRow as error:
            return BadRow(row.number, row.raw, str(error), row.end_byte)
        except cells.Unusable:
            return BadRow(row.number, row.raw, _blame(columns, written, blamable), row.end_byte)
        if addresses.phone is None and addresses.user_id is None:
            return BadRow(row.number, row.raw, "no phone number", row.end_byte)
        return row.number, *addresses, *values, json.dumps(told) if told else None

    return read


def tells_consent(import_: Import) -> bool:
    """Whether the file says anything of consent."""
    return _consent_step(import_)[0] is not None


def _consent_step(import_: Import) -> Step:
    if rules.consent_wording(import_.rules):
        return 0, _agreed
    return rules.consent_column(import_.mapping, import_.rules), cells.yes_no


def _agreed(written: str) -> bool:
    """Everybody in the file did, whatever the cell says."""
    return True


def _blame(columns: Sequence[str], written: Sequence[str], steps: Iterable[Step]) -> str:
    """Which column's cell cannot be read, and why."""
    for index, parse in steps:
        if index is not None:
            try:
                parse(written[index])
            except cells.Unusable as why:
                return of_cell(columns[index], written[index], why)
    raise AssertionError("a row that can be read is nobody's fault")
