"""What is written into a segment stays a value: it is found as such, and no part of the statement is made of it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.customers.models import Customer
from app.customers.segments import compiling, people, reading
from app.extensions import db
from tests import factories

NASTY = [
    "'; DROP TABLE customers; --",
    '") OR 1=1 --',
    "%(x)s %s :x {}",
    "$1",
    "\\'; SELECT",
    "a'||(SELECT 1)||'",
    "%",
    "_",
]
ASKED = [
    ("name", "is"),
    ("name", "contains"),
    ("name", "starts_with"),
    ("tags", "has"),
    ("attributes.note", "is"),
    ("attributes.note", "contains"),
    ("saleDetails.product", "contains"),
]


def one(field: str, operator: str, value: object) -> Any:
    return reading.parse({"logic": "AND", "conditions": [{"field": field, "operator": operator, "value": value}]})


@pytest.mark.parametrize("nasty", NASTY)
def test_it_finds_the_one_who_is_called_so(app: Flask, nasty: str) -> None:
    factories.make_customer(name="Asha")
    odd = factories.make_customer(name=nasty, tags=[nasty.lower()], attributes={"note": nasty})
    for field, operator in ASKED[:-1]:
        assert people.sample(one(field, operator, nasty)) == [odd]


@pytest.mark.parametrize("nasty", NASTY)
def test_it_finds_an_attribute_by_any_name(app: Flask, nasty: str) -> None:
    factories.make_customer(attributes={"note": "7"})
    odd = factories.make_customer(attributes={nasty: "7"})
    assert people.sample(one(f"attributes.{nasty}", "at_least", 7)) == [odd]
    assert people.sample(one(f"attributes.{nasty}", "is", "7")) == [odd]


@pytest.mark.parametrize(("field", "operator"), ASKED)
def test_no_value_is_in_the_statement(app: Flask, field: str, operator: str) -> None:
    statements = set()
    for value in NASTY:
        query = select(func.count()).where(compiling.where(one(field, operator, value)))
        statements.add(str(query.compile(db.engine)))
    assert len(statements) == 1


def test_no_attributes_name_is_in_the_statement(app: Flask) -> None:
    query = select(Customer.id).where(compiling.where(one("attributes.evil'name", "is", "x")))
    assert "evil" not in str(query.compile(db.engine))


def test_attributes_that_are_no_numbers_break_no_comparison(app: Flask) -> None:
    odd = ["1e5", "1" * 400, "--5", "5.", ".5", "NaN", "Infinity", "5\n", "٥", "", "0x5", 1e300, True, [5], {"a": 5}]
    for value in odd:
        factories.make_customer(attributes={"Age": value})
    five = factories.make_customer(attributes={"Age": "5"})
    assert people.sample(one("attributes.Age", "at_least", -1000)) == [five]
