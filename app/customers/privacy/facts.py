"""What this room and those below know of a person: the customer, their consent, notes, sales, and rows of imports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import InstrumentedAttribute

from app.auth.models import AuditEntry
from app.customers.imports.models import ImportChange, ImportFault
from app.customers.models import ConsentEntry, Customer, CustomerNote, Sale
from app.customers.privacy.kinds import KINDS
from app.customers.privacy.person import Person
from app.customers.privacy.register import Room, Rows
from app.customers.privacy.traces import Traces
from app.customers.service import suppression
from app.extensions import Base, db


def rows_of(model: type[Base], *conditions: ColumnElement[bool]) -> list[dict[str, Any]]:
    """The rows that fulfil the conditions, oldest first, each as its columns."""
    columns = model.__table__.columns
    query = select(*columns).where(*conditions).order_by(*model.__table__.primary_key)
    return [dict(row) for row in db.session.execute(query).mappings()]


def _export(person: Person) -> Mapping[str, Rows]:
    ids = person.customer_ids
    return {
        "customers": rows_of(Customer, Customer.id.in_(ids)),
        "consent_entries": rows_of(ConsentEntry, ConsentEntry.customer_id.in_(ids)),
        "notes": rows_of(CustomerNote, CustomerNote.customer_id.in_(ids)),
        "sales": rows_of(Sale, Sale.customer_id.in_(ids)),
        "import_changes": rows_of(ImportChange, *_changed(ids)),
        "import_errors": _faults(Traces(person)),
        "audit_entries": rows_of(
            AuditEntry, AuditEntry.subject_kind == Customer.__name__, AuditEntry.subject_id.in_(ids)
        ),
        "suppressions": [{"is_suppressed": suppression.is_suppressed(*person.addresses)}],
    }


def _faults(traces: Traces) -> Iterable[dict[str, Any]]:
    found = rows_of(ImportFault, traces.may_be_in(ImportFault.original))
    return [row for row in found if traces.is_in(row["original"])]


def _erase(person: Person, traces: Traces) -> None:
    """Sales stay, without the person; what else hangs on the customer goes with them."""
    # In the order of ids, as whoever else locks several customers.
    theirs = select(Customer.id).where(Customer.id.in_(person.customer_ids)).order_by(Customer.id)
    db.session.execute(theirs.with_for_update())
    db.session.execute(delete(ImportChange).where(*_changed(person.customer_ids)))
    gone = delete(Customer).where(Customer.id.in_(person.customer_ids))
    db.session.execute(gone, execution_options={"synchronize_session": "fetch"})


def _changed(ids: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
    return ImportChange.subject == "customer", ImportChange.subject_id.in_(ids)


def _row_of_a_file(traces: Traces, original: str) -> str:
    """A row that names them is about them."""
    return "" if traces.is_in(original) else original


COLUMNS: dict[InstrumentedAttribute[Any], Any] = {ImportFault.original: _row_of_a_file}
ROOM = Room("customers", _export, _erase, columns=COLUMNS, kinds=KINDS)
