"""How many customers a choice of recipients would reach, and who they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from app.customers.models import Customer
from app.customers.queries import people as customer_queries
from app.customers.segments import people
from app.extensions import db

FOUND_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Reach:
    """Customers by their answer to marketing."""

    agreed: int
    said_no: int
    unasked: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.agreed + self.said_no + self.unasked


def of(who: ColumnElement[bool]) -> Reach:
    """How many that is now. Raises `Refused` when it takes too long to count."""
    agreed, said_no, unasked = (
        func.count().filter(customer_queries.CONSENT[answer]) for answer in ("in", "out", "unknown")
    )
    with people.bounds():
        row = db.session.execute(select(agreed, said_no, unasked).select_from(Customer).where(who)).one()
    return Reach(*row)


def everybody() -> int:
    """Customers who opted in."""
    return db.session.scalar(select(func.count()).where(Customer.marketing_opt_in.is_(True))) or 0


def by_tag() -> list[tuple[str, int]]:
    """Each tag with its number of customers who opted in, the most first."""
    tag = func.unnest(Customer.tags).label("tag")
    tagged = select(tag).where(Customer.marketing_opt_in.is_(True)).subquery()
    query = select(tagged.c.tag, func.count()).group_by(tagged.c.tag).order_by(func.count().desc(), tagged.c.tag)
    return [(name, count) for name, count in db.session.execute(query.limit(customer_queries.MOST_TAGS))]


def named(customer_ids: Sequence[int]) -> list[Customer]:
    """These customers, in the order they were picked."""
    found = db.session.scalars(select(Customer).where(Customer.id.in_(customer_ids)))
    by_id = {customer.id: customer for customer in found}
    return [by_id[customer_id] for customer_id in customer_ids if customer_id in by_id]


def search(words: str, without: Sequence[int]) -> list[Customer]:
    """The first customers with these words in their name or number who are not picked yet."""
    query = customer_queries.matching(words.replace("\x00", "")).where(Customer.id.not_in(without))
    return list(db.session.scalars(query.limit(FOUND_AT_ONCE)))
