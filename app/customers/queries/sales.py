"""Reads of sales: lists, one of them, and what a customer's come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, func, select

from app.auth import workspace
from app.customers.models import Customer, Sale
from app.extensions import db
from app.shared import clock, money
from app.shared.errors import Missing


@dataclass(frozen=True, slots=True)
class Total:
    """A customer's sales in one currency."""

    currency: str
    count: int
    amount: Decimal
    last_at: datetime
    next_starts_on: date | None  # the next booking to begin, today's included


def sale_by_public_id(public_id: UUID) -> Sale:
    """That sale. Raises `Missing`."""
    sale = db.session.scalar(select(Sale).where(Sale.public_id == public_id))
    if sale is None:
        raise Missing("There is no such sale.")
    return sale


def with_customers() -> Select[Sale, Customer | None]:
    """Every sale and whose it is (None: the person was erased), the last sold first."""
    query = select(Sale, Customer).outerjoin(Customer, Customer.id == Sale.customer_id)
    return query.order_by(Sale.sold_at.desc(), Sale.id.desc())


def sales_of(customer: Customer) -> Select[Sale]:
    """The customer's sales, the last sold first."""
    return select(Sale).where(Sale.customer_id == customer.id).order_by(Sale.sold_at.desc(), Sale.id.desc())


def totals_of(customer: Customer) -> list[Total]:
    """What the customer's sales come to, by currency: sums of different money mean nothing."""
    today = clock.now().astimezone(workspace.zone()).date()
    ahead = func.min(Sale.starts_on).filter(Sale.starts_on >= today)
    rows = db.session.execute(
        select(Sale.currency, func.count(), func.sum(Sale.amount), func.max(Sale.sold_at), ahead)
        .where(Sale.customer_id == customer.id)
        .group_by(Sale.currency)
        .order_by(Sale.currency)
    )
    return [Total(row[0], row[1], exact(row[2], row[0]), row[3], row[4]) for row in rows]


def exact(amount: Decimal, currency: str) -> Decimal:
    """The amount with the currency's own number of decimals."""
    return money.from_minor(money.to_minor(amount, currency), currency)
