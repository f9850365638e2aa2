"""What each column of a file seems to be, from its name and from what stands in it; a person may say otherwise."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from app.auth import workspace
from app.customers.imports import amounts, cells, dates
from app.customers.imports.amounts import DecimalMark
from app.customers.imports.dates import Guess, guess_order
from app.customers.imports.headers import HEADERS, JOINED_HEADERS, joined, plain_name
from app.customers.imports.models import ImportKind
from app.shared import phone

# The surer first, where two want one column.
FIELDS: dict[ImportKind, tuple[str, ...]] = {
    ImportKind.CUSTOMERS: ("phone", "user_id", "name", "email", "city", "zone", "locale", "tags", "consent"),
    ImportKind.RECIPIENTS: ("phone", "name"),
    ImportKind.SALES: (
        "phone", "user_id", "email", "amount", "currency", "starts_on", "sold_at", "external_id", "category", "product",
    ),
    ImportKind.OPT_OUTS: ("phone", "user_id", "reason"),
}  # fmt: skip
KEEPS_OTHERS = frozenset((ImportKind.CUSTOMERS, ImportKind.RECIPIENTS))
"""Kinds whose other columns are kept, as attributes under their own name."""
LOOKED_AT = 50
"""Cells of a column that are looked at: two hundred columns must not keep a person waiting."""
ENOUGH = 0.8
"""The share of a column's cells that must read as a field, for the column to be it whatever it is called."""
TOO_FEW = 0.2
"""With less of it, a column is not that field though it be called so."""
_USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{6,128}")

Reader = Callable[[str, str], bool]
"""Whether a cell reads as a field, in a region."""


class _Column(NamedTuple):
    place: int
    name: str
    cells: list[str]
    """Those of the rows looked at that are not empty."""


def guess(
    kind: ImportKind, names: Sequence[str], rows: Iterable[Sequence[str]], region: str | None = None
) -> dict[str, str]:
    """The mapping that a file of this kind seems to have, from column indexes (as text) to fields.

    Names are believed first, unless what they name stands in another column, then contents of `rows` (a hundred are
    plenty). What nobody knows is skipped; of customers and recipients it is kept as an attribute. `region` is where
    numbers without a country are from, the workspace's when nobody says.
    """
    sample, home = list(rows), region or workspace.current().default_region
    columns = [_Column(index, name, _filled(sample, index)[:LOOKED_AT]) for index, name in enumerate(names)]
    mapping = _by_names(kind, columns, home)
    mapping |= _by_contents(kind, columns, mapping, home)
    if kind in KEEPS_OTHERS:
        named = (column for column in columns if column.name != f"Column {column.place + 1}")
        mapping = {column.place: f"attribute:{column.name}" for column in named} | mapping
    return {str(index): mapping[index] for index in sorted(mapping)}


def guess_dates(mapping: Mapping[str, str], rows: Iterable[Sequence[str]], region: str | None = None) -> Guess | None:
    """The order of the days in a file's mapped columns, and whether they leave no other; None without such columns."""
    written = _mapped(mapping, rows, ("sold_at", "starts_on"))
    return guess_order(written, region or workspace.current().default_region) if written else None


def guess_decimals(mapping: Mapping[str, str], rows: Iterable[Sequence[str]]) -> DecimalMark:
    """The decimal mark that most of a file's amounts certainly use; a point where none shows it."""
    seen = Counter(amounts.decimal_mark(one) for one in _mapped(mapping, rows, ("amount",)))
    return "," if seen[","] > seen["."] else "."


def _mapped(mapping: Mapping[str, str], rows: Iterable[Sequence[str]], fields: Sequence[str]) -> list[str]:
    sample = list(rows)
    return [cell for index, field in mapping.items() if field in fields for cell in _filled(sample, int(index))]


def _filled(rows: Iterable[Sequence[str]], index: int) -> list[str]:
    return [row[index] for row in rows if index < len(row) and row[index].strip()]


def _by_names(kind: ImportKind, columns: list[_Column], region: str) -> dict[int, str]:
    """Columns called exactly so first, then those with the word among others."""
    found: dict[int, str] = {}
    for is_called in (_is_named, _is_named_among_others):
        for field in FIELDS[kind]:
            free = [] if field in found.values() else [column for column in columns if column.place not in found]
            called = [column for column in free if is_called(column, field)]
            if called and not _stands_elsewhere(best := _best(called, field, region), free, field, region):
                found[best.place] = field
    return found


def _by_contents(kind: ImportKind, columns: list[_Column], known: dict[int, str], region: str) -> dict[int, str]:
    found: dict[int, str] = {}
    for field, reads in _TELLING.items():
        if field not in FIELDS[kind] or field in known.values():
            continue
        free = [column for column in columns if column.place not in known and column.place not in found]
        shares = [_share(column, reads, region) for column in free]
        if shares and max(shares) >= ENOUGH:
            found[free[shares.index(max(shares))].place] = field
    return found


def _is_named(column: _Column, field: str) -> bool:
    return joined(column.name) in JOINED_HEADERS[field]


def _is_named_among_others(column: _Column, field: str) -> bool:
    called = f" {plain_name(column.name)} "
    return any(f" {word} " in called for word in HEADERS[field] if len(word) > 3)


def _best(columns: list[_Column], field: str, region: str) -> _Column:
    reads = _READERS.get(field)
    return max(columns, key=lambda column: _share(column, reads, region) if reads else 0)


def _stands_elsewhere(column: _Column, free: list[_Column], field: str, region: str) -> bool:
    """A column "Contact" that holds names is not the phone's where another one holds numbers."""
    reads = _READERS.get(field)
    if reads is None or not column.cells or _share(column, reads, region) >= TOO_FEW:
        return False
    return any(_share(other, reads, region) >= ENOUGH for other in free)


def _share(column: _Column, reads: Reader, region: str) -> float:
    return sum(reads(cell, region) for cell in column.cells) / max(len(column.cells), 1)


def _is_phone(cell: str, region: str) -> bool:
    with suppress(phone.Unusable):
        return bool(phone.parse(cell, region))
    return False


def _is(read: Callable[[str], object]) -> Reader:
    def reads(cell: str, region: str) -> bool:
        with suppress(cells.Unusable):
            return read(cell) is not None
        return False

    return reads


def _money(cell: str) -> object:
    """An amount that is more than a number: numbers alone may count anything."""
    found = amounts.amount(cell)
    return found if found and (found.currency or amounts.decimal_mark(cell)) else None


_READERS: dict[str, Reader] = {
    "phone": _is_phone,
    "user_id": lambda cell, region: bool(_USER_ID.fullmatch(cell.strip())),
    "email": _is(cells.email),
    "zone": _is(cells.zone),
    "currency": _is(amounts.currency),
    "sold_at": lambda cell, region: dates.is_day(cell),
    "starts_on": lambda cell, region: dates.is_day(cell),
    "amount": _is(amounts.amount),
}
_TELLING = _READERS | {"amount": _is(_money)}
"""What shows in a column whatever it is called, the surest first."""
