"""What this room tells timelines of: answers to marketing, sales, notes, and where a customer's data came from."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, SQLColumnExpression, literal, select, true

from app.auth.access import can
from app.auth.models import User
from app.customers import words
from app.customers.imports.models import Import, ImportChange
from app.customers.models import ConsentEntry, Customer, CustomerNote, Sale
from app.customers.queries import sales
from app.customers.timeline import Link, Moment, Place, Source, register
from app.extensions import db
from app.shared.money import format_money


def tell() -> None:
    """Let timelines tell of all this."""
    register(
        Source("consent", "Consent", _consent),
        Source("sales", "Sales", _sales),
        Source("notes", "Notes", _notes),
        Source("origin", "Imports", _origin),
    )


def after(
    place: Place | None, source: str, at: SQLColumnExpression[object], key: SQLColumnExpression[int]
) -> ColumnElement[bool]:
    """The SQL that a moment comes after that place, if there is one."""
    return true() if place is None else place.is_after(source, at, key)


def _consent(customer: Customer, place: Place | None, number: int) -> Sequence[Moment]:
    query = (
        select(ConsentEntry, User.name)
        .outerjoin(User, User.id == ConsentEntry.actor_id)
        .where(ConsentEntry.customer_id == customer.id, after(place, "consent", ConsentEntry.at, ConsentEntry.id))
    )
    rows = db.session.execute(query.order_by(ConsentEntry.at.desc(), ConsentEntry.id.desc()).limit(number))
    return [_answer(entry, actor) for entry, actor in rows]


def _answer(entry: ConsentEntry, actor: str | None) -> Moment:
    how = words.CONSENT_SOURCES.get(entry.source, entry.source)
    return Moment(
        entry.at,
        entry.id,
        "circle-check" if entry.granted else "ban",
        "Agreed to marketing" if entry.granted else "Said no to marketing",
        f"{how}: “{entry.wording}”" if entry.wording else how,
        actor or "",
    )


def _sales(customer: Customer, place: Place | None, number: int) -> Sequence[Moment]:
    query = select(Sale).where(Sale.customer_id == customer.id, after(place, "sales", Sale.sold_at, Sale.id))
    sales = db.session.scalars(query.order_by(Sale.sold_at.desc(), Sale.id.desc()).limit(number))
    return [_sale(customer, sale) for sale in sales]


def _sale(customer: Customer, sale: Sale) -> Moment:
    amount = format_money(sales.exact(sale.amount, sale.currency), sale.currency)
    starts = f"starts {sale.starts_on.day} {sale.starts_on:%b %Y}" if sale.starts_on else ""
    number = f"no. {sale.external_id}" if sale.external_id else ""
    told = (sale.category, sale.product, starts, number, words.SALE_SOURCES.get(sale.source, sale.source))
    url = url_for("customers.edit_sale", public_id=customer.public_id, sale_id=sale.public_id)
    links = (Link("Edit this sale", url),) if can("customers.write") else ()
    return Moment(sale.sold_at, sale.id, "shopping-cart", f"Bought for {amount}", _joined(told), links=links)


def _notes(customer: Customer, place: Place | None, number: int) -> Sequence[Moment]:
    query = (
        select(CustomerNote, User.name)
        .outerjoin(User, User.id == CustomerNote.author_id)
        .where(CustomerNote.customer_id == customer.id, after(place, "notes", CustomerNote.created_at, CustomerNote.id))
    )
    rows = db.session.execute(query.order_by(CustomerNote.created_at.desc(), CustomerNote.id.desc()).limit(number))
    return [_note(customer, note, author) for note, author in rows]


def _note(customer: Customer, note: CustomerNote, author: str | None) -> Moment:
    url = url_for("customers.edit_note", public_id=customer.public_id, note_id=note.id)
    links = (Link("Edit this note", url),) if can("customers.write") and note.author_id == current_user.id else ()
    return Moment(note.created_at, note.id, "pencil", "Note", note.body, author or "", links=links)


def _origin(customer: Customer, place: Place | None, number: int) -> Sequence[Moment]:
    """That they were added, which every customer was once; and what imports changed since."""
    changes = (
        select(ImportChange.changed_at, Import.id, Import.file_name)
        .join(Import, Import.id == ImportChange.import_id)
        .where(ImportChange.subject_id == customer.id, ImportChange.subject == "customer")
        .where(after(place, "origin", ImportChange.changed_at, Import.id))
        .order_by(ImportChange.changed_at.desc(), Import.id.desc())
        .limit(number)
    )
    told = [
        Moment(at, key, "file-import", f"Changed by the import “{name}”")
        for at, key, name in db.session.execute(changes)
    ]
    added = (
        select(Customer.created_at, Import.file_name)
        .outerjoin(Import, Import.id == Customer.import_id)
        .where(Customer.id == customer.id, after(place, "origin", Customer.created_at, literal(0)))
    )
    for at, name in db.session.execute(added):
        told.append(Moment(at, 0, "user-plus", f"Added by the import “{name}”" if name else "Added"))
    return sorted(told, key=lambda moment: (moment.at, moment.key), reverse=True)


def _joined(parts: Sequence[str | None]) -> str:
    return " · ".join(filter(None, parts))
