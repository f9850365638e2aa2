"""Operators on numbers, days and moments as what they are: a range."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, SQLColumnExpression, and_

from app.customers.segments.conditions import Condition
from app.customers.segments.spans import Span, Vantage

T = TypeVar("T", Decimal, date, datetime)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Range(Generic[T]):
    """From `low` to `high`; None: without end. A bound belongs to it unless that side is open."""

    low: T | None = None
    high: T | None = None
    is_open_below: bool = False
    is_open_above: bool = False

    def holds(self, value: SQLColumnExpression[Any]) -> ColumnElement[bool]:
        """The SQL that a value is there and lies within."""
        tests: list[ColumnElement[bool]] = []
        if self.low is not None:
            tests.append(value > self.low if self.is_open_below else value >= self.low)
        if self.high is not None:
            tests.append(value < self.high if self.is_open_above else value <= self.high)
        return and_(*tests) if tests else value.is_not(None)

    def contains(self, value: T) -> bool:
        """Whether this value lies within."""
        is_above = self.low is None or (value > self.low if self.is_open_below else value >= self.low)
        is_below = self.high is None or (value < self.high if self.is_open_above else value <= self.high)
        return is_above and is_below


def of_numbers(condition: Condition) -> Range[Decimal]:
    """The numbers it asks for."""
    match condition.asks, condition.value:
        case "between", (Decimal() as low, Decimal() as high):
            return Range(low, high)
        case "more_than", Decimal() as low:
            return Range(low, is_open_below=True)
        case "at_least", Decimal() as low:
            return Range(low)
        case "less_than", Decimal() as high:
            return Range(high=high, is_open_above=True)
        case "at_most", Decimal() as high:
            return Range(high=high)
        case "is", Decimal() as number:
            return Range(number, number)
    raise AssertionError(condition)


def of_days(condition: Condition, vantage: Vantage) -> Range[date]:
    """The days it asks for."""
    match condition.asks, condition.value:
        case "is_set", None:
            return Range()
        case "in_next", Span() as span:
            return Range(vantage.today, span.after(vantage.today))
        case "between", (date() as first, date() as last):
            return Range(first, last)
        case "on", date() as day:
            return Range(day, day)
        case "before", date() as day:
            return Range(high=day, is_open_above=True)
        case "after", date() as day:
            return Range(day, is_open_below=True)
    raise AssertionError(condition)


def of_moments(condition: Condition, vantage: Vantage) -> Range[datetime]:
    """The moments it asks for: whole days are the workspace's."""
    match condition.asks, condition.value:
        case "is_set", None:
            return Range()
        case "in_last", Span() as span:
            return Range(vantage.ago(span), vantage.now)
        case "between", (date() as first, date() as last):
            return Range(vantage.start_of(first), vantage.start_of(last + DAY), is_open_above=True)
        case "on", date() as day:
            return Range(vantage.start_of(day), vantage.start_of(day + DAY), is_open_above=True)
        case "before", date() as day:
            return Range(high=vantage.start_of(day), is_open_above=True)
        case "after", date() as day:
            return Range(vantage.start_of(day + DAY))
    raise AssertionError(condition)
