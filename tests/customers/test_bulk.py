"""One deed for many customers."""

from __future__ import annotations

import csv
from io import StringIO
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.auth.models import AuditEntry
from app.customers.jobs import bulk as jobs
from app.customers.models import BulkChange, BulkDeed, Customer, Sale
from app.customers.privacy.models import Erasure
from app.customers.service import bulk, suppression
from app.extensions import db
from app.shared.errors import Invalid, Refused
from tests.factories import login, make_customer, make_sale


@pytest.fixture
def mona(client: FlaskClient, cast: SimpleNamespace) -> FlaskClient:
    return login(client, cast.mona)


def tags_of(name: str) -> list[str]:
    return list(db.session.scalars(select(Customer.tags).where(Customer.name == name)).one())


def told(answer: TestResponse) -> str:
    return answer.request.path + " " + answer.text


def test_those_ticked_get_tags(mona: FlaskClient) -> None:
    asha, _ = make_customer(name="Asha", tags=["vip"]), make_customer(name="Bina")
    db.session.commit()

    answer = mona.post(
        "/customers/tag", data={"chosen": [str(asha.public_id)], "tags": "Goa, VIP, goa"}, follow_redirects=True
    )

    assert "Done: 1 of 1 got the tag." in answer.text
    assert (tags_of("Asha"), tags_of("Bina")) == (["vip", "goa"], [])
    assert "customers.tag" in db.session.scalars(select(AuditEntry.action)).all()


def test_all_who_fit_lose_a_tag_and_nobody_else(mona: FlaskClient) -> None:
    make_customer(name="Asha", city="Pune", tags=["goa", "vip"])
    make_customer(name="Bina", city="Delhi", tags=["goa"])
    db.session.commit()

    answer = mona.post("/customers/untag", data={"all": "1", "city": "Pune", "tags": "goa", "sort": "name"})

    assert (tags_of("Asha"), tags_of("Bina")) == (["vip"], ["goa"])
    assert answer.location == "/customers?city=Pune&sort=name"


def test_nobody_gets_more_tags_than_there_may_be(mona: FlaskClient) -> None:
    make_customer(name="Asha", tags=[f"tag{n}" for n in range(100)])
    db.session.commit()

    answer = mona.post("/customers/tag", data={"all": "1", "tags": "goa"}, follow_redirects=True)

    assert "Done: 0 of 1 got the tag." in answer.text


@pytest.mark.parametrize(
    ("path", "data", "sentence"),
    [
        ("tag", {"tags": "goa"}, "Choose somebody first."),
        ("tag", {"all": "1", "tags": " , "}, "Write a tag first."),
        ("tag", {"chosen": ["nonsense"], "tags": "goa"}, "Choose somebody first."),
        ("export", {}, "Choose somebody first."),
        ("erase", {"all": "1", "city": "Nowhere"}, "Choose somebody first."),
    ],
)
def test_what_is_missing_is_told(mona: FlaskClient, path: str, data: dict[str, object], sentence: str) -> None:
    make_customer(name="Asha")
    db.session.commit()

    assert sentence in mona.post(f"/customers/{path}", data=data, follow_redirects=True).text
    assert tags_of("Asha") == []


