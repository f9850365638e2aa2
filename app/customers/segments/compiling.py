"""From conditions to one SQL condition about customers; every value is a parameter."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, func, not_, or_

from app.customers.segments.conditions import Condition, Group
from app.customers.segments.spans import Vantage, here


def where(group: Group, seen_from: Vantage | None = None) -> ColumnElement[bool]:
    """Whether a row of `customers` belongs to it, seen from now and here unless told otherwise."""
    return _compiled(group, seen_from or here(), denied=False)


def _compiled(it: Condition | Group, vantage: Vantage, *, denied: bool) -> ColumnElement[bool]:
    """A denial goes down to the single conditions: each is true or false of everybody, so none gets lost as NULL."""
    if isinstance(it, Condition):
        return _test(it, vantage, denied=denied)
    denied ^= it.negated
    join = and_ if (it.logic == "AND") is not denied else or_
    return join(*(_compiled(inner, vantage, denied=denied) for inner in it.conditions))


def _test(condition: Condition, vantage: Vantage, *, denied: bool) -> ColumnElement[bool]:
    test = condition.field.test(condition, vantage)
    if (condition.operator.denies is None) is not denied:
        return test
    return not_(test if condition.field.is_certain else func.coalesce(test, false()))
