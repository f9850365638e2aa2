"""A file of people becomes customers: all of them, once, with what the file says and nothing it must not."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.customers.imports.models import ImportFault, ImportStatus
from app.customers.models import ConsentEntry, Customer
from app.customers.service import suppression
from app.extensions import db
from app.shared import clock
from app.shared.errors import Invalid
from tests import factories
from tests.customers.imports.people_files import brought_in, checked, contents, figures, gone_on, received, said

AGREED = {"consent": {"wording": "Newsletter form, 2026"}}
CONSENT = {"0": "phone", "1": "consent"}
HEAD = "Phone,Name,City,Plan\n"


def test_it_makes_customers_of_rows(app: Flask) -> None:
    import_ = brought_in(HEAD + "98123 45678,Asha Rao,Goa,gold\n12,Bina,,\n98123 45679,,,\n", rules={"tags": ["Fair"]})

    asha = _customer("+919812345678")
    assert (asha.name, asha.city, asha.attributes, asha.tags) == ("Asha Rao", "Goa", {"Plan": "gold"}, ["fair"])
    assert (_customer("+919812345679").name, asha.import_id) == (None, import_.id)
    assert import_.status is ImportStatus.IMPORTED
    assert figures(import_) == (2, 0, 0, 1, 0, 0)


def test_without_consent_nobody_is_opted_in(app: Flask) -> None:
    brought_in(HEAD + "9812345678,,,\n")

    assert not _customer("+919812345678").marketing_opt_in
    assert db.session.scalars(select(ConsentEntry)).all() == []


def test_their_consent_is_in_the_ledger_with_its_wording(app: Flask) -> None:
    import_ = brought_in(HEAD + "9812345678,,,\n", rules=AGREED)

    entry = db.session.scalars(select(ConsentEntry)).one()
    assert (entry.granted, entry.source, entry.wording) == (True, "csv", "Newsletter form, 2026")
    assert (entry.import_id, entry.evidence) == (import_.id, {"row": 2})
    assert entry.at == _customer("+919812345678").marketing_opt_in_at


def test_a_column_says_who_agreed_and_who_refused(app: Flask) -> None:
    known = factories.make_customer(phone="+919812345671")
    brought_in("Phone,OK\n9812345671,no\n9812345672,yes\n9812345673,\n9812345674,no\n", CONSENT)

    assert known.is_opted_out
    assert _customer("+919812345672").marketing_opt_in
    assert not _customer("+919812345673").marketing_opt_in
    assert _customer("+919812345674").is_opted_out


def test_who_said_no_stays_out_and_is_counted(app: Flask) -> None:
    gone = factories.make_customer(phone="+919812345671", marketing_opt_in=False, marketing_opt_out_at=clock.now())
    suppression.suppress(["+919812345672"], "erased")
    import_ = brought_in(HEAD + "9812345671,Asha,,\n9812345672,Bina,,\n9812345673,,,\n", rules=AGREED)

    assert gone.is_opted_out
    assert not _customer("+919812345672").marketing_opt_in
    assert figures(import_) == (2, 1, 0, 0, 0, 2)


def test_a_yes_that_is_known_changes_nothing(app: Flask) -> None:
    brought_in(text := HEAD + "9812345678,Asha,Goa,\n", rules=AGREED)

    again = brought_in(text, rules=AGREED)

    assert figures(again) == (0, 0, 1, 0, 0, 0)
    assert len(db.session.scalars(select(ConsentEntry)).all()) == 1


@pytest.mark.parametrize(
    ("existing", "name", "city", "plan"),
    [("update", "Asha", "Goa", "gold"), ("fill", "A.", "Goa", "gold"), ("skip", "A.", None, None)],
)
def test_whom_it_knows_it_treats_as_told(
    app: Flask, existing: str, name: str, city: str | None, plan: str | None
) -> None:
    known = factories.make_customer(phone="+919812345678", name="A.", city=None, email="a@b.in", tags=["old"])
    brought_in(HEAD + "9812345678,Asha,Goa,gold\n", rules={"existing": existing, "tags": ["new"]})

    assert (known.name, known.city, known.attributes.get("Plan")) == (name, city, plan)
    assert known.email == "a@b.in"
    assert known.tags == (["old"] if existing == "skip" else ["old", "new"])


def test_an_empty_cell_says_nothing(app: Flask) -> None:
    known = factories.make_customer(phone="+919812345678", name="Asha", attributes={"Plan": "gold"})
    import_ = brought_in(HEAD + "9812345678,,,\n")

    assert (known.name, known.attributes) == ("Asha", {"Plan": "gold"})
    assert import_.unchanged == 1


def test_the_first_row_of_a_person_wins_in_whatever_chunk(app: Flask, small_chunks: None) -> None:
    factories.make_customer(phone="+919812345670", name="Old")
    rows = ["9812345670,New", "9812345671,Asha", *(f"98123456{n},x" for n in range(80, 90)), "9812345671,Ravi"]
    import_ = brought_in("Phone,Name\n" + "\n".join([*rows, "9812345670,Newest"]), {"0": "phone", "1": "name"})

    assert (_customer("+919812345670").name, _customer("+919812345671").name) == ("New", "Asha")
    assert figures(import_) == (11, 1, 0, 0, 2, 0)


def test_a_number_spelled_otherwise_is_the_same_person(app: Flask) -> None:
    known = factories.make_customer(phone="+5215512345678", name="Luz")
    import_ = brought_in("Phone,Name\n+52 55 1234 5678,Luz María\n", {"0": "phone", "1": "name"})

    assert (known.name, known.phone) == ("Luz María", "+5215512345678")
    assert import_.updated == 1


def test_a_user_id_finds_its_person_and_a_torn_row_is_refused(app: Flask) -> None:
    known = factories.make_customer(phone=None, user_id="IN.A1", name="Asha")
    factories.make_customer(phone="+919812345671", user_id="IN.B2")
    factories.make_customer(phone="+919812345672", user_id="IN.E5")
    lines = "9812345678,IN.A1\n9812345671,IN.E5\n,IN.C3\n9812345672,IN.D4\n,IN.A1\n"
    import_ = brought_in("Phone,Id\n" + lines, {"0": "phone", "1": "user_id"})

    assert known.phone == "+919812345678"
    assert figures(import_) == (1, 1, 0, 2, 1, 0)


def test_what_was_not_used_keeps_its_own_text(app: Flask) -> None:
    brought_in('Phone,Name,City,Plan\n"12 ""x""",Bina,Goa,\n98123 45678,A,,\n98123-45678,B,,\n')

    faults = db.session.scalars(select(ImportFault).order_by(ImportFault.row_number)).all()
    assert [(fault.row_number, fault.original, fault.is_duplicate) for fault in faults] == [
        (2, '"12 ""x""",Bina,Goa,', False),
        (4, "98123-45678,B,,", True),
    ]
    assert faults[1].reason == "the same person stands in row 3"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("9812345678,nobody,", "Mail: “nobody” is not an e-mail address"),
        ("abc,,", "Mobile “abc”: not a number"),
        ("123456,,", "Mobile “123456”: too short for a number in India"),
        (f"9812345678,,{'x' * 201}", f"Id “{'x' * 39}…”: longer than 200 characters"),
    ],
)
def test_a_bad_cell_is_blamed_by_its_column_and_repeated(app: Flask, row: str, reason: str) -> None:
    brought_in(f"Mobile,Mail,Id\n{row}\n", {"0": "phone", "1": "email", "2": "user_id"})

    assert db.session.scalars(select(ImportFault.reason)).one() == reason


