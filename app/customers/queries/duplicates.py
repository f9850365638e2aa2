"""Customers who may be the same person as another: the same address, or the same name and nearly the same number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from app.customers.models import Customer
from app.extensions import db

END = 6  # digits at a number's end by which it is known again, whatever stands before them
MOST = 5


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody who may be the same person, and why we think so."""

    customer: Customer
    reason: str


def suggestions(customer: Customer) -> list[Suggestion]:
    """Who may be the same person as `customer`; few, the first known first."""
    tests = list(_tests(customer))
    if not tests:
        return []
    found = select(Customer).where(or_(*tests), Customer.id != customer.id).order_by(Customer.id).limit(MOST)
    return [Suggestion(other, _why(customer, other)) for other in db.session.scalars(found)]


def _tests(customer: Customer) -> Iterator[ColumnElement[bool]]:
    if customer.email:
        yield func.lower(Customer.email) == customer.email.lower()
    if customer.phone and customer.name:
        alike = func.reverse(Customer.phone).startswith(customer.phone[-END:][::-1])
        yield alike & (func.lower(Customer.name) == customer.name.lower())


def _why(customer: Customer, other: Customer) -> str:
    same: Sequence[str] = [
        "the same e-mail address" * bool(customer.email and (other.email or "").lower() == customer.email.lower()),
        f"the same name, and a number that ends with {(customer.phone or '')[-END:]}"
        * bool(customer.phone and (other.phone or "").endswith(customer.phone[-END:])),
    ]
    return " and ".join(filter(None, same))
