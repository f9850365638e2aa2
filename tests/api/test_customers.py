"""Customers by the API: found or made, changed as far as said, never twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.auth.models import AuditEntry
from app.customers.models import ConsentEntry, Customer
from app.customers.service import suppression
from app.extensions import db
from app.shared import clock
from tests import factories
from tests.api.conftest import Caller, token_of

ASHA = {"phone": "098123 45678", "name": " Asha Rao ", "city": "Pune", "tags": ["Goa", "family, goa"]}


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Customer)) or 0


def made(**columns: Any) -> str:
    customer = factories.make_customer(**columns)
    db.session.commit()
    return str(customer.public_id)


def test_it_makes_a_customer_without_consent(api: Caller) -> None:
    answer = api.post("/customers", ASHA)
    assert answer.status_code == 201
    told = answer.json
    assert (told["phone"], told["name"], told["tags"]) == ("+919812345678", "Asha Rao", ["goa", "family"])
    assert (told["marketing_opt_in"], told["marketing_opt_in_at"]) == (False, None)
    assert db.session.scalars(select(ConsentEntry)).all() == []


def test_told_again_they_are_changed_and_not_doubled(api: Caller) -> None:
    first = api.post("/customers", ASHA).json
    answer = api.post("/customers", {"phone": "+91 98123-45678", "email": "asha@example.com", "city": None})
    assert (answer.status_code, answer.json["id"]) == (200, first["id"])
    assert (answer.json["name"], answer.json["email"], answer.json["city"]) == ("Asha Rao", "asha@example.com", None)
    assert count() == 1


def test_another_spelling_of_the_number_is_the_same_customer(api: Caller) -> None:
    first = made(phone="+5491123456789")
    answer = api.post("/customers", {"phone": "+541123456789", "name": "Lupe"})
    assert (answer.status_code, answer.json["id"], answer.json["phone"]) == (200, first, "+5491123456789")


def test_metas_user_id_is_enough_and_gets_its_phone_later(api: Caller) -> None:
    first = api.post("/customers", {"user_id": "IN.77", "name": "Ravi"})
    assert (first.status_code, first.json["phone"]) == (201, None)
    later = api.post("/customers", {"user_id": "IN.77", "phone": "+919812345678"})
    assert (later.status_code, later.json["id"], later.json["phone"]) == (200, first.json["id"], "+919812345678")


def test_two_people_are_not_made_one(api: Caller) -> None:
    made(phone="+919812345678"), made(phone=None, user_id="IN.77")
    answer = api.post("/customers", {"user_id": "IN.77", "phone": "+919812345678"})
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "refused")
    made(phone="+919812345679", user_id="IN.78")
    assert api.post("/customers", {"user_id": "IN.79", "phone": "+919812345679"}).status_code == 409


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("phone", {"phone": None}),
        ("phone", {"phone": "  "}),
        ("phone", {"phone": "12"}),
        ("email", {"email": "asha"}),
        ("zone", {"zone": "Asia/Nowhere"}),
        ("zone", {"zone": "../../etc/passwd"}),
        ("locale", {"locale": "Hindi!"}),
        ("name", {"name": "\x00"}),
        ("tags", {"tags": [f"tag {number}, and {number}" for number in range(60)]}),
        ("attributes", {"attributes": {f"a{number}": 1 for number in range(201)}}),
        ("marketing_opt_in", {"marketing_opt_in": True}),
    ],
)
def test_what_cannot_be_used_is_refused_at_its_field(api: Caller, field: str, said: dict[str, Any]) -> None:
    answer = api.post("/customers", {"phone": "+919812345678"} | said)
    assert answer.status_code == 422, answer.text
    assert list(answer.json["error"]["fields"]) == [field]
    assert count() == 0


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "1" * 400])
def test_no_number_that_is_none_becomes_an_attribute(api: Caller, number: str) -> None:
    body = f'{{"phone": "+919812345678", "attributes": {{"Children": {number}}}}}'
    answer = api.call("POST", "/customers", data=body, content_type="application/json")
    assert (answer.status_code, count()) == (422, 0), answer.text


def test_attributes_are_added_and_null_takes_one_away(api: Caller) -> None:
    customer = made(attributes={"Card": "gold", "Children": 2})
    answer = api.call("PUT", f"/customers/{customer}", json={"attributes": {"Card": None, "Vip": True, "Weight": 1.5}})
    assert answer.json["attributes"] == {"Children": 2, "Vip": True, "Weight": 1.5}
    attributes = {"attributes": {f"a{number}": 1 for number in range(198)}}
    assert api.call("PUT", f"/customers/{customer}", json=attributes).status_code == 422


def test_nobody_gets_the_number_of_another(api: Caller) -> None:
    made(phone="+919812345678", user_id="IN.1")
    other = made(phone="+919812345679")
    for field, value in (("phone", "+919812345678"), ("user_id", "IN.1")):
        answer = api.call("PUT", f"/customers/{other}", json={field: value})
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field])


def test_a_customer_keeps_one_way_to_be_reached(api: Caller) -> None:
    customer = made(phone="+919812345678")
    answer = api.call("PUT", f"/customers/{customer}", json={"phone": None})
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["phone"])
    assert api.call("PUT", f"/customers/{customer}", json={"phone": None, "user_id": "IN.1"}).json["phone"] is None


def test_tags_are_added_and_taken_away(api: Caller) -> None:
    customer = made(tags=["goa", "bali"])
    answer = api.post(f"/customers/{customer}/tags", {"add": ["Diwali", "goa"], "remove": ["BALI", "never had"]})
    assert answer.json["tags"] == ["goa", "diwali"]


def test_the_list_is_found_by_all_that_is_said(api: Caller) -> None:
    asha = made(phone="+919812345678", name="Asha Rao", tags=["goa"], city="Pune", last_inbound_at=clock.now())
    never_asked: dict[str, Any] = {"marketing_opt_in": False, "marketing_opt_in_at": None}
    made(phone="+919812345679", name="Ravi", tags=["goa"], city="Surat", **never_asked)
    lately = (clock.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for said in ("search=asha", "search=45678", "phone=09812345678", "tag=goa&city=Pune", "consent=in"):
        assert [one["id"] for one in api.get(f"/customers?{said}").json["items"]] == [asha], said
    assert api.get(f"/customers?active_since={lately}").json["total"] == 1
    assert api.get("/customers?tag=goa&limit=1&page=2").json["items"][0]["id"] == asha
    assert api.get("/customers?consent=unknown&tag=bali").json["total"] == 0


def test_whoever_is_suppressed_is_found_as_that_alone(api: Caller) -> None:
    made(phone="+919812345678")
    listed = made(phone="+919812345679")
    suppression.suppress(["+919812345679"], suppression.BY_HAND)
    db.session.commit()
    assert [one["id"] for one in api.get("/customers?consent=suppressed").json["items"]] == [listed]
    assert [api.get(f"/customers?consent={said}").json["total"] for said in ("in", "out", "unknown")] == [1, 0, 0]


@pytest.mark.parametrize("said", ["consent=maybe", "phone=1", "page=0", "active_since=yesterday", "colour=red"])
def test_a_question_nobody_understands_is_refused(api: Caller, said: str) -> None:
    answer = api.get(f"/customers?{said}")
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [said.split("=")[0]])


def test_a_customer_is_shown_with_what_their_sales_come_to(api: Caller) -> None:
    customer = factories.make_customer()
    for amount in ("100.50", "200"):
        factories.make_sale(customer, amount=Decimal(amount))
    db.session.commit()
    told = api.get(f"/customers/{customer.public_id}").json
    assert [(sum_["currency"], sum_["count"], sum_["amount"]) for sum_ in told["sales"]] == [("INR", 2, "300.50")]
    assert told["is_suppressed"] is False


def test_an_agent_may_change_them_and_a_viewer_may_look(app: Flask, cast: SimpleNamespace) -> None:
    bob, vera = Caller(app, token_of(cast.bob)), Caller(app, token_of(cast.vera))
    customer = bob.post("/customers", ASHA).json["id"]
    assert vera.get(f"/customers/{customer}").status_code == 200
    for path, body in (("/customers", ASHA), (f"/customers/{customer}/tags", {"add": ["x"]})):
        assert vera.post(path, body).status_code == 403
    assert vera.call("PUT", f"/customers/{customer}", json={"name": "x"}).status_code == 403


def test_the_audit_log_says_who_did_it_and_no_values(api: Caller, cast: SimpleNamespace) -> None:
    api.post("/customers", ASHA)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "customer.create")).one()
    assert (entry.user_id, entry.details) == (cast.mona.id, {"fields": ["city", "name", "phone", "tags"]})


def test_two_programs_that_tell_of_one_person_at_once_make_one_customer(app: Flask, api: Caller) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: api.post("/customers", ASHA).status_code, range(8)))
    assert sorted(answers) == [200] * 7 + [201]
    assert count() == 1
