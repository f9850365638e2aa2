"""The customers room as the team sees it."""

from __future__ import annotations

import csv
from io import StringIO
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.auth.models import AuditEntry
from app.customers.models import Customer, Import, ImportFault, ImportStatus
from app.extensions import db
from app.shared import clock
from tests.factories import login, make_customer


@pytest.fixture
def bob(client: FlaskClient, cast: SimpleNamespace) -> FlaskClient:
    return login(client, cast.bob)


def test_it_says_so_when_there_is_nobody(bob: FlaskClient) -> None:
    assert "No customers yet" in bob.get("/customers").text


@pytest.mark.parametrize("search", ["+91 98123 45", "098123", "12345678", "ravi"])
def test_it_finds_people_by_part_of_number_or_name(bob: FlaskClient, search: str) -> None:
    make_customer(phone="+919812345678", name="Ravi Shah")
    make_customer(phone="+919799999999", name="Bina")
    db.session.commit()

    page = bob.get("/customers", query_string={"search": search}).text

    assert "Ravi Shah" in page
    assert "Bina" not in page


@pytest.mark.parametrize(
    ("filters", "found"), [({"tag": "goa"}, "Gita"), ({"consent": "out"}, "Omar"), ({"consent": "unknown"}, "Uma")]
)
def test_it_filters_by_tag_and_consent(bob: FlaskClient, filters: dict[str, str], found: str) -> None:
    make_customer(name="Gita", tags=["goa"])
    make_customer(name="Omar", marketing_opt_in=False, marketing_opt_out_at=clock.now())
    make_customer(name="Uma", marketing_opt_in=False, marketing_opt_in_at=None)
    db.session.commit()

    page = bob.get("/customers", query_string=filters).text

    assert [name for name in ("Gita", "Omar", "Uma") if name in page] == [found]


def test_a_percent_sign_is_no_wildcard(bob: FlaskClient) -> None:
    make_customer(name="Asha")
    db.session.commit()

    assert "Asha" not in bob.get("/customers?search=%25").text


def test_a_customer_is_added_with_the_number_in_full(bob: FlaskClient) -> None:
    answer = bob.post("/customers/new", data={"phone": "098123 45678", "name": "Asha", "tags": "Goa, VIP, goa"})

    customer = db.session.scalars(select(Customer)).one()
    assert answer.status_code == 302
    assert (customer.phone, customer.tags) == ("+919812345678", ["goa", "vip"])
    assert not customer.marketing_opt_in
    assert db.session.scalars(select(AuditEntry.action)).all()[-1] == "customer.create"


@pytest.mark.parametrize("phone", ["", "12", "not a number"])
def test_an_unusable_number_gets_a_sentence_at_the_field(bob: FlaskClient, phone: str) -> None:
    answer = bob.post("/customers/new", data={"phone": phone, "name": "Asha"})

    assert answer.status_code == 422
    assert "This phone number cannot be used" in answer.text
    assert 'value="Asha"' in answer.text


def test_a_number_is_nobody_elses(bob: FlaskClient) -> None:
    make_customer(phone="+919812345678")
    other = make_customer(name="Bina")
    db.session.commit()

    answer = bob.post(f"/customers/{other.public_id}/edit", data={"phone": "9812345678", "name": "Binny"})

    assert answer.status_code == 422
    assert "already a customer with +919812345678" in answer.text
    assert db.session.scalars(select(Customer.name).where(Customer.id == other.id)).one() == "Bina"


def test_a_customer_is_changed(bob: FlaskClient) -> None:
    customer = make_customer()
    db.session.commit()
    assert customer.phone in bob.get(f"/customers/{customer.public_id}/edit").text

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
