"""The fields of a customer: what is told of them, their tags, attributes and their answer to marketing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Numeric, case, cast
from sqlalchemy.orm import InstrumentedAttribute

from app.customers.models import Customer
from app.customers.queries import answers, people
from app.customers.segments import ranges, texts
from app.customers.segments.conditions import Condition
from app.customers.segments.fields import Field, Test, Words
from app.customers.segments.kinds import OPERATORS, Kind
from app.customers.segments.spans import Vantage

CUSTOMER, TAGS, ATTRIBUTES, CONSENT = "Customer", "Tags", "Attributes", "Consent"
ANSWERS = {"in": "Agreed", "out": "Said no", "unknown": "Never answered", "suppressed": "Suppressed"}
NUMBER = r"^-?[0-9]{1,15}(\.[0-9]{1,10})?$"  # what is safe to cast; all else is no number
_ALWAYS_THERE = tuple(it for it in OPERATORS[Kind.MOMENT] if "is_set" not in (it.name, it.denies))


def _text(column: InstrumentedAttribute[Any]) -> Test:
    return lambda condition, vantage: texts.compare(column, condition)


def _moment(column: InstrumentedAttribute[Any]) -> Test:
    return lambda condition, vantage: ranges.of_moments(condition, vantage).holds(column)


def _tags(condition: Condition, vantage: Vantage) -> ColumnElement[bool]:
    match condition.asks, condition.value:
        case "is_set", None:
            return Customer.tags != []
        case "has", str() as tag:
            return Customer.tags.contains([tag.lower()])
        case "has_any_of", tuple() as tags:
            return Customer.tags.overlap([str(tag).lower() for tag in tags])
    raise AssertionError(condition)


def _attribute(condition: Condition, vantage: Vantage) -> ColumnElement[bool]:
    text = Customer.attributes[condition.part].astext
    if condition.operator.takes.value not in ("number", "numbers"):
        return texts.compare(text, condition)
    return ranges.of_numbers(condition).holds(case((text.regexp_match(NUMBER), cast(text, Numeric))))


def _answer(condition: Condition, vantage: Vantage) -> ColumnElement[bool]:
    return answers.answered(str(condition.value))


def _tags_in_use() -> Sequence[tuple[str, str]]:
    return [(tag, tag) for tag in people.tags_in_use()]


def _answers() -> Sequence[tuple[str, str]]:
    return list(ANSWERS.items())


def _answer_names(values: Sequence[str]) -> Mapping[str, str]:
    return ANSWERS


def _told(name: str, label: str, column: InstrumentedAttribute[Any]) -> Field:
    it = f"whose {label.lower()}"
    words = Words(f"{it} {{}}", known=f"{it} is known", unknown=f"{it} is not known")
    return Field(name, label, Kind.TEXT, CUSTOMER, words, _text(column))


FIELDS = (
    _told("name", "Name", Customer.name),
    _told("phone", "Phone", Customer.phone),
    _told("email", "Email", Customer.email),
    _told("city", "City", Customer.city),
    _told("zone", "Time zone", Customer.zone),
    _told("locale", "Language", Customer.locale),
    Field(
        "tags",
        "Tags",
        Kind.TAG,
        TAGS,
        Words("who have {}", "who do not have {}", "who have a tag", "who have no tag"),
        _tags,
        choices=_tags_in_use,
        is_certain=True,
    ),
    Field(
        "attributes.",
        "Attribute",
        Kind.ATTRIBUTE,
        ATTRIBUTES,
        Words("whose “{part}” {}", known="whose “{part}” is known", unknown="whose “{part}” is not known"),
        _attribute,
    ),
    Field(
        "created_at",
        "Added",
        Kind.MOMENT,
        CUSTOMER,
        Words("who were added {}"),
        _moment(Customer.created_at),
        operators=_ALWAYS_THERE,
    ),
    Field(
        "last_inbound_at",
        "Last wrote to us",
        Kind.MOMENT,
        CUSTOMER,
        Words("who last wrote to us {}", known="who ever wrote to us", unknown="who never wrote to us"),
        _moment(Customer.last_inbound_at),
    ),
    Field(
        "consent",
        "Marketing consent",
        Kind.CHOICE,
        CONSENT,
        Words("whose answer to marketing is {}", "whose answer to marketing is not {}"),
        _answer,
        choices=_answers,
        names=_answer_names,
        is_certain=True,
    ),
    Field(
        "marketing_opt_in_at",
        "Agreed at",
        Kind.MOMENT,
        CONSENT,
        Words("who last agreed {}", known="who ever agreed", unknown="who never agreed"),
        _moment(Customer.marketing_opt_in_at),
    ),
    Field(
        "marketing_opt_out_at",
        "Said no at",
        Kind.MOMENT,
        CONSENT,
        Words("who last said no {}", known="who ever said no", unknown="who never said no"),
        _moment(Customer.marketing_opt_out_at),
    ),
)
