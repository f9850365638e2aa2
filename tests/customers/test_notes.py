"""Notes and sales that the team writes down on a customer's page."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.customers.models import Customer, CustomerNote, Sale
from app.extensions import db
from tests.factories import login, make_customer, make_sale

SOLD = {"amount": "18900.50", "currency": "inr", "sold_at": "2026-03-01T10:30", "category": "Goa", "product": "Weekend"}
SOLD |= {"starts_on": "2026-04-01", "external_id": "BK-1"}


@pytest.fixture
def bob(client: FlaskClient, cast: SimpleNamespace) -> FlaskClient:
    return login(client, cast.bob)


@pytest.fixture
def asha(app: object) -> Customer:
    customer = make_customer(name="Asha")
    db.session.commit()
    return customer


def url(customer: Customer, *path: object) -> str:
    return "/".join(["/customers", str(customer.public_id), *map(str, path)])


def note(customer: Customer, author_id: int | None) -> CustomerNote:
    it = CustomerNote(customer_id=customer.id, body="Loves windows", author_id=author_id)
    db.session.add(it)
    db.session.commit()
    return it


def test_a_note_is_written_changed_and_deleted_by_its_author(bob: FlaskClient, asha: Customer) -> None:
    page = bob.post(url(asha, "notes"), data={"body": " Loves\r\nwindows "}, follow_redirects=True).text
    kept = db.session.scalars(select(CustomerNote)).one()
    assert (kept.body, "Edit this note" in page) == ("Loves\nwindows", True)

    bob.post(url(asha, "notes", kept.id), data={"body": "Loves aisles"})
    assert db.session.scalars(select(CustomerNote.body)).one() == "Loves aisles"

    bob.post(url(asha, "notes", kept.id, "delete"))
    assert db.session.scalars(select(CustomerNote)).all() == []


@pytest.mark.parametrize("body", ["", "   ", "x" * 5001])
def test_a_note_says_something(bob: FlaskClient, asha: Customer, body: str) -> None:
    answer = bob.post(url(asha, "notes"), data={"body": body})

    assert answer.status_code == 422
    assert ("Write something first." in answer.text) or ("A note has at most 5,000 characters." in answer.text)


def test_anothers_note_is_left_alone(bob: FlaskClient, cast: SimpleNamespace, asha: Customer) -> None:
    theirs = note(asha, cast.mona.id)

    assert "Edit this note" not in bob.get(url(asha)).text
    assert bob.post(url(asha, "notes", theirs.id), data={"body": "Mine"}).status_code == 409
    assert bob.post(url(asha, "notes", theirs.id, "delete")).status_code == 409
    assert db.session.scalars(select(CustomerNote.body)).one() == "Loves windows"


def test_a_note_is_found_on_its_own_customer_only(bob: FlaskClient, cast: SimpleNamespace, asha: Customer) -> None:
    theirs = note(asha, cast.bob.id)
    other = make_customer()
    db.session.commit()

    assert bob.get(url(other, "notes", theirs.id)).status_code == 404
    assert bob.get(url(asha, "notes", theirs.id)).status_code == 200


def test_a_sale_is_told_by_hand_in_the_workspaces_zone(bob: FlaskClient, asha: Customer) -> None:
    assert 'value="INR"' in bob.get(url(asha, "sales", "new")).text

    bob.post(url(asha, "sales", "new"), data=SOLD)

    sale = db.session.scalars(select(Sale)).one()
    assert (sale.amount, sale.currency, sale.source) == (Decimal("18900.5"), "INR", "form")
    assert (sale.sold_at.isoformat(), str(sale.starts_on)) == ("2026-03-01T05:00:00+00:00", "2026-04-01")
    assert "₹18,900.50" in bob.get(url(asha)).text


@pytest.mark.parametrize(
    ("field", "written", "sentence"),
    [
        ("amount", "", "Give the amount."),
        ("amount", "a lot", "Not a valid decimal value."),
        ("amount", "NaN", "An amount is 0 or more"),
        ("amount", "-1", "An amount is 0 or more"),
        ("amount", "1.005", "at most 2 decimals"),
        ("currency", "ZZZ", "is not a currency"),
        ("sold_at", "", "Say when it was sold."),
        ("sold_at", "2999-01-01T00:00", "A sale lies in the past"),
        ("sold_at", "0001-01-01T00:00", "Sales from before 1970 are not kept."),
        ("starts_on", "soon", "Not a valid date value."),
    ],
)
def test_what_cannot_be_a_sale_is_told_at_the_field(
    bob: FlaskClient, asha: Customer, field: str, written: str, sentence: str
) -> None:
    answer = bob.post(url(asha, "sales", "new"), data=SOLD | {field: written})

    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert db.session.scalars(select(Sale)).all() == []


def test_a_booking_number_is_one_sales_only(bob: FlaskClient, asha: Customer) -> None:
    other = make_customer()
    make_sale(other, external_id="BK-1", amount=Decimal(5))
    db.session.commit()

    answer = bob.post(url(asha, "sales", "new"), data=SOLD)

    assert answer.status_code == 422
    assert "Another sale has this booking number." in answer.text
    assert db.session.execute(select(Sale.customer_id, Sale.amount)).all() == [(other.id, Decimal(5))]


def test_a_sale_is_changed_and_deleted(bob: FlaskClient, asha: Customer) -> None:
    sale = make_sale(asha)
    db.session.commit()
    assert 'value="48500.00"' in bob.get(url(asha, "sales", sale.public_id)).text

    bob.post(url(asha, "sales", sale.public_id), data=SOLD)
    assert db.session.scalars(select(Sale.category)).one() == "Goa"
    bob.post(url(asha, "sales", sale.public_id, "delete"))

    assert db.session.scalars(select(Sale)).all() == []


def test_anothers_sale_is_not_changed_here(bob: FlaskClient, asha: Customer) -> None:
    sale = make_sale(make_customer())
    db.session.commit()

    assert bob.get(url(asha, "sales", sale.public_id)).status_code == 404
    assert bob.post(url(asha, "sales", sale.public_id, "delete")).status_code == 404


def test_who_only_looks_writes_nothing(client: FlaskClient, cast: SimpleNamespace, asha: Customer) -> None:
    sale, theirs = make_sale(asha), note(asha, cast.bob.id)
    db.session.commit()
    login(client, cast.vera)

    for path in (("notes",), ("notes", theirs.id), ("sales", "new"), ("sales", sale.public_id)):
        assert client.post(url(asha, *path)).status_code == 403


def test_a_note_of_an_impossible_number_is_not_there(bob: FlaskClient, asha: Customer) -> None:
    assert bob.get(url(asha, "notes", 2**63)).status_code == 404
