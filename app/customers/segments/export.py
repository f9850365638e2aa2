"""The people of a segment as CSV."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, select

from app.customers.models import Customer
from app.customers.queries import answers
from app.customers.segments.compiling import where
from app.customers.segments.conditions import Group
from app.extensions import db
from app.shared import csv_table

AT_ONCE = 1000
HEADER = ("Phone", "WhatsApp id", "Name", "Email", "City", "Time zone", "Language", "Tags", "Marketing")
ANSWERS = {"in": "opted in", "out": "opted out", "unknown": "never asked", "suppressed": "suppressed"}


def people(group: Group) -> Iterator[str]:
    """Everybody in it, line by line, in the order they came."""
    return csv_table.export(_lines(where(group)), HEADER)


def _lines(belongs: ColumnElement[bool]) -> Iterator[list[object]]:
    """Asked for at the first line and not before: a streamed answer has a session of its own."""
    query = select(Customer, answers.answer()).where(belongs).order_by(Customer.id)
    for customer, answer in db.session.execute(query, execution_options={"yield_per": AT_ONCE}):
        yield _line(customer, answer)


def _line(customer: Customer, answer: str) -> list[object]:
    told = (customer.phone, customer.user_id, customer.name, customer.email, customer.city)
    return [*told, customer.zone, customer.locale, ", ".join(customer.tags), ANSWERS[answer]]
