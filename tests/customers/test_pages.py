"""The customers room as the team sees it."""

from __future__ import annotations

import csv
from io import StringIO
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.auth.models import AuditEntry
from app.customers.imports.models import Import, ImportFault, ImportStatus
from app.customers.models import Customer
from app.customers.service import suppression
from app.extensions import db
from tests.factories import login, make_customer


@pytest.fixture
def bob(client: FlaskClient, cast: SimpleNamespace) -> FlaskClient:
    return login(client, cast.bob)


def test_it_says_so_when_there_is_nobody(bob: FlaskClient) -> None:
    assert "No customers yet" in bob.get("/customers").text


def test_a_customer_is_added_with_the_number_in_full(bob: FlaskClient) -> None:
    answer = bob.post("/customers/new", data={"phone": "098123 45678", "name": "Asha", "tags": "Goa, VIP, goa"})

    customer = db.session.scalars(select(Customer)).one()
    assert answer.status_code == 302
    assert (customer.phone, customer.tags) == ("+919812345678", ["goa", "vip"])
    assert not customer.marketing_opt_in
    assert db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()[-1] == "customer.create"


@pytest.mark.parametrize(
    ("field", "written", "sentence"),
    [
        ("phone", "", "Give a phone number, or the id by which Meta knows them."),
        ("phone", "12", "This phone number cannot be used"),
        ("phone", "not a number", "This phone number cannot be used"),
        ("email", "asha@", "This is not an email address."),
        ("zone", "Asia/Nowhere", "There is no such time zone"),
        ("locale", "???", "Write a language like en"),
        ("tags", ",".join(f"tag{n}" for n in range(101)), "A customer has at most 100 tags."),
    ],
)
def test_what_cannot_be_used_gets_a_sentence_at_its_field(
    bob: FlaskClient, field: str, written: str, sentence: str
) -> None:
    answer = bob.post("/customers/new", data={"phone": "9812345678", "name": "Asha", field: written})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="Asha"' in answer.text
    assert db.session.scalars(select(Customer)).all() == []


def test_whom_meta_knows_needs_no_number(bob: FlaskClient) -> None:
    bob.post("/customers/new", data={"user_id": "IN.1234567890", "name": "Asha"})

    assert db.session.scalars(select(Customer.user_id)).one() == "IN.1234567890"


def test_every_field_is_kept(bob: FlaskClient) -> None:
    told = {"name": "Asha Rao", "email": "asha@example.com", "city": "Pune", "zone": "Asia/Kolkata", "locale": "hi"}
    attributes = {"attributes-0-name": "Interest", "attributes-0-value": "Bali", "attributes-1-name": "Empty"}
    bob.post("/customers/new", data={"phone": "9812345678", **told, **attributes})

    customer = db.session.scalars(select(Customer)).one()
    assert {name: getattr(customer, name) for name in told} == told
    assert customer.attributes == {"Interest": "Bali"}


def test_attributes_left_as_they_were_shown_stay_what_they_are(bob: FlaskClient) -> None:
    customer = make_customer(attributes={"Age": 30, "Seats": [1, 2], "Old": "x"})
    db.session.commit()
    rows = {"Age": "30", "Seats": "[1, 2]", "Old": "", "New": "31"}
    data = {
        f"attributes-{n}-{part}": it
        for n, pair in enumerate(rows.items())
        for part, it in zip(("name", "value"), pair, strict=True)
    }
    assert 'value="[1, 2]"' in bob.get(f"/customers/{customer.public_id}/edit").text

    bob.post(f"/customers/{customer.public_id}/edit", data={"phone": customer.phone, **data})

    assert db.session.scalars(select(Customer.attributes)).one() == {"Age": 30, "Seats": [1, 2], "New": "31"}


def test_a_suppressed_number_is_told_of_when_it_is_added(bob: FlaskClient) -> None:
    suppression.suppress(["+919812345678"], "erased")
    db.session.commit()

    page = bob.post("/customers/new", data={"phone": "9812345678"}, follow_redirects=True).text

    assert "They are on the suppression list" in page


