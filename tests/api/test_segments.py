"""Segments by the API: kept, asked, copied, deleted; and whatever cannot be asked is refused at its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.auth.models import AuditEntry
from app.customers.segments import people
from app.customers.segments.models import Segment
from app.customers.segments.registry import FIELDS
from app.customers.service import segments
from app.extensions import db
from tests import factories
from tests.api.conftest import Caller, token_of
from tests.customers.segments.test_hostile import NASTY

NOBODY = "00000000-0000-7000-8000-000000000000"
PUNE = {"logic": "AND", "conditions": [{"field": "city", "operator": "is", "value": "Pune"}]}


def one(field: Any = "city", operator: Any = "is", value: Any = "Pune", **more: Any) -> dict[str, Any]:
    return {"logic": "AND", "conditions": [{"field": field, "operator": operator, "value": value} | more]}


def kept(api: Caller, name: str = "Pune", **said: Any) -> dict[str, Any]:
    answer = api.post("/segments", {"name": name, "query": PUNE} | said)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json
    return told


def test_it_keeps_a_segment_and_says_it_in_words(api: Caller) -> None:
    told = kept(api, query=one("sales.total", "more_than", " 50,000 "), description="The best")
    assert told["sentence"] == "Customers who spent more than ₹50,000"
    assert (told["query"]["conditions"][0]["value"], told["used_by"], told["counted"]) == (50000, [], None)
    assert api.get(f"/segments/{told['id']}").json == told


def test_the_list_is_by_name_and_searched_as_written(api: Caller) -> None:
    for name in ("pune", "Goa", "100%"):
        kept(api, name)
    assert [it["name"] for it in api.get("/segments").json["items"]] == ["100%", "Goa", "pune"]
    assert [it["name"] for it in api.get("/segments?search=%25").json["items"]] == ["100%"]
    assert api.get("/segments?limit=1&page=2").json["items"][0]["name"] == "Goa"


def test_what_is_left_out_stays(api: Caller) -> None:
    told = kept(api, description="Ours")
    changed = api.call("PUT", f"/segments/{told['id']}", json={"query": one(value="Goa")})
    assert changed.status_code == 200, changed.text
    assert (changed.json["name"], changed.json["description"]) == ("Pune", "Ours")
    assert changed.json["query"]["conditions"][0]["value"] == "Goa"


def test_a_copy_has_a_name_of_its_own(api: Caller) -> None:
    told = kept(api)
    copy = api.post(f"/segments/{told['id']}/copy")
    assert (copy.status_code, copy.json["name"], copy.json["query"]) == (201, "Pune (copy)", told["query"])
    taken = api.call("PUT", f"/segments/{copy.json['id']}", json={"name": "Pune"})
    assert (taken.status_code, list(taken.json["error"]["fields"])) == (422, ["name"])


def test_what_is_used_cannot_be_deleted(api: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    segment = f"/segments/{kept(api)['id']}"
    monkeypatch.setitem(segments._uses, "test", lambda _: ["the campaign “Monsoon”"])
    answer = api.call("DELETE", segment)
    assert (answer.status_code, "the campaign “Monsoon”" in answer.json["error"]["message"]) == (409, True)
    assert api.get(segment).json["used_by"] == ["the campaign “Monsoon”"]
    monkeypatch.delitem(segments._uses, "test")
    assert [api.call("DELETE", segment).status_code for _ in range(2)] == [204, 404]


def test_a_preview_counts_shows_five_and_keeps_nothing(api: Caller) -> None:
    for city in ["Pune"] * 6 + ["Goa"]:
        factories.make_customer(city=city)
    db.session.commit()
    told = api.post("/segments/preview", {"query": PUNE}).json
    assert (told["count"], len(told["sample"]), told["sentence"]) == (6, 5, "Customers whose city is “Pune”")
    assert {it["city"] for it in told["sample"]} == {"Pune"}
    assert db.session.scalars(select(Segment)).all() == []


def test_its_people_come_in_pages(api: Caller) -> None:
    made = [str(factories.make_customer(city="Pune").public_id) for _ in range(3)]
    factories.make_customer(city="Goa")
    db.session.commit()
    people_of = f"/segments/{kept(api)['id']}/customers"
    page = api.get(f"{people_of}?limit=2&page=2").json
    assert (page["total"], page["pages"], [it["id"] for it in page["items"]]) == (3, 2, made[:1])


def test_it_tells_what_can_be_asked(api: Caller) -> None:
    factories.make_customer(attributes={"Loyalty card": "gold"}, tags=["vip"])
    db.session.commit()
    fields = {it["name"]: it for it in api.get("/segments/fields").json["items"]}
    assert fields.keys() == FIELDS.keys()
    assert fields["attributes."]["parts"] == ["Loyalty card"]
    assert fields["tags"]["choices"] == [{"value": "vip", "label": "vip"}]
    assert {"name": "more_than", "label": "is more than", "takes": "number"} in fields["sales.total"]["operators"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "query.logic"),
        ({"logic": "XOR", "conditions": []}, "query.logic"),
        ({"logic": "AND", "conditions": []}, "query.conditions"),
        ({"logic": "AND", "conditions": "all"}, "query.conditions"),
        ({"logic": "AND", "conditions": [7]}, "query.conditions.0"),
        ({"logic": "AND", "conditions": [PUNE | {"sql": "1"}]}, "query.conditions.0"),
        ({"logic": "AND", "conditions": [PUNE | {"not": "yes"}]}, "query.conditions.0.not"),
        (one("password"), "query.conditions.0.field"),
        (one("attributes."), "query.conditions.0.field"),
        (one(["city"]), "query.conditions.0.field"),
        (one("attributes.\x00"), "query.conditions.0.field"),
        (one(operator="= 'x' OR"), "query.conditions.0.operator"),
        (one(operator=None), "query.conditions.0.operator"),
        (one(value=7), "query.conditions.0.value"),
        (one(value="\x00"), "query.conditions.0.value"),
        (one(value="x" * 201), "query.conditions.0.value"),
        (one(value={"$ne": 1}), "query.conditions.0.value"),
        (one("sales.total", "more_than", "a lot"), "query.conditions.0.value"),
        (one("sales.total", "more_than", 10**40), "query.conditions.0.value"),
        (one("sales.total", "between", [2, 1]), "query.conditions.0.value"),
        (one("sales.last_at", "in_last", "1; DROP TABLE"), "query.conditions.0.value"),
        (one("sales.last_at", "on", "2026-02-30"), "query.conditions.0.value"),
        (one("consent", "is", "maybe"), "query.conditions.0.value"),
        (one("campaigns.read", "did", [NOBODY]), "query.conditions.0.value"),
        (one("campaigns.read", "did", ["1"]), "query.conditions.0.value.0"),
        (one(since="6 months"), "query.conditions.0.since"),
        (one("sales.total", "more_than", 1, since="ever"), "query.conditions.0.since"),
        (one(colour="red"), "query.conditions.0"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_its_place(api: Caller, query: dict[str, Any], field: str) -> None:
    for path, body in (("/segments", {"name": "A", "query": query}), ("/segments/preview", {"query": query})):
        answer = api.post(path, body)
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field]), answer.text


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\x00"}, "name"),
        ({"name": None}, "name"),
        ({"description": "x" * 1001}, "description"),
        ({"query": "all"}, "query"),
        ({"query": []}, "query"),
        ({"sql": "1"}, "sql"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(api: Caller, said: dict[str, Any], field: str) -> None:
    answer = api.post("/segments", {"name": "A", "query": PUNE} | said)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field]), answer.text


def test_deep_and_wide_questions_are_refused(api: Caller) -> None:
    deep: dict[str, Any] = PUNE
    for _ in range(200):
        deep = {"logic": "OR", "conditions": [deep]}
    wide = {"logic": "OR", "conditions": PUNE["conditions"] * 51}  # type: ignore[operator]
    assert {api.post("/segments/preview", {"query": query}).status_code for query in (deep, wide)} == {422}


@pytest.mark.parametrize("nasty", NASTY)
def test_a_hostile_value_is_only_looked_for(api: Caller, nasty: str) -> None:
    factories.make_customer(name="Asha")
    factories.make_customer(name=nasty)
    db.session.commit()
    told = api.post("/segments/preview", {"query": one("name", "is", nasty)}).json
    assert (told["count"], told["sample"][0]["name"]) == (1, nasty)


def test_what_takes_too_long_is_said(api: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = replace(FIELDS["city"], test=lambda *_: func.pg_sleep(5).is_not(None))
    monkeypatch.setitem(FIELDS, "city", slow)
    monkeypatch.setattr(people, "PATIENCE", timedelta(milliseconds=20))
    factories.make_customer()
    db.session.commit()
    segment = f"/segments/{kept(api)['id']}"
    answers = [api.post("/segments/preview", {"query": PUNE}), api.get(f"{segment}/customers")]
    assert [(answer.status_code, answer.json["error"]["code"]) for answer in answers] == [(409, "refused")] * 2


def test_one_that_asks_for_what_is_no_more_is_still_listed(api: Caller) -> None:
    told = kept(api)
    db.session.scalars(select(Segment)).one().query = one("gone")
    db.session.commit()
    assert api.get("/segments").json["items"][0]["sentence"] is None
    answer = api.get(f"/segments/{told['id']}/customers")
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["query.conditions.0.field"])


@pytest.mark.parametrize("id_", [NOBODY, "1", "fields2", "%00"])
def test_a_wrong_id_is_nothing(api: Caller, id_: str) -> None:
    calls = [("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/copy"), ("GET", "/customers")]
    answers = [api.call(how, f"/segments/{id_}{what}", **({"json": {}} if how == "PUT" else {})) for how, what in calls]
    assert {answer.status_code for answer in answers} == {404}


def test_an_agent_may_keep_and_a_viewer_may_ask(app: Flask, cast: SimpleNamespace, stranger: Caller) -> None:
    bob, vera = Caller(app, token_of(cast.bob)), Caller(app, token_of(cast.vera))
    segment = f"/segments/{kept(bob)['id']}"
    looks = ["/segments", segment, f"{segment}/customers", "/segments/fields"]
    assert {vera.get(path).status_code for path in looks} == {200}
    assert {stranger.get(path).status_code for path in looks} == {401}
    assert vera.post("/segments/preview", {"query": PUNE}).status_code == 200
    forbidden = [
        vera.post("/segments", {"name": "A", "query": PUNE}),
        vera.post(f"{segment}/copy"),
        vera.call("PUT", segment, json={"name": "B"}),
        vera.call("DELETE", segment),
    ]
    assert {answer.status_code for answer in forbidden} == {403}


def test_the_audit_log_has_it(api: Caller) -> None:
    told = kept(api)
    api.call("PUT", f"/segments/{told['id']}", json={"description": "Ours"})
    api.post(f"/segments/{told['id']}/copy")
    api.call("DELETE", f"/segments/{told['id']}")
    actions = [entry.action for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert actions[-4:] == ["segment.create", "segment.change", "segment.copy", "segment.delete"]
