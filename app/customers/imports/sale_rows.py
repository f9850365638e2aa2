"""A row of a file as a sale: whose, how much, when, of what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from app.auth import workspace
from app.customers.imports import amounts, cells, dates, rules, whom
from app.customers.imports.cells import Unusable, UnusableRow
from app.customers.imports.kinds import Reader
from app.customers.imports.models import Import
from app.customers.service import sales
from app.shared.csv_reasons import quoted
from app.shared.csv_table import BadRow, Row
from app.shared.ids import uuid7

LONGEST_ID = 200


class StagedSale(NamedTuple):
    """A sale as it is staged; its names are the columns'."""

    row_number: int
    public_id: UUID
    phone: str | None
    twin: str | None
    user_id: str | None
    email: str | None
    amount: Decimal
    currency: str
    category: str | None
    product: str | None
    sold_at: datetime
    starts_on: date | None
    external_id: str | None


def reader(import_: Import) -> Reader:
    """What reads a row as the import's mapping and rules say, days and amounts as they are written here."""
    here, region = workspace.current(), rules.region_of(import_.rules)
    at = {field: int(index) for index, field in import_.mapping.items()}
    habits = Habits(
        here.currency,
        ZoneInfo(here.zone),
        import_.rules.get("dates") or dates.usual_order(region),
        import_.rules.get("decimals") or ".",
    )
    columns = import_.reading["columns"]
    whose = whom.reads_addresses(at, columns, region)

    def read(row: Row) -> tuple[Any, ...] | BadRow:
        try:
            return _staged(row.number, _Said(row.cells, at, columns), whose, habits)
        except UnusableRow as reason:
            return BadRow(row.number, row.raw, str(reason), row.end_byte)

    return read


@dataclass(frozen=True, slots=True)
class Habits:
    """How a file writes what can be read in two ways, and what it leaves out."""

    currency: str
    zone: ZoneInfo
    order: dates.Order
    decimals: amounts.DecimalMark


@dataclass(frozen=True, slots=True)
class _Said:
    """A row's cells by the field their column became."""

    cells: list[str]
    places: Mapping[str, int]
    columns: list[str]

    def read(self, field: str, how: Callable[[str], Any]) -> Any:
        """What that cell says, None where there is none. Raises `UnusableRow`."""
        place = self.places.get(field)
        return None if place is None else cells.read(self.columns[place], self.cells[place], how)


def _staged(number: int, said: _Said, whose: Callable[[list[str]], whom.Addresses], habits: Habits) -> StagedSale:
    addresses, email = whose(said.cells), said.read("email", cells.email)
    if not (addresses.phone or addresses.user_id or email):
        raise UnusableRow("does not say whose sale it is")
    paid = _paid(said, habits)
    sold_at = said.read("sold_at", lambda cell: _sold_at(cell, habits))
    return StagedSale(
        number,
        uuid7(),
        *addresses,
        email,
        *paid,
        said.read("category", cells.text),
        said.read("product", cells.text),
        sold_at,
        said.read("starts_on", lambda cell: dates.day(cell, habits.order)),
        said.read("external_id", lambda cell: cells.text(cell, LONGEST_ID)),
    )


def _paid(said: _Said, habits: Habits) -> tuple[Decimal, str]:
    """The amount with its currency: that of the currency's column, else the amount's own, else the workspace's."""
    named = said.read("currency", lambda cell: amounts.currency(cell, habits.currency))

    def settled(cell: str) -> tuple[Decimal, str]:
        found = amounts.amount(cell, habits.decimals, named or habits.currency)
        if found is None:
            raise Unusable("no amount")
        if named and found.currency and named != found.currency:
            raise Unusable(f"{quoted(cell)} is no amount in {named}")
        currency = named or found.currency or habits.currency
        return sales.settled(found.value, currency), currency

    paid: tuple[Decimal, str] = said.read("amount", settled)
    return paid


def _sold_at(cell: str, habits: Habits) -> datetime:
    found = dates.moment(cell, habits.order, habits.zone)
    if found is None:
        raise Unusable("no date")
    return sales.passed(found)
