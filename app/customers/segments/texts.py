"""Comparing words in SQL: without regard to capitals, every character of the value taken as it stands."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, func

from app.customers.segments.conditions import Condition


def compare(text: SQLColumnExpression[Any], condition: Condition) -> ColumnElement[bool]:
    """The SQL of what the condition asks of a text."""
    match condition.asks, condition.value:
        case "is_set", None:
            return and_(text.is_not(None), text != "")
        case "is", str() as value:
            return func.lower(text) == func.lower(value)
        case "contains", str() as value:
            return text.icontains(value, autoescape=True)
        case "starts_with", str() as value:
            return text.istartswith(value, autoescape=True)
        case "is_any_of", tuple() as values:
            return func.lower(text).in_([func.lower(value) for value in values])
    raise AssertionError(condition)
