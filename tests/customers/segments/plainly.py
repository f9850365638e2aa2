"""A segment's JSON asked of one person in plain Python: what the compiled query must agree with."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.customers.segments.spans import Vantage
from tests.customers.segments.world import Bought, Person

DENIALS = {
    "is_not": "is",
    "does_not_contain": "contains",
    "has_not": "has",
    "is_not_set": "is_set",
    "not_in_last": "in_last",
    "not_in_next": "in_next",
    "did_not": "did",
}
DETAILS = {"destination": "category", "category": "category", "product": "product"}
STEPS = {"got": "delivered_at", "read": "read_at", "replied": "responded_at", "clicked": "clicked_at"}


def belongs(person: Person, query: dict[str, Any], vantage: Vantage) -> bool:
    if "conditions" in query:
        answers = [belongs(person, it, vantage) for it in query["conditions"]]
        return (all(answers) if query["logic"] == "AND" else any(answers)) is not query.get("not", False)
    name, operator = query["field"], query["operator"]
    if operator in DENIALS:
        return not belongs(person, query | {"operator": DENIALS[operator]}, vantage)
    value, since = query.get("value"), query.get("since")
    first = _since(since, vantage)
    if name.startswith("sale"):
        return _sales(person, name, operator, value, first, vantage)
    if name.startswith("campaigns."):
        moments = [
            getattr(letter, STEPS[name.removeprefix("campaigns.")])
            for letter in person.letters
            if not letter.is_superseded and (value == "any" or str(letter.campaign) in value)
        ]
        return any(it is not None and (first is None or it >= first) for it in moments)
    return _of_customer(person, name, operator, value, vantage)


def _of_customer(person: Person, name: str, operator: str, value: Any, vantage: Vantage) -> bool:
    if name == "tags":
        wanted = value if isinstance(value, list) else [value]
        return bool(person.tags) if operator == "is_set" else any(it.strip().lower() in person.tags for it in wanted)
    if name == "consent":
        return _answer(person) == value
    if name.startswith("attributes."):
        return _attribute(person.attributes.get(name.removeprefix("attributes.")), operator, value)
    if name.endswith("_at"):
        return _moment(getattr(person, name), operator, value, vantage)
    return _text(getattr(person, name), operator, value)


def _sales(person: Person, name: str, operator: str, value: Any, first: datetime | None, vantage: Vantage) -> bool:
    sales: list[Bought] = [it for it in person.sales if first is None or it.sold_at >= first]
    match name.split("."):
        case "sales", "count":
            return _number(Decimal(len(sales)), operator, value)
        case "sales", "total":
            return _number(sum((it.amount for it in sales if it.currency == "INR"), Decimal(0)), operator, value)
        case "sales", "last_at":
            last = max((it.sold_at for it in sales if it.sold_at <= vantage.now), default=None)
            return _moment(last, operator, value, vantage)
        case "sales", "next_starts_on":
            days = (it.starts_on for it in sales if it.starts_on and it.starts_on >= vantage.today)
            return _day(min(days, default=None), operator, value, vantage)
    column = DETAILS[name.removeprefix("saleDetails.")]
    return any(_text(getattr(it, column), operator, value) for it in sales)


def _answer(person: Person) -> str:
    if person.is_suppressed:
        return "suppressed"
    return "in" if person.marketing_opt_in else "out" if person.marketing_opt_out_at else "unknown"


def _attribute(told: Any, operator: str, value: Any) -> bool:
    text = _as_text(told)
    if operator in ("more_than", "at_least", "less_than", "at_most", "between"):
        is_number = text is not None and re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,10})?", text)
        return bool(is_number) and _number(Decimal(text or ""), operator, value)
    return _text(text, operator, value)


def _as_text(told: Any) -> str | None:
    """As the database writes a JSON value."""
    if told is None or isinstance(told, str):
        return told
    return {True: "true", "['Goa']": '["Goa"]'}.get(told if told is True else str(told), str(told))


def _text(told: str | None, operator: str, value: Any) -> bool:
    if operator == "is_set":
        return bool(told)
    if told is None:
        return False
    told = told.lower()
    tests: dict[str, Callable[[], bool]] = {
        "is": lambda: told == value.strip().lower(),
        "is_any_of": lambda: told in [it.strip().lower() for it in value],
        "contains": lambda: value.strip().lower() in told,
        "starts_with": lambda: told.startswith(value.strip().lower()),
    }
    return tests[operator]()


def _number(told: Decimal, operator: str, value: Any) -> bool:
    low, high = (Decimal(str(it).replace(",", "")) for it in (value if isinstance(value, list) else [value, value]))
    return {
        "is": told == low,
        "more_than": told > low,
        "at_least": told >= low,
        "less_than": told < low,
        "at_most": told <= low,
        "between": low <= told <= high,
    }[operator]


def _moment(told: datetime | None, operator: str, value: Any, vantage: Vantage) -> bool:
    if told is None or operator == "is_set":
        return told is not None
    if operator == "in_last":
        return _ago(value, vantage) <= told <= vantage.now
    return _day(told.astimezone(vantage.zone).date(), operator, value, vantage)


def _day(told: date | None, operator: str, value: Any, vantage: Vantage) -> bool:
    if told is None or operator == "is_set":
        return told is not None
    if operator == "in_next":
        return vantage.today <= told <= _away(vantage.today, value, 1)
    low, high = (date.fromisoformat(it) for it in (value if isinstance(value, list) else [value, value]))
    return {"on": told == low, "before": told < low, "after": told > low, "between": low <= told <= high}[operator]


def _since(since: str | None, vantage: Vantage) -> datetime | None:
    if since is None:
        return None
    if since[4:5] == "-":
        return datetime.combine(date.fromisoformat(since), datetime.min.time(), vantage.zone)
    return _ago(since, vantage)


def _ago(span: str, vantage: Vantage) -> datetime:
    local = vantage.now.astimezone(vantage.zone)
    return datetime.combine(_away(local.date(), span, -1), local.time(), vantage.zone)


def _away(day: date, span: str, direction: int) -> date:
    """So far away; a day that its month does not have becomes its last."""
    number, unit = span.split()
    if unit.startswith(("day", "week")):
        return day + timedelta(days=direction * int(number) * (7 if unit.startswith("week") else 1))
    months = int(number) * (12 if unit.startswith("year") else 1)
    year, month = day.year, day.month
    for _ in range(months):
        month += direction
        year, month = (year + 1, 1) if month == 13 else (year - 1, 12) if month == 0 else (year, month)
    for last in range(day.day, 0, -1):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    raise AssertionError(day)
