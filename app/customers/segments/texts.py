"""Comparing words in SQL: without regard to capitals, every character of the value taken as it stands."""

from __future__ import annotations

import re
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
            return _like(text, f"%{_plain(value)}%")
        case "starts_with", str() as value:
            return _like(text, f"{_plain(value)}%")
        case "is_any_of", tuple() as values:
            return func.lower(text).in_([func.lower(value) for value in values])
    raise AssertionError(condition)


def _like(text: SQLColumnExpression[Any], pattern: str) -> ColumnElement[bool]:
    """ILIKE, which takes half as long again: over millions of sales that is felt."""
    return func.lower(text).like(func.lower(pattern), escape="/")


def _plain(value: str) -> str:
    return re.sub("([/%_])", r"/\1", value)
