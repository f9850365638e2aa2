"""Finding customers by what somebody types: part of a number, of a name, or an e-mail address.

Among many customers only an index answers at once: it knows how numbers begin and end, and how each word of a name
begins. Anywhere inside is looked among the newest, which in a house of that size are all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import phonenumbers
from sqlalchemy import ColumnElement, and_, cast, false, func, literal_column, or_, select, union_all
from sqlalchemy.dialects.postgresql import TSQUERY

from app.auth import workspace
from app.customers.models import NAME_WORDS, Customer
from app.extensions import db
from app.shared import phone

NEWEST = 20_000
SHORTEST_END = 3  # digits; so many numbers end with fewer that nobody means them
LONGEST = 200  # letters; as much of a name is known to the index


def found_by(typed: str, also: Sequence[ColumnElement[bool]] = ()) -> ColumnElement[bool]:
    """Whom somebody means who types this, of those who fulfil the rest.

    Each way to find them is asked for itself, so that each has its index, and the rest's beside it.
    """
    ways = [select(Customer.id).where(way, *also) for way in _ways(typed)]
    return Customer.id.in_(union_all(*ways)) if len(ways) > 1 else Customer.id.in_(ways[0])


def is_meant(typed: str) -> ColumnElement[bool]:
    """The same people, for a query that looks at them one by one."""
    return or_(*_ways(typed))


def _ways(typed: str) -> Iterator[ColumnElement[bool]]:
    typed = " ".join(typed.replace("\x00", "").split())[:LONGEST]
    if "@" in typed:
        yield func.lower(Customer.email).startswith(typed.lower(), autoescape=True)
        return
    # As people write it: spaces, a leading + or 0 do not hide a number.
    digits = re.sub(r"\D", "", typed)
    inside = Customer.name.icontains(typed, autoescape=True)
    if digits.lstrip("0"):
        inside = or_(inside, Customer.phone.contains(digits.lstrip("0")))
        yield from _numbered(typed, digits)
    yield _named(typed)
    yield _among_the_newest(inside)


def _named(typed: str) -> ColumnElement[bool]:
    """Each word begins a word of the name."""
    words = " & ".join(f"'{_quoted(word)}':*" for word in typed.lower().split())
    return literal_column(NAME_WORDS).op("@@", is_comparison=True)(cast(words, TSQUERY)) if words else false()


def _quoted(word: str) -> str:
    return word.replace("\\", "\\\\").replace("'", "''")


def _numbered(typed: str, digits: str) -> list[ColumnElement[bool]]:
    if any(letter.isalpha() for letter in typed):
        return []
    beginnings = [f"+{digits.lstrip('0')}"]
    if not typed.startswith(("+", "00")):
        beginnings.append(f"+{_home_code()}{digits.lstrip('0')}")
    ends = [_ends_with(digits)] if len(digits) >= SHORTEST_END and not digits.startswith("0") else []
    return [*map(_begins_with, beginnings), *ends]


def _begins_with(number: str) -> ColumnElement[bool]:
    """By the index that keeps numbers apart, in whatever order a database sorts: all are a + and then digits."""
    return Customer.phone.between(number, number + "9" * phone.LONGEST)


def _ends_with(digits: str) -> ColumnElement[bool]:
    return func.reverse(Customer.phone).startswith(digits[::-1])


def _among_the_newest(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    newest = db.session.scalar(select(func.max(Customer.id))) or 0
    return and_(Customer.id > newest - NEWEST, condition)


def _home_code() -> int:
    return phonenumbers.country_code_for_region(workspace.current().default_region)
