"""Reads of the import pages: the history, a column's first values, what came of the rows, how fast it goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, select

from app.auth.models import User
from app.customers.imports.models import Import, ImportChange, ImportFault, ImportKind, ImportStatus
from app.customers.models import Customer, Sale
from app.extensions import db
from app.shared import clock
from app.shared.csv_table import Row
from app.shared.errors import Missing
from app.shared.pagination import Page, page_of

VALUES_SHOWN = 3  # of a column, beside its choice
SETTLED = timedelta(seconds=2)  # before that a rate says nothing


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast an import goes: rows a second, and how long it still takes (None while nobody can know)."""

    rows_a_second: float
    left: timedelta | None


def by_public_id(public_id: UUID) -> Import:
    """That import. Raises `Missing`."""
    import_ = db.session.scalar(select(Import).where(Import.public_id == public_id))
    if import_ is None:
        raise Missing("There is no such import.")
    return import_


def history(kind: str = "", status: str = "") -> Select[Import, str]:
    """Imports and who began them, newest first, by kind and by status; a word that is neither finds nothing."""
    query = select(Import, User.name).outerjoin(User, User.id == Import.created_by).order_by(Import.id.desc())
    if kind:
        query = query.where(Import.kind == ImportKind(kind) if kind in set(ImportKind) else false())
    if status:
        query = query.where(Import.status == ImportStatus(status) if status in set(ImportStatus) else false())
    return query


def by_whom(import_: Import) -> str | None:
    """The name of who brought the file."""
    return db.session.scalar(select(User.name).where(User.id == import_.created_by))


def values_of(rows: list[Row], width: int) -> list[list[str]]:
    """For each column its first different values in `rows`."""
    return [list(islice(_different(rows, index), VALUES_SHOWN)) for index in range(width)]


def _different(rows: list[Row], index: int) -> Iterator[str]:
    seen = {""}
    for row in rows:
        cell = row.cells[index].strip() if not row.problem and index < len(row.cells) else ""
        if cell not in seen:
            seen.add(cell)
            yield cell


def pace(import_: Import) -> Pace | None:
    """How fast an import that runs goes; None while it has only begun."""
    if import_.started_at is None or not import_.total:
        return None
    spent = clock.now() - import_.started_at
    if spent < SETTLED:
        return None
    left = spent * (import_.bytes_total - import_.bytes_done) / import_.bytes_done if import_.bytes_done else None
    return Pace(import_.total / spent.total_seconds(), left)


def faults(import_: Import, *, is_duplicate: bool | None = None) -> Select[ImportFault]:
    """The rows that were not used, in the file's order."""
    query = select(ImportFault).where(ImportFault.import_id == import_.id)
    if is_duplicate is not None:
        query = query.where(ImportFault.is_duplicate == is_duplicate)
    return query.order_by(ImportFault.row_number, ImportFault.id)


def brought(import_: Import, what: str, page: int) -> Page:
    """The customers, or the sales each with its customer, that this import made ("new") or changed ("updated")."""
    if import_.kind is ImportKind.SALES:
        sales = select(Sale, Customer).outerjoin(Customer, Customer.id == Sale.customer_id).order_by(Sale.id)
        return page_of(sales.where(_is_brought(import_, what, Sale, "sale")), page, scalars=False)
    people = select(Customer).order_by(Customer.id)
    return page_of(people.where(_is_brought(import_, what, Customer, "customer")), page)


def _is_brought(import_: Import, what: str, table: type[Customer] | type[Sale], subject: str) -> ColumnElement[bool]:
    if what == "new":
        return table.import_id == import_.id
    changes = select(ImportChange.subject_id)
    mine = ImportChange.import_id == import_.id, ImportChange.subject == subject
    return table.id.in_(changes.where(*mine, ImportChange.before != {}))


def counts_by_kind() -> dict[str, int]:
    """How many imports there are of each kind."""
    rows = db.session.execute(select(Import.kind, func.count()).group_by(Import.kind))
    return {kind.value: count for kind, count in rows}
