"""Reads of customers, what they agreed to, what was noted of them, and deeds for many of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select, text

from app.auth.models import User
from app.customers.models import BulkChange, ConsentEntry, Customer, CustomerNote
from app.customers.queries.answers import ANSWERS, answered
from app.customers.queries.search import found_by
from app.extensions import db
from app.shared.errors import Missing

MOST_TAGS = 200  # in a list to choose from
LOOKED_AT = 5_000  # customers with tags: to read everybody's would take seconds


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


def note_of(customer: Customer, note_id: int) -> CustomerNote:
    """That note on `customer`. Raises `Missing`."""
    note = db.session.scalar(
        select(CustomerNote).where(CustomerNote.id == note_id, CustomerNote.customer_id == customer.id)
    )
    if note is None:
        raise Missing("There is no such note.")
    return note


def bulk_change(public_id: UUID) -> BulkChange:
    """That deed for many. Raises `Missing`."""
    change = db.session.scalar(select(BulkChange).where(BulkChange.public_id == public_id))
    if change is None:
        raise Missing("There is nothing under this address.")
    return change


def matching(search: str = "", tag: str = "", consent: str = "") -> Select[Customer]:
    """Customers by part of their number or name, by tag, and by consent (one of the `ANSWERS`); newest first."""
    query = select(Customer).order_by(Customer.id.desc())
    if search := search.strip():
        query = query.where(found_by(search))
    if tag:
        query = query.where(Customer.tags.contains([tag]))
    if consent in ANSWERS:
        query = query.where(answered(consent))
    return query


def tags_in_use() -> list[str]:
    """The tags customers have, by name: those of the newest, and among many customers the frequent ones."""
    newest = select(Customer.tags).where(Customer.tags != []).order_by(Customer.id.desc()).limit(LOOKED_AT).subquery()
    tag = func.unnest(newest.c.tags).label("tag")
    return sorted({*db.session.scalars(select(tag).distinct().limit(MOST_TAGS)), *_frequent_tags()})[:MOST_TAGS]


def _frequent_tags() -> Sequence[str]:
    """As PostgreSQL found when it last looked at the whole table; somebody must have them still."""
    return db.session.scalars(_FREQUENT_TAGS).all()


_FREQUENT_TAGS = text(
    """
    SELECT tag FROM pg_stats, unnest(CAST(CAST(most_common_elems AS text) AS text[])) tag
    WHERE schemaname = current_schema() AND tablename = 'customers' AND attname = 'tags'
      AND EXISTS (SELECT FROM customers WHERE tags @> ARRAY[tag])
    """
)


def consent_ledger(customer: Customer) -> list[LedgerLine]:
    """Every yes and no of `customer`, newest first."""
    rows = db.session.execute(
        select(ConsentEntry, User.name)
        .outerjoin(User, User.id == ConsentEntry.actor_id)
        .where(ConsentEntry.customer_id == customer.id)
        .order_by(ConsentEntry.id.desc())
    )
    return [LedgerLine(entry, actor) for entry, actor in rows]
