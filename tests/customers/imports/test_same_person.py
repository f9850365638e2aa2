"""Rows that name one person, each in its own way: the first counts, and a no in any of them is a no."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.customers.imports import reading
from app.customers.imports.models import Import, ImportStatus
from app.customers.models import Customer
from app.extensions import db
from tests import factories
from tests.customers.imports.people_files import brought_in, checked, contents, figures, received, said, undone

ASHA, USER = "+919812345671", "IN.13491208655302741918"
BINA, NOBODY = "+919812345672", "+919812345673"
COLUMNS = {"0": "phone", "1": "user_id", "2": "name", "3": "consent"}
HEAD = "Phone,User,Name,OK\n"


@pytest.fixture(params=[1, 20_000], ids=["apart", "together"])
def chunk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows in one transaction, or each in its own."""
    monkeypatch.setattr(reading, "CHUNK", request.param)


def people() -> list[tuple[Any, ...]]:
    columns = Customer.phone, Customer.user_id, Customer.name, Customer.marketing_opt_in
    return [tuple(row) for row in db.session.execute(select(*columns).order_by(Customer.id))]


def opted_out() -> list[bool]:
    db.session.expire_all()
    return [one.is_opted_out for one in db.session.scalars(select(Customer).order_by(Customer.id))]


def fine(import_: Import) -> Import:
    assert import_.status is ImportStatus.IMPORTED, import_.error
    return import_


def test_by_the_number_in_one_row_and_the_id_in_another(app: Flask, chunk: None) -> None:
    factories.make_customer(phone=ASHA, user_id=USER, name="Old")
    db.session.commit()
    text = f"{HEAD}{ASHA},,New,\n,{USER},Newer,\n"
    findings = checked(received(text, COLUMNS))
    import_ = fine(brought_in(text, COLUMNS))
    assert people() == [(ASHA, USER, "New", True)]
    assert figures(import_) == said(findings) == (0, 1, 0, 0, 1, 0)


def test_a_number_that_they_had_before_in_another_row(app: Flask, chunk: None) -> None:
    factories.make_customer(phone=ASHA, user_id=USER, name="Old")
    db.session.commit()
    import_ = fine(brought_in(f"{HEAD}+919812345672,{USER},Moved,\n,{USER},Again,\n", COLUMNS))
    assert people() == [("+919812345672", USER, "Moved", True)]
    assert figures(import_) == (0, 1, 0, 0, 1, 0)


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("answers", [("yes", "no"), ("no", "yes"), ("", "no")])
def test_a_no_in_any_row_is_a_no(app: Flask, chunk: None, is_known: bool, answers: tuple[str, str]) -> None:
    if is_known:
        factories.make_customer(phone=ASHA)
        db.session.commit()
    import_ = fine(brought_in(HEAD + "".join(f"{ASHA},,Asha,{answer}\n" for answer in answers), COLUMNS))
    assert opted_out() == [True]
    assert import_.duplicates == 1


def test_a_no_by_the_id_is_a_no_of_the_number_too(app: Flask, chunk: None) -> None:
    factories.make_customer(phone=ASHA, user_id=USER)
    db.session.commit()
    fine(brought_in(f"{HEAD}{ASHA},,Asha,yes\n,{USER},Asha,no\n", COLUMNS))
    assert opted_out() == [True]


def test_a_no_in_one_row_is_undone_with_the_import(app: Flask) -> None:
    factories.make_customer(phone=ASHA)
    db.session.commit()
    before = contents("customers", "consent_entries")
    undone(fine(brought_in(f"{HEAD}{ASHA},,Asha,yes\n{ASHA},,Asha,no\n", COLUMNS)))
    assert contents("customers", "consent_entries") == before


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (f"{ASHA},{USER},Mixed,\n{ASHA},,New,\n,{USER},Newer,\n", (0, 2, 0, 1, 0, 0)),
        (f",{USER},Newer,\n{ASHA},{USER},Mixed,\n", (0, 1, 0, 1, 0, 0)),
        (f"{BINA},,Newer,\n{ASHA},{USER},Mixed,\n{ASHA},,New,\n", (0, 2, 0, 1, 0, 0)),
        (f"{ASHA},IN.7,New,\n{ASHA},IN.8,Again,\n,IN.7,Once more,\n", (0, 1, 0, 0, 2, 0)),
        (f"{NOBODY},IN.7,New,\n{NOBODY},IN.8,Again,\n{ASHA},IN.7,Once more,\n", (1, 0, 0, 0, 2, 0)),
        (f"{NOBODY},IN.7,New,\n{BINA},IN.7,Mixed,\n{BINA},,New,\n", (1, 1, 0, 1, 0, 0)),
        (f"{NOBODY},{USER},New,\n{NOBODY},IN.7,Again,\n", (0, 1, 0, 0, 1, 0)),
        (f"{BINA},IN.7,Mixed,\n{BINA},,New,\n{BINA},,Again,\n", (0, 1, 0, 1, 1, 0)),
    ],
)
def test_a_row_of_two_people_keeps_nobodys_own_row_from_counting(
    app: Flask, chunk: None, lines: str, found: tuple[int, ...]
) -> None:
    factories.make_customer(phone=ASHA, name="Old")
    factories.make_customer(phone=BINA, user_id=USER, name="Old")
    db.session.commit()
    findings = checked(received(HEAD + lines, COLUMNS))
    import_ = fine(brought_in(HEAD + lines, COLUMNS))
    assert figures(import_) == said(findings) == found


def test_whoever_is_left_as_they_are_is_so_when_they_say_no(app: Flask, chunk: None) -> None:
    factories.make_customer(phone=ASHA, name=None, city=None, tags=["vip"])
    db.session.commit()
    columns = {"0": "phone", "1": "name", "2": "city", "3": "consent", "4": "attribute:Dog"}
    rules = {"existing": "skip", "tags": ["fair"]}
    fine(brought_in(f"Phone,Name,City,OK,Dog\n{ASHA},Asha,Pune,no,Rex\n", columns, rules))
    asha = db.session.scalars(select(Customer)).one()
    assert (asha.name, asha.city, asha.tags, asha.attributes) == (None, None, ["vip"], {})
    assert asha.is_opted_out
