"""How many customers a choice of recipients would reach, and who they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from app.customers.models import Customer
from app.customers.queries import answers
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
    suppressed: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.agreed + self.said_no + self.unasked + self.suppressed


def of(who: ColumnElement[bool]) -> Reach:
    """How many that is now. Raises `Refused` when it takes too long to count."""
    answer = answers.answer().label("answer")
    with people.bounds():
        rows = db.session.execute(select(answer, func.count()).select_from(Customer).where(who).group_by("answer"))
        counts = dict(rows.all())
    return Reach(*(counts.get(it, 0) for it in answers.ANSWERS))


def everybody() -> int:
    """Customers who opted in."""
    return db.session.scalar(select(func.count()).select_from(Customer).where(answers.answered("in"))) or 0


def by_tag() -> list[tuple[str, int]]:
    """Each tag with its number of customers who opted in, the most first."""
    tag = func.unnest(Customer.tags).label("tag")
    tagged = select(tag).where(answers.answered("in")).subquery()
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
