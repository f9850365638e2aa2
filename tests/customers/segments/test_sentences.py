"""A segment as a person would say it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.customers.segments import reading, sentences
from app.customers.segments.registry import FIELDS
from tests import factories

C = dict[str, Any]
SAID: list[tuple[C, str]] = [
    ({"field": "city", "operator": "is", "value": "Pune"}, "whose city is “Pune”"),
    ({"field": "city", "operator": "is_not", "value": "Pune"}, "whose city is not “Pune”"),
    ({"field": "city", "operator": "is_any_of", "value": ["Pune", "Goa"]}, "whose city is one of “Pune”, “Goa”"),
    ({"field": "email", "operator": "is_not_set"}, "whose email is not known"),
    ({"field": "tags", "operator": "has", "value": "vip"}, "who have the tag “vip”"),
    ({"field": "tags", "operator": "has_not", "value": "vip"}, "who do not have the tag “vip”"),
    ({"field": "consent", "operator": "is_not", "value": "out"}, "whose answer to marketing is not “Said no”"),
    ({"field": "attributes.Age", "operator": "more_than", "value": 30}, "whose “Age” is more than 30"),
    ({"field": "attributes.Age", "operator": "is_set"}, "whose “Age” is known"),
    ({"field": "sales.total", "operator": "more_than", "value": 50000}, "who spent more than ₹50,000"),
    ({"field": "sales.count", "operator": "is", "value": 2}, "who bought exactly 2 times"),
    ({"field": "sales.last_at", "operator": "in_last", "value": "30 days"}, "who last bought in the last 30 days"),
    ({"field": "sales.last_at", "operator": "is_not_set"}, "who never bought"),
    (
        {"field": "sales.next_starts_on", "operator": "between", "value": ["2026-12-01", "2026-12-31"]},
        "whose next booking starts between 1 Dec 2026 and 31 Dec 2026",
    ),
    (
        {"field": "saleDetails.destination", "operator": "contains", "value": "Bali", "since": "6 months"},
        "who booked a destination that contains “Bali” in the last 6 months",
    ),
    (
        {"field": "saleDetails.destination", "operator": "does_not_contain", "value": "Bali"},
        "who booked no destination that contains “Bali”",
    ),
    (
        {"field": "campaigns.read", "operator": "did_not", "value": "any", "since": "2026-01-02"},
        "who did not read any campaign since 2 Jan 2026",
    ),
    ({"field": "name", "operator": "is", "value": "{} {part}"}, "whose name is “{} {part}”"),
]


def told(*conditions: C, logic: str = "AND", **more: Any) -> str:
    return sentences.sentence(reading.parse({"logic": logic, "conditions": list(conditions)} | more))


@pytest.mark.parametrize(("condition", "words"), SAID, ids=[words for _, words in SAID])
def test_it_says_a_condition(app: Flask, condition: C, words: str) -> None:
    assert told(condition) == f"Customers {words}"


def test_it_says_groups(app: Flask) -> None:
    inner = {"logic": "OR", "conditions": [SAID[0][0], SAID[4][0]]}
    assert told(SAID[9][0], inner) == (
        "Customers who spent more than ₹50,000 and (whose city is “Pune” or who have the tag “vip”)"
    )
    assert told(SAID[0][0], **{"not": True}) == "Customers of whom this is not true: (whose city is “Pune”)"


def test_it_names_campaigns(app: Flask) -> None:
    ids = [str(factories.make_campaign(template=None, name="Monsoon").public_id), "0" * 32]
    asked = {"field": "campaigns.clicked", "operator": "did"}
    assert told(asked | {"value": ids[:1]}) == "Customers who clicked in the campaign “Monsoon”"
    assert told(asked | {"value": ids}) == "Customers who clicked in one of the campaigns “Monsoon”, one that is gone"


def test_every_field_has_words_for_every_operator(app: Flask) -> None:
    for field in FIELDS.values():
        if {"is_set", "is_not_set"} & {it.name for it in field.offers}:
            assert field.words.known, field.name
            assert field.words.unknown, field.name
        assert field.words.says.count("{}") == 1, field.name