def test_many_are_done_step_by_step_by_a_worker(mona: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(bulk.STEP, BulkDeed.TAG, 2)
    for _ in range(5):
        make_customer()
    db.session.commit()

    page = mona.post("/customers/tag", data={"all": "1", "tags": "goa"}, follow_redirects=True)
    change = db.session.scalars(select(BulkChange)).one()
    assert (change.done, change.total) == (2, 5)
    assert 'hx-trigger="every 2s"' in page.text
    jobs.go_on(change.id)

    db.session.expire_all()
    assert (change.done, change.changed, change.customer_ids) == (5, 5, [])
    assert db.session.scalar(select(func.count()).where(Customer.tags.contains(["goa"]))) == 5
    assert "hx-trigger" not in mona.get(f"/customers/bulk/{change.public_id}/progress").text


def test_who_comes_to_fit_later_is_not_meant(mona: FlaskClient, cast: SimpleNamespace) -> None:
    make_customer(name="Asha")
    change = bulk.ask(BulkDeed.TAG, [], cast.mona, ["goa"])
    make_customer(name="Bina")
    bulk.start(change, cast.mona)
    db.session.commit()

    jobs.go_on(change.id)

    assert (tags_of("Asha"), tags_of("Bina")) == (["goa"], [])


def test_a_step_is_taken_by_one_worker_and_never_twice(app: Flask, cast: SimpleNamespace) -> None:
    make_customer(name="Asha")
    change = bulk.ask(BulkDeed.TAG, [], cast.mona, ["goa"])
    db.session.commit()
    assert bulk.take_step(change.id) is None  # not begun
    bulk.start(change, cast.mona)
    db.session.commit()

    steps = [jobs.take_step(change.id), jobs.take_step(change.id)]

    assert steps == [bulk.Step(is_last=True), None]
    assert bulk.unfinished() == []
    with pytest.raises(Refused, match="begun already"):
        bulk.start(change, cast.mona)


def test_erasing_asks_for_the_number_first(mona: FlaskClient) -> None:
    customers = [
        make_customer(name=name, phone=phone) for name, phone in (("Asha", "+919812345601"), ("Bina", "+919812345602"))
    ]
    make_sale(customers[0])
    db.session.commit()

    page = mona.post("/customers/erase", data={"chosen": [it.public_id for it in customers]}, follow_redirects=True)
    start = f"{page.request.path}/start"
    refused = mona.post(start, data={"typed": "3"})
    assert "Type 2 to say that you mean it" in page.text
    assert (refused.status_code, "Type 2 to say" in refused.text) == (422, True)
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 2

    done = mona.post(start, data={"typed": "2"}, follow_redirects=True)

    assert "Done: 2 of 2 erased." in done.text
    assert db.session.scalars(select(Customer)).all() == []
    assert db.session.scalars(select(Sale.customer_id)).all() == [None]
    assert suppression.is_suppressed("+919812345601")
    assert db.session.scalar(select(func.count()).select_from(Erasure)) == 1  # both are searched for at once


def test_so_many_cannot_be_erased_at_once(app: Flask, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MOST_ERASED", 1)
    make_customer()
    make_customer()

    with pytest.raises(Invalid, match="narrow the list down"):
        bulk.ask(BulkDeed.ERASE, [], cast.mona)


def test_an_agent_tags_but_does_not_erase(client: FlaskClient, cast: SimpleNamespace) -> None:
    make_customer()
    db.session.commit()
    login(client, cast.bob)

    assert client.post("/customers/erase", data={"all": "1"}).status_code == 403
    assert "Erase…" not in client.get("/customers").text
    assert client.post("/customers/tag", data={"all": "1", "tags": "goa"}).status_code == 302


def test_a_viewer_only_looks(client: FlaskClient, cast: SimpleNamespace) -> None:
    make_customer()
    db.session.commit()
    login(client, cast.vera)

    assert 'name="chosen"' not in client.get("/customers").text
    for path in ("tag", "untag", "export", "erase"):
        assert client.post(f"/customers/{path}", data={"all": "1", "tags": "x"}).status_code == 403


def test_the_export_has_all_fields_and_runs_no_formula(mona: FlaskClient) -> None:
    make_customer(
        name="=cmd()", phone="+919812345678", city="Pune", tags=["goa", "vip"], attributes={"Age": 30, "-x": "@y"}
    )
    make_customer(name="Bina", city="Delhi")
    db.session.commit()

    answer = mona.post("/customers/export", data={"all": "1", "city": "Pune"})

    header, *rows = csv.reader(StringIO(answer.text))
    [row] = [dict(zip(header, row, strict=True)) for row in rows]
    assert row["Name"] == "'=cmd()"
    assert (row["Phone"], row["Tags"], row["Age"], row["'-x"]) == ("+919812345678", "goa, vip", "30", "'@y")
    assert 'attachment; filename="customers ' in answer.headers["Content-Disposition"]
    assert "customers.export" in db.session.scalars(select(AuditEntry.action)).all()


def test_only_those_ticked_are_exported(mona: FlaskClient) -> None:
    asha, _ = make_customer(name="Asha"), make_customer(name="Bina")
    db.session.commit()

    text = mona.post("/customers/export", data={"chosen": str(asha.public_id), "city": "Nowhere"}).text

    assert ("Asha" in text, "Bina" in text) == (True, False)
