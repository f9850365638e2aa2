"""Who is in a segment: how many, and some of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from psycopg.errors import QueryCanceled
from sqlalchemy import CTE, ColumnElement, FromClause, Select, func, select, text
from sqlalchemy.exc import OperationalError

from app.customers.models import Customer
from app.customers.segments import about_customers
from app.customers.segments.compiling import where
from app.customers.segments.conditions import Condition, Group
from app.extensions import db
from app.shared.errors import Refused

SAMPLE = 5
MEMORY = "64MB"  # with less, an "or" over sales looks up a million customers one by one
PATIENCE = timedelta(seconds=15)  # fifty sums over all sales are allowed; they must not hold up the web server


@dataclass(frozen=True, slots=True)
class Look:
    """How many are in a segment, and the newest of them."""

    count: int
    sample: Sequence[Customer]


def matching(group: Group) -> Select[Customer]:
    """The customers in it, newest first."""
    return select(Customer).where(where(group)).order_by(Customer.id.desc())


def count(group: Group) -> int:
    """How many they are now. Raises `Refused` when that takes too long."""
    with bounds():
        return db.session.scalar(select(_asked(group)[0])) or 0


def sample(group: Group, number: int = SAMPLE) -> Sequence[Customer]:
    """The newest of them."""
    return look(group, number).sample


def look(group: Group, number: int = SAMPLE, before: int | None = None) -> Look:
    """How many they are now and the newest of them, asked once: the sample alone costs as much as the count.

    `before`: of those, only the ones older than this id. Raises `Refused` when that takes too long.
    """
    with bounds():
        number_of_all, ids = db.session.execute(looking(group, number, before)).one()
    people = db.session.scalars(select(Customer).where(Customer.id.in_(ids)).order_by(Customer.id.desc()))
    return Look(number_of_all, people.all())


def looking(group: Group, number: int = SAMPLE, before: int | None = None) -> Select[int, list[int]]:
    """What `look` asks: how many they are, and the ids of the newest."""
    number_of_all, ids = _asked(group)
    id_ = ids.selected_columns.id
    newest = ids.order_by(id_.desc()).limit(number)
    if before is not None:
        newest = newest.where(id_ < before)
    return select(number_of_all, func.array(newest.scalar_subquery()))


def _asked(group: Group) -> tuple[ColumnElement[int], Select[int]]:
    """How many are in it, and their ids."""
    if not _are_most(group):
        found = _found(group)
        return _number_of(found), select(found.c.id)
    others = _found(Group("AND", (group,), negated=True))
    is_left = Customer.id.not_in(select(others.c.id))
    return _number_of(Customer.__table__) - _number_of(others), select(Customer.id).where(is_left)


def _are_most(group: Group, *, denied: bool = False) -> bool:
    """Whether one thing of several is enough, and one of them is that something was not done: so it is of most people.

    Whom it leaves out is found by joins, beginning with few; themselves they would be looked up in everything.
    """
    denied ^= group.negated
    first = group.conditions[0]
    if len(group.conditions) == 1:
        return isinstance(first, Group) and _are_most(first, denied=denied)
    one_is_enough = (group.logic == "OR") is not denied
    return one_is_enough and any(_denies(it, denied=denied) for it in group.conditions)


def _denies(it: Condition | Group, *, denied: bool) -> bool:
    if isinstance(it, Group):
        return it.negated is not denied
    is_looked_up = it.field not in about_customers.FIELDS  # what stands in their own row costs next to nothing
    return is_looked_up and (it.operator.denies is not None) is not denied


def _number_of(people: FromClause) -> ColumnElement[int]:
    return select(func.count()).select_from(people).scalar_subquery()


def _found(group: Group) -> CTE:
    """Everybody in it, found once. Inside of a count the planner would let each of its workers add up all sales."""
    return select(Customer.id).where(where(group)).cte("found").prefix_with("MATERIALIZED", dialect="postgresql")


@contextmanager
def bounds() -> Iterator[None]:
    """Let PostgreSQL have the memory for everybody's ids, and give up after a while; the transaction goes on.

    Raises `Refused` when it gives up.
    """
    limit = f"{PATIENCE // timedelta(milliseconds=1)}ms"
    bounds = select(func.set_config("work_mem", MEMORY, True), func.set_config("statement_timeout", limit, True))
    try:
        with db.session.begin_nested():
            db.session.execute(bounds)
            yield
            db.session.execute(text("SET LOCAL statement_timeout TO DEFAULT"))
            db.session.execute(text("SET LOCAL work_mem TO DEFAULT"))
    except OperationalError as error:
        if not isinstance(error.orig, QueryCanceled):
            raise
        raise Refused("This segment takes too long to count. Ask for less at once.") from error
