"""The fields of what a customer bought.

Each looks for sales that are there or are not, for that can be answered from an index. Sums over all time are kept,
those since some day have to be added up. They are of sales in the workspace's currency. Whoever bought nothing has a
total and a count of 0.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, Subquery, and_, exists, func, not_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.customers.models import Customer, Sale, SaleTotal
from app.customers.segments import ranges, texts
from app.customers.segments.conditions import Condition
from app.customers.segments.fields import Field, Test, Words
from app.customers.segments.kinds import OPERATORS, Kind
from app.customers.segments.spans import Vantage

SALES = "Sales"
_DETAILS = tuple(it for it in OPERATORS[Kind.TEXT] if "is_set" not in (it.name, it.denies))


def _total(condition: Condition, vantage: Vantage) -> ColumnElement[bool]:
    if condition.since is None:
        kept = SaleTotal.customer_id == Customer.id, SaleTotal.currency == vantage.currency
        return _in_range(lambda holds: exists().where(*kept, holds).correlate(Customer), SaleTotal.amount, condition)
    sales = _in_order(condition, vantage, Sale.currency == vantage.currency)
    return _adds_up(sales, func.sum(sales.c.amount), condition)


def _count(condition: Condition, vantage: Vantage) -> ColumnElement[bool]:
    if condition.since is None:
        totals = select(SaleTotal.customer_id, SaleTotal.count).order_by(SaleTotal.customer_id).subquery()
        return _adds_up(totals, func.sum(totals.c.count), condition)
    return _adds_up(_in_order(condition, vantage), func.count(), condition)


def _in_order(condition: Condition, vantage: Vantage, *which: ColumnElement[bool]) -> Subquery:
    """Sales by customer, as the index has them: a sum that goes along it needs no memory for everybody at once."""
    known = Sale.customer_id.is_not(None)
    sales = select(Sale.customer_id, Sale.amount).where(known, *which, *_since(condition, vantage))
    return sales.order_by(Sale.customer_id).subquery()


def _adds_up(rows: Subquery, figure: ColumnElement[Any], condition: Condition) -> ColumnElement[bool]:
    """The figure of a customer's rows is in the range."""

    def found(holds: ColumnElement[bool]) -> ColumnElement[bool]:
        those = select(rows.c.customer_id).group_by(rows.c.customer_id).having(holds).subquery()
        return exists().where(those.c.customer_id == Customer.id).correlate(Customer)

    return _in_range(found, figure, condition)


def _in_range(
    found: Callable[[ColumnElement[bool]], ColumnElement[bool]],
    figure: SQLColumnExpression[Any],
    condition: Condition,
) -> ColumnElement[bool]:
    """Where 0 is in the range, so is who has nothing: then nothing is found that puts the customer outside of it."""
    wanted = ranges.of_numbers(condition)
    holds = wanted.holds(figure)
    return not_(found(not_(holds))) if wanted.contains(Decimal(0)) else found(holds)


def _last_at(condition: Condition, vantage: Vantage) -> ColumnElement[bool]:
    """The latest sale until now: there is one from `low` on and none from `high` on."""
    wanted = ranges.of_moments(condition, vantage)
    if wanted == ranges.Range():
        kept = SaleTotal.customer_id == Customer.id, SaleTotal.first_at <= vantage.now
        return exists().where(*kept).correlate(Customer)
    until_now = Sale.sold_at <= vantage.now
    found = _bought(until_now, *([Sale.sold_at >= wanted.low] if wanted.low else []))
    if wanted.high is None or wanted.high >= vantage.now:
        return found
    return and_(found, not_(_bought(until_now, Sale.sold_at >= wanted.high)))


def _next_starts_on(condition: Condition, vantage: Vantage) -> ColumnElement[bool]:
    """The first start from today on: there is one until `high` and none before `low`."""
    wanted, today = ranges.of_days(condition, vantage), vantage.today
    coming = Sale.starts_on >= today
    found = _bought(coming, ranges.Range(high=wanted.high, is_open_above=wanted.is_open_above).holds(Sale.starts_on))
    if wanted.low is None or wanted.low < today or wanted.contains(today):
        return found
    earlier = ranges.Range(high=wanted.low, is_open_above=not wanted.is_open_below).holds(Sale.starts_on)
    return and_(found, not_(_bought(coming, earlier)))


def _detail(column: InstrumentedAttribute[Any]) -> Test:
    return lambda condition, vantage: _bought(texts.compare(column, condition), *_since(condition, vantage))


def _bought(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Sale.customer_id == Customer.id, *which).correlate(Customer)


def _since(condition: Condition, vantage: Vantage) -> list[ColumnElement[bool]]:
    return [Sale.sold_at >= vantage.since(condition.since)] if condition.since else []


def _field(name: str, label: str, kind: Kind, words: Words, test: Test, **more: Any) -> Field:
    return Field(name, label, kind, SALES, words, test, is_certain=True, **more)


def _detail_field(name: str, label: str, verb: str, column: InstrumentedAttribute[Any]) -> Field:
    it = label.lower()
    words = Words(f"who {verb} a {it} that {{}}", f"who {verb} no {it} that {{}}")
    name = f"saleDetails.{name}"
    return _field(name, f"{label} of a sale", Kind.TEXT, words, _detail(column), operators=_DETAILS, takes_since=True)


FIELDS = (
    _field("sales.total", "Total spent", Kind.MONEY, Words("who spent {}"), _total, takes_since=True),
    _field("sales.count", "Number of sales", Kind.NUMBER, Words("who bought {} times"), _count, takes_since=True),
    _field(
        "sales.last_at",
        "Last sale",
        Kind.MOMENT,
        Words("who last bought {}", known="who ever bought", unknown="who never bought"),
        _last_at,
    ),
    _field(
        "sales.next_starts_on",
        "Next start",
        Kind.DATE,
        Words("whose next booking starts {}", known="with an upcoming booking", unknown="without an upcoming booking"),
        _next_starts_on,
    ),
    _detail_field("destination", "Destination", "booked", Sale.category),
    _detail_field("category", "Category", "bought", Sale.category),
    _detail_field("product", "Product", "bought", Sale.product),
)
