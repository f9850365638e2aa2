"""What a third of the demo customers booked: one to three journeys, some behind them, some ahead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.customers.models import Customer, Sale
from app.extensions import db
from app.operations.seed import names

BUYERS = 1 / 3


def settle(random: Random, phones: Sequence[str], now: datetime) -> int:
    """Store those journeys of the customers with these numbers that are missing; returns how many."""
    query = select(Customer.phone, Customer.id).where(Customer.phone.in_(phones))
    customers = {row.phone: row.id for row in db.session.execute(query)}
    rows = [
        journey | {"customer_id": customers[phone]}
        for place, phone in enumerate(phones)
        for journey in _journeys(random, place, now)
        if phone in customers
    ]
    statement = insert(Sale).on_conflict_do_nothing(index_elements=["source", "external_id"])
    return len(db.session.scalars(statement.returning(Sale.id), rows).all())


def _journeys(random: Random, place: int, now: datetime) -> Iterator[dict[str, object]]:
    """Of whoever stands at that place; known again by it and not by a number, which may be erased."""
    bookings = random.choice((1, 1, 2, 3)) if random.random() < BUYERS else 0
    for nth in range(bookings):
        destination, product, price = random.choice(names.JOURNEYS)
        sold_at = now - timedelta(days=random.randint(1, 300), minutes=random.randrange(1440))
        yield {
            "amount": Decimal(price * random.choice((1, 2, 2, 2, 4))),
            "currency": "INR",
            "category": destination,
            "product": product,
            "sold_at": sold_at,
            "starts_on": _start(random, sold_at),
            "source": "seed",
            "external_id": f"demo-{place + 1}-{nth + 1}",
        }


def _start(random: Random, sold_at: datetime) -> date:
    return (sold_at + timedelta(days=random.randint(10, 150))).date()