def test_a_number_is_nobody_elses(bob: FlaskClient) -> None:
    make_customer(phone="+919812345678")
    other = make_customer(name="Bina")
    db.session.commit()

    answer = bob.post(f"/customers/{other.public_id}/edit", data={"phone": "9812345678", "name": "Binny"})

    assert answer.status_code == 422
    assert "Another customer has this already." in answer.text
    assert db.session.scalars(select(Customer.name).where(Customer.id == other.id)).one() == "Bina"


def test_a_known_number_is_not_added_twice(bob: FlaskClient) -> None:
    make_customer(phone="+919812345678", name="Ravi")
    db.session.commit()

    answer = bob.post("/customers/new", data={"phone": "9812345678", "name": "Asha"})

    assert answer.status_code == 422
    assert "There is already a customer with +919812345678: Ravi." in answer.text


def test_a_customer_is_changed(bob: FlaskClient) -> None:
    customer = make_customer()
    db.session.commit()
    assert str(customer.phone) in bob.get(f"/customers/{customer.public_id}/edit").text

    bob.post(f"/customers/{customer.public_id}/edit", data={"phone": customer.phone, "city": "Pune"})

    assert db.session.scalars(select(Customer.city)).one() == "Pune"


def test_opting_out_is_shown_with_its_proof(bob: FlaskClient) -> None:
    customer = make_customer()
    db.session.commit()
    bob.post(f"/customers/{customer.public_id}/opt-out", data={"wording": "wrote STOP in a mail"})

    page = bob.get(f"/customers/{customer.public_id}").text
    assert "opted out" in page
    assert "wrote STOP in a mail" in page


def test_consent_without_words_is_none(bob: FlaskClient) -> None:
    customer = make_customer(marketing_opt_in=False)
    db.session.commit()

    answer = bob.post(f"/customers/{customer.public_id}/opt-in", data={"wording": ""})

    assert answer.status_code == 422
    assert "Say how we know" in answer.text


def test_who_only_looks_changes_nothing(client: FlaskClient, cast: SimpleNamespace) -> None:
    customer = make_customer()
    db.session.commit()
    login(client, cast.vera)

    assert client.get(f"/customers/{customer.public_id}").status_code == 200
    for path in ("opt-in", "opt-out", "edit"):
        assert client.post(f"/customers/{customer.public_id}/{path}").status_code == 403
    assert client.get("/customers/new").status_code == 403


def test_there_is_no_such_customer(bob: FlaskClient) -> None:
    assert bob.get("/customers/00000000-0000-7000-8000-000000000000").status_code == 404


def test_a_running_import_is_asked_again_and_a_finished_one_not(bob: FlaskClient) -> None:
    import_ = _import(status=ImportStatus.IMPORTING, bytes_done=512, total=10)
    running = bob.get(f"/imports/{import_.public_id}/progress").text
    import_.status = ImportStatus.IMPORTED
    db.session.commit()

    assert 'hx-trigger="every 2s"' in running
    assert "hx-trigger" not in bob.get(f"/imports/{import_.public_id}/progress").text


def test_the_rows_not_imported_are_downloaded_harmless(bob: FlaskClient) -> None:
    import_ = _import(status=ImportStatus.IMPORTED)
    rows = ["=cmd();12", 'Asha "the;', ""]
    db.session.add_all(
        ImportFault(import_id=import_.id, row_number=n + 2, reason="too short", original=row)
        for n, row in enumerate(rows)
    )
    db.session.commit()

    answer = bob.get(f"/imports/{import_.public_id}/errors.csv")

    lines = list(csv.reader(StringIO(answer.text)))
    assert lines[0] == ["Row", "Reason", "Name", "Phone"]
    assert lines[1] == ["2", "too short", "'=cmd()", "12"]
    assert len(lines) == 4
    assert "people - not imported.csv" in answer.headers["Content-Disposition"]


def _import(**columns: object) -> Import:
    reading = {"columns": ["Name", "Phone"], "delimiter": ";"}
    import_ = Import(**{"file_key": "k", "file_name": "people.csv", "bytes_total": 1024, "reading": reading} | columns)
    db.session.add(import_)
    db.session.commit()
    return import_
