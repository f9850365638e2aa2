"""A segment in plain language: "Customers who spent more than ₹50,000 and whose city is “Pune”"."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from app.auth import workspace
from app.customers.segments.conditions import ANY, Condition, Group
from app.customers.segments.kinds import Kind, Takes
from app.customers.segments.spans import Span
from app.shared.money import format_money

_TESTS = {
    "is": "is {}",
    "is_not": "is not {}",
    "is_any_of": "is one of {}",
    "contains": "contains {}",
    "does_not_contain": "does not contain {}",
    "starts_with": "starts with {}",
    "more_than": "more than {}",
    "at_least": "at least {}",
    "less_than": "less than {}",
    "at_most": "at most {}",
    "between": "between {}",
    "on": "on {}",
    "before": "before {}",
    "after": "after {}",
    "in_last": "in the last {}",
    "not_in_last": "not in the last {}",
    "in_next": "in the next {}",
    "not_in_next": "not in the next {}",
    "has": "the tag {}",
    "has_any_of": "one of the tags {}",
    "did": "{}",
}
_EXACTLY = {"is": "exactly {}", "is_not": "not exactly {}"}
_AMOUNTS = (Takes.NUMBER, Takes.NUMBERS)


def sentence(group: Group) -> str:
    """What it asks for, beginning with "Customers"."""
    return f"Customers {_group(group, is_outermost=True)}"


def _group(group: Group, *, is_outermost: bool = False) -> str:
    told = (f" {group.logic.lower()} ").join(
        _group(it) if isinstance(it, Group) else _condition(it) for it in group.conditions
    )
    if group.negated:
        return f"of whom this is not true: ({told})"
    return told if is_outermost or len(group.conditions) == 1 else f"({told})"


def _condition(condition: Condition) -> str:
    words = condition.field.words
    if condition.asks == "is_set":
        return (words.unknown if condition.operator.denies else words.known).replace("{part}", condition.part)
    if condition.operator.denies and words.denied:
        return words.denied.replace("{}", _test(condition, condition.asks)) + _since(condition)
    told = words.says.replace("{part}", condition.part)
    return told.replace("{}", _test(condition, condition.operator.name)) + _since(condition)


def _test(condition: Condition, name: str) -> str:
    if condition.field.kind is Kind.CHOICE:
        return _value(condition)
    if condition.operator.takes not in _AMOUNTS:
        return _TESTS[name].replace("{}", _value(condition))
    told = (_TESTS | _EXACTLY)[name].replace("{}", _value(condition))
    return f"is {told}" if condition.field.kind is Kind.ATTRIBUTE else told


def _value(condition: Condition) -> str:
    value = condition.value
    if condition.field.kind is Kind.CAMPAIGN:
        return _campaigns(condition)
    if condition.field.kind is Kind.CHOICE and condition.field.names:
        return f"“{condition.field.names([str(value)])[str(value)]}”"
    if isinstance(value, tuple):
        link = " and " if condition.operator.name == "between" else ", "
        return link.join(_plain(it, condition.field.kind) for it in value)
    return _plain(value, condition.field.kind)


def _campaigns(condition: Condition) -> str:
    ids = condition.value if isinstance(condition.value, tuple) else ()
    if not ids or condition.value == ANY:
        return "any campaign"
    names = condition.field.names([str(it) for it in ids]) if condition.field.names else {}
    told = ", ".join(f"“{names[str(it)]}”" if str(it) in names else "one that is gone" for it in ids)
    return f"the campaign {told}" if len(ids) == 1 else f"one of the campaigns {told}"


def _plain(value: Any, kind: Kind) -> str:
    if isinstance(value, Decimal) and kind is Kind.MONEY:
        return format_money(value, workspace.current().currency).removesuffix(".00")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return f"{value.day} {value:%b %Y}"
    return str(value) if isinstance(value, Span) else f"“{value}”"


def _since(condition: Condition) -> str:
    if condition.since is None:
        return ""
    is_span = isinstance(condition.since, Span)
    return f" in the last {condition.since}" if is_span else f" since {_plain(condition.since, Kind.DATE)}"
