"""Undoing an import: the tables are what they were, but for what somebody touched since."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.customers.imports import service
from app.customers.imports.models import ImportStatus
from app.customers.jobs import imports as doors
from app.customers.models import Customer, CustomerNote, Sale
from app.customers.service import consent
from app.extensions import db
from app.shared import clock
from app.shared.errors import Refused
from tests import factories
from tests.customers.imports.people_files import brought_in, checked, contents, received, undone

HEAD = "Phone,Name,City,Plan,OK\n"
COLUMNS = {"0": "phone", "1": "name", "2": "city", "3": "attribute:Plan", "4": "consent"}
TABLES = ("customers", "consent_entries", "import_changes", "sales")


@pytest.mark.parametrize("existing", ["update", "fill", "skip"])
def test_the_tables_are_what_they_were(app: Flask, small_steps: None, existing: str) -> None:
    _some_people()
    before = contents(*TABLES)
    import_ = brought_in(_file(), COLUMNS, {"existing": existing, "tags": ["fair"]})
    assert contents(*TABLES) != before

    undone(import_)

    assert contents(*TABLES) == before
    assert import_.status is ImportStatus.UNDONE
    assert import_.findings is not None
    assert import_.findings["undone"]["left"] == 0


def test_whoever_was_touched_since_stays_as_they_are(app: Flask) -> None:
    known = factories.make_customer(phone="+919812345670", name="Old")
    import_ = brought_in(HEAD + "".join(f"981234567{n},New {n},,,\n" for n in range(4)), COLUMNS)
    changed, noted, untouched = (_customer(f"+91981234567{n}") for n in (1, 2, 3))
    known.city, changed.city = "Goa", "Pune"
    db.session.add(CustomerNote(customer_id=noted.id, body="Called."))
    db.session.commit()

    undone(import_)

    left = db.session.execute(select(Customer.name, Customer.city).order_by(Customer.phone)).all()
    assert left == [("New 0", "Goa"), ("New 1", "Pune"), ("New 2", None)]
    assert import_.findings is not None
    assert (import_.findings["undone"]["taken_back"], import_.findings["undone"]["left"]) == (1, 3)


def test_a_no_that_came_since_is_not_taken_back(app: Flask) -> None:
    import_ = brought_in(HEAD + "9812345671,Asha,,,yes\n", COLUMNS)
    consent.record_consent(_customer("+919812345671"), False, "whatsapp", "STOP", None)
    db.session.commit()

    undone(import_)

    assert _customer("+919812345671").is_opted_out


def test_imports_are_undone_one_after_the_other(app: Flask) -> None:
    factories.make_customer(phone="+919812345671", name="First", city=None)
    db.session.commit()
    before = contents("customers")
    one = brought_in(HEAD + "9812345671,Second,,,\n", COLUMNS)
    two = brought_in(HEAD + "9812345671,Third,,,\n", COLUMNS)

    undone(two)
    assert _customer("+919812345671").name == "Second"
    undone(one)

    assert contents("customers") == before


def test_what_was_cancelled_can_be_undone(app: Flask, small_chunks: None, monkeypatch: pytest.MonkeyPatch) -> None:
    _some_people()
    before, import_ = contents(*TABLES), received(_file(), COLUMNS)
    service.start(import_)
    db.session.commit()
    _cancel_after_first_chunk(monkeypatch)
    doors.run(import_.id)
    assert (import_.status, import_.total) == (ImportStatus.CANCELLED, 7)

    undone(import_)

    assert contents(*TABLES) == before


def test_it_goes_on_where_somebody_left_it(app: Flask, small_steps: None) -> None:
    _some_people()
    before = contents(*TABLES)
    import_ = brought_in(_file(), COLUMNS)
    service.start_undo(import_)
    for _ in range(3):
        doors._undo_step(import_.id)
        db.session.commit()
    assert contents(*TABLES) != before
    import_.lease_until = None
    db.session.commit()

    doors.undo(import_.id)

    assert contents(*TABLES) == before


NUMBERS = {"0": "phone", "1": "user_id"}


def test_numbers_that_went_from_one_to_another_go_back(app: Flask, small_chunks: None) -> None:
    factories.make_customer(phone="+919812345671", user_id="IN.1")
    factories.make_customer(phone="+919812345672", user_id="IN.2")
    db.session.commit()
    before = contents("customers")
    moves = "+919812345673,IN.1\n+919812345671,IN.2\n" + "12,\n" * 7 + "+919812345672,IN.3\n"
    import_ = brought_in("Phone,User\n" + moves, NUMBERS)
    assert import_.status is ImportStatus.IMPORTED, import_.error
    assert contents("customers") != before

    undone(import_)

    assert import_.status is ImportStatus.UNDONE, import_.error
    assert contents("customers") == before


def test_a_number_that_somebody_else_has_by_now_stays_theirs(app: Flask) -> None:
    factories.make_customer(phone="+919812345671", user_id="IN.1")
    db.session.commit()
    import_ = brought_in("Phone,User\n+919812345673,IN.1\n", NUMBERS)
    factories.make_customer(phone="+919812345671", name="Heir")
    db.session.commit()

    undone(import_)

    assert import_.status is ImportStatus.UNDONE, import_.error
    assert _customer("+919812345673").user_id == "IN.1"
    assert import_.findings is not None
    assert import_.findings["undone"]["left"] == 1


def test_only_what_came_in_can_be_undone(app: Flask) -> None:
    with pytest.raises(Refused):
        service.start_undo(received(HEAD + "9812345671,Asha,,,\n", COLUMNS))


def test_a_dry_run_leaves_nothing_to_undo(app: Flask) -> None:
    _some_people()
    before = contents(*TABLES)
    checked(received(_file(), COLUMNS))

    assert contents(*TABLES) == before


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "UNDO_STEP", 7)


def _some_people() -> None:
    """Known ones: with a yes, a no, neither; with tags, attributes, sales."""
    for number in range(10):
        one = factories.make_customer(
            phone=f"+91981234560{number}",
            name=f"Known {number}",
            city=None if number % 2 else "Goa",
            tags=["old"] if number % 3 else [],
            attributes={"Plan": "silver"} if number % 4 else {},
            marketing_opt_in=number < 5,
        )
        consent.record_consent(one, number < 5, "form", "Yes, please.", None)
    db.session.add(Sale(customer_id=one.id, amount=5, currency="INR", sold_at=clock.now(), source="form"))
    db.session.commit()


def _file() -> str:
    """The known, unknown ones, one twice, one unusable."""
    rows = [f"98123456{n:02d},Name {n},Pune,gold,{'yes' if n % 2 else 'no' if n % 3 else ''}\n" for n in range(40)]
    return HEAD + "".join([*rows, rows[0], "12,Nobody,,,\n"])


def _customer(phone: str) -> Customer:
    return db.session.scalars(select(Customer).where(Customer.phone == phone)).one()


def _cancel_after_first_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    take = doors.merging.take

    def take_then_cancel(import_id: int, *arguments: object) -> bool:
        is_ours = take(import_id, *arguments)  # type: ignore[arg-type]
        service.cancel(doors.leases.locked(import_id))
        return is_ours

    monkeypatch.setattr(doors.merging, "take", take_then_cancel)
