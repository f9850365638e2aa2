"""Reads of customers, their consent and their imports."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select

from app.auth.models import User
from app.customers.models import ConsentEntry, Customer, Import, ImportFault
from app.extensions import db
from app.shared import csv_table
from app.shared.errors import Missing

MOST_TAGS = 200  # in a list to choose from
FAULTS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """An entry of the consent ledger and who wrote it down (None: nobody of the team)."""

    entry: ConsentEntry
    actor: str | None


def by_public_id(public_id: UUID) -> Customer:
    """That customer. Raises `Missing`."""
    customer = db.session.scalar(select(Customer).where(Customer.public_id == public_id))
    if customer is None:
        raise Missing("There is no such customer.")
    return customer


def import_by_public_id(public_id: UUID) -> Import:
    """That import. Raises `Missing`."""
    import_ = db.session.scalar(select(Import).where(Import.public_id == public_id))
    if import_ is None:
        raise Missing("There is no such import.")
    return import_


def matching(search: str = "", tag: str = "", consent: str = "") -> Select[Customer]:
    """Customers by part of their number or name, by tag, and by consent ("in", "out", "unknown"); newest first."""
    query = select(Customer).order_by(Customer.id.desc())
    if search := search.strip():
        query = query.where(_found_by(search))
    if tag:
        query = query.where(Customer.tags.contains([tag]))
    if consent in CONSENT:
        query = query.where(CONSENT[consent])
    return query


_SAID_NO = and_(Customer.marketing_opt_out_at.is_not(None), not_(Customer.marketing_opt_in))
CONSENT: dict[str, ColumnElement[bool]] = {
    "in": Customer.marketing_opt_in.is_(True),
    "out": _SAID_NO,
    "unknown": and_(not_(Customer.marketing_opt_in), Customer.marketing_opt_out_at.is_(None)),
}


def _found_by(search: str) -> ColumnElement[bool]:
    named = Customer.name.icontains(search, autoescape=True)
    # As people write it: spaces, a leading + or 0 do not hide a number.
    digits = re.sub(r"\D", "", search).lstrip("0")
    return or_(named, Customer.phone.contains(digits)) if digits else named


def tags_in_use() -> list[str]:
    """The tags customers have, by name."""
    tag = func.unnest(Customer.tags).label("tag")
    return list(db.session.scalars(select(tag).distinct().order_by(tag).limit(MOST_TAGS)))


def consent_ledger(customer: Customer) -> list[LedgerLine]:
    """Every yes and no of `customer`, newest first."""
    rows = db.session.execute(
        select(ConsentEntry, User.name)
        .outerjoin(User, User.id == ConsentEntry.actor_id)
        .where(ConsentEntry.customer_id == customer.id)
        .order_by(ConsentEntry.id.desc())
    )
    return [LedgerLine(entry, actor) for entry, actor in rows]


def faults_csv(import_: Import) -> Iterator[str]:
    """The rows that were not used as CSV, line by line: row number, reason, then the file's own columns."""
    columns, delimiter = import_.reading["columns"], import_.reading["delimiter"]
    return csv_table.export(_fault_rows(import_.id, delimiter), ["Row", "Reason", *columns])


def _fault_rows(import_id: int, delimiter: str) -> Iterator[list[Any]]:
    """Asked for at the first row and not before: a streamed answer has a session of its own."""
    faults: Any = db.session.execute(
        select(ImportFault.row_number, ImportFault.reason, ImportFault.original)
        .where(ImportFault.import_id == import_id)
        .order_by(ImportFault.row_number, ImportFault.id),
        execution_options={"yield_per": FAULTS_AT_ONCE},
    )
    for fault in faults:
        yield [fault.row_number, fault.reason, *_cells(fault.original, delimiter)]


def _cells(original: str, delimiter: str) -> list[str]:
    """The row's cells; its text as one cell where it is too damaged to be taken apart."""
    try:
        return next(csv.reader(original.splitlines(keepends=True), delimiter=delimiter), [])
    except csv.Error:
        return [original]
