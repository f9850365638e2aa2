"""Everything that is known of a person, for them to read: as JSON, or as CSV files in one archive."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any
from uuid import UUID

from app.customers.models import Customer
from app.customers.privacy import register
from app.customers.privacy.person import Person, person_of
from app.shared import clock, csv_table

Export = dict[str, Any]


def export(customer: Customer) -> Export:
    """All rows of all rooms that know this customer, by table, as JSON holds them."""
    return export_person(person_of(customer))


def export_person(person: Person) -> Export:
    """The same for a person who may be no customer. `tables` holds a list of rows for each table."""
    tables = {
        name: [_plain(row) for row in rows] for room in register.rooms() for name, rows in room.export(person).items()
    }
    return {"addresses": list(person.addresses), "exported_at": clock.now().isoformat(), "tables": tables}


def as_json(exported: Export) -> str:
    """The export as a text for people and programs."""
    return json.dumps(exported, indent=2, ensure_ascii=False)


def write_archive(exported: Export, target: IO[bytes]) -> None:
    """A zip with one CSV file for each table that has rows; cells that would run as formulas are made harmless."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in exported["tables"].items():
            if rows:
                archive.writestr(f"{name}.csv", "\ufeff" + "".join(_csv(rows)))


def _csv(rows: Sequence[Mapping[str, Any]]) -> Any:
    header = list(dict.fromkeys(name for row in rows for name in row))
    return csv_table.export(([_cell(row.get(name)) for name in header] for row in rows), header)


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _plain(value: Any) -> Any:
    """As JSON: times in ISO 8601, amounts and ids as texts, bytes in hexadecimal."""
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, Decimal | UUID) else value
