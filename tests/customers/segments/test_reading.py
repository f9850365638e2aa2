"""Whatever is given as a segment: conditions within bounds, or a sentence at the very place."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from app.customers.segments import reading
from app.customers.segments.registry import FIELDS
from app.shared.errors import Invalid


def one(field: object = "city", operator: object = "is", value: object = "Pune", **more: object) -> dict[str, Any]:
    return {"logic": "AND", "conditions": [{"field": field, "operator": operator, "value": value} | more]}


def nested(depth: int) -> dict[str, Any]:
    query = one()
    for _ in range(depth - 1):
        query = {"logic": "OR", "conditions": [query]}
    return query


def refusal(query: object) -> tuple[str | None, str]:
    with pytest.raises(Invalid) as caught:
        reading.parse(query)
    return caught.value.field, str(caught.value)


VALUE = "conditions.0.value"
HOSTILE = [
    (None, None),
    ([], None),
    ("'; DROP TABLE customers; --", None),
    ({}, "logic"),
    ({"logic": "XOR", "conditions": []}, "logic"),
    ({"logic": ["AND"], "conditions": []}, "logic"),
    ({"logic": "AND"}, "conditions"),
    ({"logic": "AND", "conditions": []}, "conditions"),
    ({"logic": "AND", "conditions": {"field": "city"}}, "conditions"),
    ({"logic": "AND", "conditions": [one()["conditions"][0]], "having": "1=1"}, None),
    ({"logic": "AND", "conditions": [one()["conditions"][0]], "not": "yes"}, "not"),
    ({"logic": "AND", "conditions": [one()["conditions"][0], 7]}, "conditions.1"),
    ({"logic": "AND", "conditions": [one(), {"logic": "OR", "conditions": [None]}]}, "conditions.1.conditions.0"),
    ({"logic": "AND", "conditions": [one()["conditions"][0]] * 51}, "conditions"),
    ({"logic": "AND", "conditions": [{"logic": "OR", "conditions": one()["conditions"] * 26}] * 2}, "conditions"),
    (nested(6), "conditions.0.conditions.0.conditions.0.conditions.0.conditions.0"),
    (one(sql="1=1"), "conditions.0"),
    (one(field="city; DROP TABLE customers"), "conditions.0.field"),
    (one(field="password_hash"), "conditions.0.field"),
    (one(field="__class__"), "conditions.0.field"),
    (one(field={"name": "city"}), "conditions.0.field"),
    (one(field="attributes."), "conditions.0.field"),
    (one(field="attributes"), "conditions.0.field"),
    (one(field="attributes." + "x" * 201), "conditions.0.field"),
    (one(field="attributes.\x00"), "conditions.0.field"),
    (one(field="attributes.\ud800"), "conditions.0.field"),
    (one(operator="= '' OR 1=1 --"), "conditions.0.operator"),
    (one(operator=["is"]), "conditions.0.operator"),
    (one(operator="more_than", value=3), "conditions.0.operator"),
    (one(value=None), VALUE),
    (one(value=7), VALUE),
    (one(value=["Pune"]), VALUE),
    (one(value="  "), VALUE),
    (one(value="P\x00une"), VALUE),
    (one(value="\udc80"), VALUE),
    (one(value="x" * 201), VALUE),
    (one(operator="is_any_of", value="Pune"), VALUE),
    (one(operator="is_any_of", value=[]), VALUE),
    (one(operator="is_any_of", value=["Pune"] * 101), VALUE),
    (one(operator="is_any_of", value=["Pune", None]), f"{VALUE}.1"),
    (one(operator="is_set", value="Pune"), VALUE),
    (one("sales.total", "more_than", "lots"), VALUE),
    (one("sales.total", "more_than", "1e9"), VALUE),
    (one("sales.total", "more_than", "٣"), VALUE),
    (one("sales.total", "more_than", True), VALUE),
    (one("sales.total", "more_than", float("nan")), VALUE),
    (one("sales.total", "more_than", float("-inf")), VALUE),
    (one("sales.total", "more_than", 10**5000), VALUE),
    (one("sales.total", "more_than", -1e300), VALUE),
    (one("sales.total", "more_than", 1e-9), VALUE),
    (one("sales.total", "more_than", "9" * 5000), VALUE),
    (one("sales.total", "between", [2, 1]), VALUE),
    (one("sales.total", "between", [1, 2, 3]), VALUE),
    (one("sales.total", "between", [1, "x"]), f"{VALUE}.1"),
    (one("sales.last_at", "in_last", 30), VALUE),
    (one("sales.last_at", "in_last", "0 days"), VALUE),
    (one("sales.last_at", "in_last", "9999 years"), VALUE),
    (one("sales.last_at", "in_last", "30 days'; --"), VALUE),
    (one("sales.last_at", "before", "2026-02-30"), VALUE),
    (one("sales.last_at", "before", "0001-01-01"), VALUE),
    (one("sales.last_at", "before", "٢٠٢٦-01-01"), VALUE),
    (one("sales.last_at", "before", 1_700_000_000), VALUE),
    (one("sales.last_at", "between", ["2026-02-01", "2026-01-01"]), VALUE),
    (one("sales.total", "more_than", 1, since="soon"), "conditions.0.since"),
    (one("sales.total", "more_than", 1, since=6), "conditions.0.since"),
    (one(since="6 months"), "conditions.0.since"),
    (one("consent", "is", "maybe"), VALUE),
    (one("consent", "is", None), VALUE),
    (one("campaigns.read", "did", "some"), VALUE),
    (one("campaigns.read", "did", []), VALUE),
    (one("campaigns.read", "did", [1]), f"{VALUE}.0"),
    (one("campaigns.read", "did", ["' OR ''='"]), f"{VALUE}.0"),
]


@pytest.mark.parametrize(("query", "path"), HOSTILE, ids=range(len(HOSTILE)))
def test_it_says_where_something_is_wrong(application: Flask, query: object, path: str | None) -> None:
    field, sentence = refusal(query)
    assert field == path
    assert sentence.endswith((".", ")"))
    assert "DROP" not in sentence


def test_it_puts_the_path_after_where_it_was_asked_to(application: Flask) -> None:
    with pytest.raises(Invalid) as caught:
        reading.parse(one(value=7), "segment_query")
    assert caught.value.field == "segment_query.conditions.0.value"


def test_it_takes_five_groups_deep_and_fifty_conditions(application: Flask) -> None:
    assert reading.parse(nested(5))
    assert reading.parse({"logic": "AND", "conditions": one()["conditions"] * 50})


def test_it_refuses_a_tower_of_groups_before_python_does(application: Flask) -> None:
    tower: dict[str, Any] = one()
    for _ in range(5_000):
        tower = {"logic": "AND", "conditions": [tower]}
    assert "deep" in refusal(tower)[1]


def test_it_reads_numbers_as_people_write_them(application: Flask) -> None:
    group = reading.parse(one("sales.total", "between", ["1,00,000", 250000.5]))
    assert group.as_json()["conditions"][0]["value"] == [100000, "250000.5"]


def test_it_keeps_what_it_read(application: Flask) -> None:
    query = one("campaigns.read", "did_not", "any", since="30 days") | {"not": True}
    assert reading.parse(json.loads(json.dumps(reading.parse(query).as_json()))).as_json() == query


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(["AND", "is", "any"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["logic", "conditions", "field", "operator", "value", "since", "not"]), inner)
    ),
    max_leaves=12,
)


@pytest.mark.slow
def test_it_survives_any_json(application: Flask) -> None:
    operators = sorted({it.name for field in FIELDS.values() for it in field.offers})
    names = st.sampled_from([*FIELDS, "attributes.Age"])
    condition = st.fixed_dictionaries(
        {"field": names, "operator": st.sampled_from(operators), "value": JSON, "since": JSON}
    )

    @settings(max_examples=600, deadline=None, derandomize=True, database=None)
    @given(JSON | condition.map(lambda it: {"logic": "OR", "conditions": [it]}))
    def survive(query: object) -> None:
        with suppress(Invalid):
            reading.parse(query)

    survive()
