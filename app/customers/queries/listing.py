"""The list of customers, page after page: each begins where another ended, so that the thousandth costs as much as the
first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, UnaryExpression, func, select, text, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from app.customers.models import Customer
from app.customers.segments.people import bounds
from app.extensions import db

SIZE = 50
NEAR = 20_000  # ids
COUNTED = 10_000  # people are counted up to here; beyond it, nobody wants to know exactly
DIGITS = 2  # of a number that is told roughly


@dataclass(frozen=True, slots=True)
class Order:
    """A way to sort. Whoever has no `key` comes last; without a key at all, it goes by when people were added."""

    label: str
    key: InstrumentedAttribute[Any] | None
    descending: bool


ORDERS = {
    "newest": Order("Newest first", None, descending=True),
    "active": Order("Last wrote", Customer.last_inbound_at, descending=True),
    "name": Order("Name", Customer.name, descending=False),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A page of the list, and whom the pages before and after it begin at; None where there is none."""

    people: Sequence[Customer]
    previous: UUID | None
    next: UUID | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many fit. `is_exact`: as counted; otherwise roughly, or with `is_more` at least so many."""

    number: int
    is_exact: bool = True
    is_more: bool = False


def part(
    conditions: Sequence[ColumnElement[bool]],
    order: Order,
    after: UUID | None = None,
    before: UUID | None = None,
    size: int = SIZE,
    tests: Sequence[ColumnElement[bool]] = (),
) -> Part:
    """The page that begins after that customer, or ends before that one; the first when neither is there.

    `tests` ask the same as the conditions, as is best where people are looked at one by one.
    """
    mark = _customer(after or before)
    is_back = mark is not None and after is None
    with bounds():
        found = _walk(conditions, tests or conditions, order, mark, size + 1, is_back=is_back)
    people = found[:size]
    if is_back and len(people) < size:
        return part(conditions, order, size=size, tests=tests)  # as it would have been reached from the front
    has_more = len(found) > size
    if is_back:
        people.reverse()
    has_previous, has_next = (has_more, True) if is_back else (mark is not None, has_more)
    return Part(
        people,
        people[0].public_id if people and has_previous else None,
        people[-1].public_id if people and has_next else None,
    )


def count(conditions: Sequence[ColumnElement[bool]]) -> Count:
    """How many fit: exactly as long as they are few."""
    few = select(Customer.id).where(*conditions).limit(COUNTED + 1).subquery()
    with bounds():
        number = db.session.scalar(select(func.count()).select_from(few)) or 0
    if number <= COUNTED:
        return Count(number)
    return Count(COUNTED, is_exact=False, is_more=True) if conditions else _roughly()


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Those who have the key, or those who have none (`where`), sorted by `columns`, from behind `mark` on."""

    columns: Sequence[InstrumentedAttribute[Any]]
    where: Sequence[ColumnElement[bool]]
    is_rising: bool
    mark: Customer | None

    @property
    def bounds(self) -> list[ColumnElement[bool]]:
        """Who is in it, whatever else they must fulfil."""
        if self.mark is None:
            return [*self.where]
        here, there = tuple_(*self.columns), tuple_(*(getattr(self.mark, column.key) for column in self.columns))
        return [*self.where, here > there if self.is_rising else here < there]

    @property
    def beginning(self) -> ColumnElement[bool] | None:
        """Its first people, few enough to be looked at one by one; None where ids do not tell who they are."""
        if self.where:
            return None
        end = func.min(Customer.id) if self.is_rising else func.max(Customer.id)
        first = self.mark.id if self.mark else db.session.scalar(select(end)) or 0
        return Customer.id < first + NEAR if self.is_rising else Customer.id > first - NEAR

    def sorted(self, columns: Any) -> list[UnaryExpression[Any]]:
        """How it is sorted, by the columns of these names."""
        found = [columns[column.key] for column in self.columns]
        return [column.asc() if self.is_rising else column.desc() for column in found]


def _walk(
    conditions: Sequence[ColumnElement[bool]],
    tests: Sequence[ColumnElement[bool]],
    order: Order,
    mark: Customer | None,
    number: int,
    *,
    is_back: bool,
) -> list[Customer]:
    """The next so many: of those who have the key, then of those who have none; the other way round going back."""
    found: list[Customer] = []
    for stretch in _stretches(order, mark, is_back=is_back):
        if len(found) < number:
            found += _first(stretch, conditions, tests, number - len(found))
    return found


def _stretches(order: Order, mark: Customer | None, *, is_back: bool) -> Iterator[_Stretch]:
    is_rising, key = order.descending is is_back, order.key
    if key is None:
        yield _Stretch([Customer.id], [], is_rising, mark)
        return
    marked = None if mark is None else getattr(mark, key.key) is not None
    for keyed in (False, True) if is_back else (True, False):
        if marked in (None, keyed) or keyed is is_back:  # not those who stand before the mark
            columns, where = ([key, Customer.id], key.is_not(None)) if keyed else ([Customer.id], key.is_(None))
            yield _Stretch(columns, [where], is_rising, mark if marked is keyed else None)


def _first(
    stretch: _Stretch,
    conditions: Sequence[ColumnElement[bool]],
    tests: Sequence[ColumnElement[bool]],
    number: int,
) -> Sequence[Customer]:
    """The first of a stretch who fulfil the conditions.

    Where many do, they are met soon. Where few do, to go along until enough were met would be to go past everybody:
    they are gathered before they are sorted.
    """
    order = stretch.sorted(Customer.__table__.c)
    along = select(Customer).where(*stretch.bounds).order_by(*order).limit(number)
    if not conditions:
        return db.session.scalars(along).all()
    if (beginning := stretch.beginning) is not None:
        near = db.session.scalars(along.where(beginning, *tests)).all()
        if len(near) == number:
            return near
    those = select(*stretch.columns).where(*stretch.bounds, *conditions).cte("those")
    those = those.prefix_with("MATERIALIZED", dialect="postgresql")
    ids = select(those.c.id).order_by(*stretch.sorted(those.c)).limit(number)
    return db.session.scalars(select(Customer).where(Customer.id.in_(ids)).order_by(*order)).all()


def _customer(public_id: UUID | None) -> Customer | None:
    if public_id is None:
        return None
    return db.session.scalar(select(Customer).where(Customer.public_id == public_id))


def _roughly() -> Count:
    """Everybody, as PostgreSQL reckons since it last looked."""
    reckoned = text("SELECT reltuples::bigint FROM pg_class WHERE oid = 'customers'::regclass")
    number = max(db.session.scalar(reckoned) or 0, COUNTED)
    return Count(round(number, DIGITS - len(str(number))), is_exact=False)
