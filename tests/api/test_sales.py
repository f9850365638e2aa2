"""Sales by the API: one or a thousand, told twice and there once."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.auth.models import AuditEntry
from app.customers.models import Customer, Sale
from app.extensions import db
from app.shared import clock
from tests import factories
from tests.api.conftest import Caller, token_of

NOBODY = "00000000-0000-7000-8000-000000000000"
PHONE = "+919812345678"
BALI = {
    "phone": PHONE,
    "amount": "48500",
    "currency": "INR",
    "category": "Bali",
    "sold_at": "2026-10-02T11:30:00+05:30",
}


@pytest.fixture
def asha(app: Flask) -> Customer:
    customer = factories.make_customer(phone=PHONE, user_id="IN.77")
    db.session.commit()
    return customer


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Sale)) or 0


def test_it_records_a_sale(api: Caller, asha: Customer) -> None:
    answer = api.post("/sales", BALI | {"starts_on": "2026-12-20", "external_id": "ORD-1"})
    assert answer.status_code == 201, answer.text
    told = answer.json
    assert (told["customer_id"], told["phone"]) == (str(asha.public_id), PHONE)
    assert (told["amount"], told["currency"], told["source"]) == ("48500.00", "INR", "api")
    assert (told["sold_at"], told["starts_on"]) == ("2026-10-02T06:00:00Z", "2026-12-20")
    assert api.get(f"/sales/{told['id']}").json == told


@pytest.mark.parametrize("whose", [{"phone": "098123 45678"}, {"user_id": "IN.77"}, {"customer_id": None}])
def test_its_customer_is_named_in_any_way(api: Caller, asha: Customer, whose: dict[str, Any]) -> None:
    named = {key: value or str(asha.public_id) for key, value in whose.items()}
    answer = api.post("/sales", {**BALI, "phone": None, **named})
    assert (answer.status_code, answer.json["customer_id"]) == (201, str(asha.public_id))


def test_told_again_it_is_changed_and_not_doubled(api: Caller, asha: Customer) -> None:
    first = api.post("/sales", BALI | {"external_id": "ORD-1"}).json
    again = api.post("/sales", BALI | {"external_id": "ORD-1", "amount": 50000.5})
    assert (again.status_code, again.json["id"], again.json["amount"]) == (200, first["id"], "50000.50")
    assert count() == 1


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("amount", {"amount": "-1"}),
        ("amount", {"amount": "1e10"}),
        ("amount", {"amount": "1.005"}),
        ("amount", {"amount": "NaN"}),
        ("amount", {"amount": "a lot"}),
        ("amount", {"amount": 0.1 + 0.2}),
        ("currency", {"currency": "QQQ"}),
        ("currency", {"currency": "₹"}),
        ("sold_at", {"sold_at": "2026-10-02T11:30:00"}),
        ("sold_at", {"sold_at": "2999-10-02T11:30:00Z"}),
        ("sold_at", {"sold_at": "0001-01-01T00:00:00+05:30"}),
        ("sold_at", {"sold_at": "9999-12-31T23:59:59-05:00"}),
        ("starts_on", {"starts_on": "soon"}),
        ("phone", {"phone": None}),
        ("phone", {"phone": "12"}),
        ("phone", {"phone": "+919812345679"}),
        ("phone", {"user_id": "IN.77"}),
        ("customer_id", {"phone": None, "customer_id": NOBODY}),
        ("category", {"category": "\x00"}),
        ("source", {"source": "csv"}),
    ],
)
def test_what_cannot_be_sold_is_refused_at_its_field(
    api: Caller, asha: Customer, field: str, said: dict[str, Any]
) -> None:
    answer = api.post("/sales", BALI | said)
    assert answer.status_code == 422, answer.text
    assert list(answer.json["error"]["fields"]) == [field]
    assert count() == 0


def test_of_many_it_records_the_good_and_names_the_others(api: Caller, asha: Customer) -> None:
    api.post("/sales", BALI | {"external_id": "ORD-1"})
    told = [
        BALI | {"external_id": "ORD-2"},
        BALI | {"amount": "1.005"},
        BALI | {"phone": "+919812345679"},
        BALI | {"external_id": "ORD-1", "amount": "1"},
        BALI | {"external_id": "ORD-2"},
        BALI,
    ]
    answer = api.post("/sales/batch", told)
    assert answer.status_code == 200, answer.text
    assert {name: answer.json[name] for name in ("created", "changed", "invalid")} == {
        "created": 2,
        "changed": 1,
        "invalid": 3,
    }
    done = [(one["row"], one["outcome"]) for one in answer.json["sales"]]
    assert done == [(0, "created"), (3, "changed"), (5, "created")]
    errors = [(error["row"], error["field"]) for error in answer.json["errors"]]
    assert errors == [(1, "amount"), (2, "phone"), (4, "external_id")]
    assert count() == 3


def test_a_thousand_are_recorded_at_once_and_no_more(api: Caller, asha: Customer) -> None:
    told = [BALI | {"external_id": f"ORD-{number}"} for number in range(1001)]
    assert api.post("/sales/batch", told).status_code == 422
    assert api.post("/sales/batch", []).status_code == 422
    assert api.post("/sales/batch", told[:1000]).json["created"] == 1000
    assert api.post("/sales/batch", told[:1000]).json["changed"] == count() == 1000


def test_a_shape_that_is_wrong_is_told_with_its_row(api: Caller, asha: Customer) -> None:
    answer = api.post("/sales/batch", [BALI, BALI | {"amount": "a lot"}])
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["1.amount"])
    assert count() == 0


def test_the_list_is_found_by_all_that_is_said(api: Caller, asha: Customer) -> None:
    today = clock.now().date()
    new = factories.make_sale(asha, source="csv", external_id="7")
    factories.make_sale(asha, category="Goa", sold_at=clock.now() - timedelta(days=90), starts_on=None, source="api")
    factories.make_sale(None, category="Goa", currency="KWD", sold_at=clock.now() - timedelta(days=91), starts_on=None)
    db.session.commit()
    lately = (clock.now() - timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for said in (f"sold_from={lately}", "category=Bali", "source=csv&external_id=7", f"starts_from={today}"):
        assert [one["id"] for one in api.get(f"/sales?{said}").json["items"]] == [str(new.public_id)], said
    assert api.get(f"/sales?customer_id={asha.public_id}").json["total"] == 2
    assert api.get(f"/sales?customer_id={NOBODY}").json["total"] == 0
    assert api.get(f"/sales?sold_before={lately}&currency=kwd").json["items"][0]["customer_id"] is None
    assert api.get(f"/sales?starts_until={today}").json["total"] == 0
    categories = [one["category"] for one in api.get("/sales?limit=2").json["items"]]
    assert categories == ["Bali", "Goa"]


def test_it_is_changed_whole_and_deleted(api: Caller, asha: Customer) -> None:
    sale = f"/sales/{api.post('/sales', BALI | {'external_id': 'ORD-1', 'product': 'Ubud'}).json['id']}"
    told = api.call("PUT", sale, json=BALI | {"amount": "7"}).json
    assert (told["amount"], told["product"], told["external_id"]) == ("7.00", None, None)
    assert api.call("DELETE", sale).status_code == 204
    assert (api.get(sale).status_code, api.call("DELETE", sale).status_code) == (404, 404)


def test_an_agent_may_record_and_a_viewer_may_look(app: Flask, cast: SimpleNamespace, asha: Customer) -> None:
    bob, vera = Caller(app, token_of(cast.bob)), Caller(app, token_of(cast.vera))
    sale = f"/sales/{bob.post('/sales', BALI).json['id']}"
    assert vera.get("/sales").json["total"] == 1
    assert {vera.post("/sales", BALI).status_code, vera.post("/sales/batch", [BALI]).status_code} == {403}
    assert {vera.call("PUT", sale, json=BALI).status_code, vera.call("DELETE", sale).status_code} == {403}


def test_the_audit_log_has_it(api: Caller, asha: Customer) -> None:
    api.post("/sales", BALI | {"external_id": "1"})
    api.post("/sales/batch", [BALI | {"external_id": "1"}, BALI | {"amount": "-1"}])
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()[-2:]
    assert [entry.action for entry in entries] == ["sale.create", "sales.record"]
    assert entries[1].details == {"created": 0, "changed": 1, "invalid": 1}