@pytest.mark.parametrize("existing", ["update", "fill", "skip"])
def test_the_dry_run_says_what_the_run_brings(app: Flask, small_chunks: None, existing: str) -> None:
    import_ = received(_mixed(), rules=AGREED | {"existing": existing, "tags": ["fair"]})
    before = _everything()
    findings = checked(import_)
    assert (_everything(), import_.status, import_.total) == (before, ImportStatus.UPLOADED, 0)

    gone_on(import_)

    assert said(findings) == figures(import_)
    assert findings["total"] == import_.total == 303


@pytest.mark.parametrize(
    ("mapping", "rules", "field"),
    [
        ({"1": "name"}, {}, "mapping"),
        ({"0": "phone", "9": "name"}, {}, "mapping"),
        ({"0": "phone", "1": "phone"}, {}, "mapping"),
        ({"0": "phone", "1": "shoe size"}, {}, "mapping"),
        ({"0": "phone", "1": "attribute:"}, {}, "mapping"),
        ({"0": "phone"}, {"region": "XX"}, "rules.region"),
        ({"0": "phone"}, {"existing": "destroy"}, "rules.existing"),
        ({"0": "phone"}, {"tags": "goa"}, "rules.tags"),
        ({"0": "phone"}, {"consent": {"wording": " "}}, "rules.consent"),
        ({"0": "phone"}, {"consent": {"column": "7"}}, "rules.consent"),
        ({"0": "phone"}, {"consent": "yes"}, "rules.consent"),
        ({"0": "phone"}, {"shoes": 1}, "rules.shoes"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_place(
    app: Flask, mapping: dict[str, str], rules: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        received(HEAD + "9812345678,,,\n", mapping, rules)

    assert refusal.value.field == field


def _customer(phone: str) -> Customer:
    return db.session.scalars(select(Customer).where(Customer.phone == phone)).one()


def _mixed() -> str:
    """New, known, changed, refusing, erased, repeated and unusable people."""
    for number in range(60):
        factories.make_customer(phone=f"+9198111110{number:02d}", name=f"N{number}", city="Goa", attributes={})
    factories.make_customer(phone="+919811111199", marketing_opt_in=False, marketing_opt_out_at=clock.now())
    suppression.suppress(["+919811111250"], "erased")
    db.session.commit()
    rows = [f"98111111{n % 100:02d},N{n},Pune,\n" if n % 3 else f"981111{n:04d},N{n},,gold\n" for n in range(300)]
    return HEAD + "".join([*rows, "9811111199,Gone,,\n", "9811111250,Erased,,\n", "12345,Bad,,\n"])


def _everything() -> object:
    return contents("customers", "consent_entries", "import_changes", "import_errors")
