"""What goes on at once with an import: two workers, two files of the same people, merges, an undoing beside a list."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app.customers.imports import service
from app.customers.imports.models import Import, ImportKind, ImportStatus
from app.customers.jobs import imports as doors
from app.customers.models import Customer
from app.customers.service import suppression
from app.extensions import db
from app.messaging import merging
from tests import factories
from tests.customers.imports.people_files import brought_in, started

PHONES = [f"+9198123456{number:02d}" for number in range(60)]
HEAD = "Phone,Name,City,Plan\n"


def at_once(app: Flask, *deeds: Callable[[], object]) -> None:
    """Each in a thread with a session of its own; whatever one raises is raised here."""
    begin = Barrier(len(deeds))

    def alone(deed: Callable[[], object]) -> None:
        begin.wait()
        with app.app_context():
            deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        list(pool.map(alone, deeds))
    db.session.expire_all()


def known(number: int) -> list[int]:
    people = [factories.make_customer(phone=phone, name="Old").id for phone in PHONES[:number]]
    db.session.commit()
    return people


def rows(phones: list[str], name: str) -> str:
    return HEAD + "".join(f"{phone},{name},Pune,gold\n" for phone in phones)


def running(import_: Import) -> Callable[[], None]:
    import_id = import_.id
    return lambda: doors.run(import_id)


def test_two_workers_bring_a_file_in_once(app: Flask, small_chunks: None) -> None:
    import_ = started(rows(PHONES, "New"))
    at_once(app, running(import_), running(import_), running(import_))
    assert (import_.status, import_.inserted, import_.total) == (ImportStatus.IMPORTED, 60, 60)
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 60


@pytest.mark.parametrize("number", [0, 30, 60])
def test_two_files_of_the_same_people_do_not_stop_each_other(app: Flask, small_chunks: None, number: int) -> None:
    known(number)
    imports = [started(rows(PHONES, "One")), started(rows(PHONES[::-1], "Two"))]
    at_once(app, *map(running, imports))
    assert [import_.status for import_ in imports] == [ImportStatus.IMPORTED] * 2, [one.error for one in imports]
    assert sum(import_.inserted for import_ in imports) == 60 - number
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 60


def test_customers_are_merged_meanwhile(app: Flask, small_chunks: None) -> None:
    people = known(60)
    import_ = started(rows(PHONES[::-1], "New"))

    def merge_neighbours() -> None:
        for into, gone in list(pairwise(people))[::2]:
            merging.merge(db.session.get_one(Customer, into), db.session.get_one(Customer, gone))
            db.session.commit()

    at_once(app, running(import_), merge_neighbours)
    assert import_.status is ImportStatus.IMPORTED, import_.error
    assert import_.inserted + import_.updated + import_.unchanged + import_.duplicates == 60


def test_people_are_tagged_meanwhile(app: Flask, small_chunks: None) -> None:
    known(60)
    import_ = started(rows(PHONES[::-1], "New"))

    def tag() -> None:
        for _ in range(5):
            db.session.execute(text("SELECT id FROM customers ORDER BY id FOR NO KEY UPDATE"))
            db.session.execute(text("UPDATE customers SET tags = array_append(tags, 'x')"))
            db.session.commit()

    at_once(app, running(import_), tag)
    assert import_.status is ImportStatus.IMPORTED, import_.error
    assert set(db.session.scalars(select(func.cardinality(Customer.tags)))) == {5}


def test_a_list_that_comes_while_another_is_undone_stands(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "UNDO_STEP", 7)
    monkeypatch.setattr("app.customers.imports.reading.CHUNK", 7)
    known(30)
    text_ = "Phone\n" + "\n".join(PHONES)
    first = brought_in(text_, {"0": "phone"}, kind=ImportKind.OPT_OUTS)
    second = started(text_, {"0": "phone"}, kind=ImportKind.OPT_OUTS)
    service.start_undo(first, "wrong file")
    db.session.commit()
    first_id = first.id
    at_once(app, lambda: doors.undo(first_id), lambda: doors.undo(first_id), running(second))
    assert (first.status, second.status) == (ImportStatus.UNDONE, ImportStatus.IMPORTED), (first.error, second.error)
    assert all(suppression.is_suppressed(phone) for phone in PHONES)
    assert all(customer.is_opted_out for customer in db.session.scalars(select(Customer)))
