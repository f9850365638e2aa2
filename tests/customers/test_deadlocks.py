"""Two who take the same people in opposite orders: whoever PostgreSQL sacrifices begins anew, and nobody is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from types import SimpleNamespace

import pytest
from flask import Flask
from psycopg import Connection
from psycopg.errors import DeadlockDetected
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from app.customers.imports import registry, service
from app.customers.imports.models import ImportKind, ImportStatus
from app.customers.imports.sales_sql import ALONE
from app.customers.jobs import bulk as bulk_doors
from app.customers.jobs import chunkwise
from app.customers.jobs import imports as doors
from app.customers.models import BulkChange, BulkDeed, Customer, Sale
from app.customers.service import bulk
from app.extensions import db
from tests import factories
from tests.api.conftest import Caller, token_of
from tests.customers.imports.people_files import brought_in, started
from tests.factories import login

PHONES = ("+919812345601", "+919812345602")
HELD = "SELECT FROM customers WHERE phone = %s FOR UPDATE"
IS_WAITED_FOR = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'"""
COLLIDE = text("DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$")
SALE = {"0": "phone", "1": "amount", "2": "sold_at"}
WAITING = 20  # seconds


@pytest.fixture
def deadlocks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the doors began anew for."""
    told: list[str] = []
    monkeypatch.setattr(chunkwise.log, "info", lambda event, **facts: told.append(facts.get("error", event)))
    return told


@contextmanager
def in_their_way() -> Iterator[None]:
    """Somebody who holds the second person, and asks for the first when we wait for the second.

    We have waited longer by then, and so it is our transaction that PostgreSQL ends.
    """
    holds = Event()
    with ThreadPoolExecutor(1) as pool:
        stranger = pool.submit(_hold, db.engine.url.render_as_string(False).replace("+psycopg", ""), holds)
        assert holds.wait(WAITING)
        yield
        stranger.result(WAITING)


def _hold(url: str, holds: Event) -> None:
    with Connection.connect(url) as stranger:
        stranger.execute("SET deadlock_timeout = '1min'")
        stranger.execute(HELD, [PHONES[1]])
        holds.set()
        with Connection.connect(url, autocommit=True) as watch:
            while not watch.execute(IS_WAITED_FOR).fetchone()[0]:  # type: ignore[index]
                pass
        stranger.execute(HELD, [PHONES[0]])


@pytest.fixture
def two(app: Flask) -> list[int]:
    made = [factories.make_customer(phone=phone).id for phone in PHONES]
    db.session.commit()
    return made


def test_undoing_an_import_comes_to_its_end(app: Flask, deadlocks: list[str]) -> None:
    import_ = brought_in("Phone\n" + "\n".join(PHONES), {"0": "phone"})
    service.start_undo(import_)
    db.session.commit()
    with in_their_way():
        doors.undo(import_.id)
    db.session.refresh(import_)
    assert (import_.status, deadlocks.count("DeadlockDetected")) == (ImportStatus.UNDONE, 1)
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 0


def test_a_tag_reaches_everybody_at_once(
    app: Flask, two: list[int], cast: SimpleNamespace, deadlocks: list[str]
) -> None:
    client = login(app.test_client(), cast.mona)
    db.session.commit()
    with in_their_way():
        answer = client.post("/customers/tag", data={"all": "1", "tags": "goa"}, follow_redirects=True)
    assert "Done: 2 of 2 got the tag." in answer.text
    assert deadlocks == ["DeadlockDetected"]


def test_everybody_is_erased(app: Flask, two: list[int], cast: SimpleNamespace, deadlocks: list[str]) -> None:
    change = bulk.ask(BulkDeed.ERASE, [Customer.id.is_not(None)], cast.alice)
    bulk.start(change, cast.alice, "2")
    db.session.commit()
    with in_their_way():
        bulk_doors.go_on(change.id)
    db.session.expire_all()
    done = db.session.scalars(select(BulkChange)).one()
    assert (done.changed, done.finished_at is not None, deadlocks) == (2, True, ["DeadlockDetected"])


def test_a_batch_of_sales_is_recorded_once(
    app: Flask, two: list[int], cast: SimpleNamespace, deadlocks: list[str]
) -> None:
    api = Caller(app, token_of(cast.mona))
    sold = {"amount": "500", "currency": "INR", "sold_at": "2026-10-02T11:30:00+05:30"}
    with in_their_way():
        answer = api.post("/sales/batch", [{"phone": phone, **sold} for phone in PHONES])
    assert (answer.status_code, answer.json["created"]) == (200, 2)
    assert (db.session.scalar(select(func.count()).select_from(Sale)), deadlocks) == (2, ["DeadlockDetected"])


def test_nobody_tries_for_ever(app: Flask) -> None:
    tried: list[int] = []

    def deed() -> None:
        tried.append(1)
        db.session.execute(COLLIDE)

    with pytest.raises(Exception, match="deadlock") as fault:
        chunkwise.committed(deed)
    assert isinstance(fault.value.orig, DeadlockDetected)  # type: ignore[attr-defined]
    assert len(tried) == chunkwise.ATTEMPTS


def test_what_is_sold_by_a_file_is_not_undone_while_others_are_counted(app: Flask) -> None:
    """All of them add to the sums of the same people, each in an order of its own."""
    import_ = brought_in("Phone,Amount,Date\n+919812345601,5,2026-10-02\n", SALE, kind=ImportKind.SALES)
    db.session.execute(text("SET LOCAL lock_timeout = '100ms'"))
    with db.engine.connect() as other:
        other.execute(text(ALONE))
        with pytest.raises(OperationalError, match="lock timeout"):
            registry.kind_of(import_).undo(import_, 10)
    db.session.rollback()


def test_people_whose_sales_come_in_are_held_in_the_order_of_their_ids(app: Flask, two: list[int]) -> None:
    backwards = "".join(f"{phone},5,2026-10-02\n" for phone in reversed(PHONES))
    import_ = started(f"Phone,Amount,Date\n{backwards}", SALE, kind=ImportKind.SALES)
    import_id = import_.id
    assert holds_nobody_while_it_waits_for_the_first(app, two, lambda: doors.run(import_id))
    db.session.refresh(import_)
    assert (import_.status, import_.inserted) == (ImportStatus.IMPORTED, 2)


def test_people_are_erased_in_the_order_of_their_ids(app: Flask, two: list[int], cast: SimpleNamespace) -> None:
    db.session.execute(text("UPDATE customers SET name = 'Moved' WHERE id = :id"), {"id": two[0]})  # behind the other
    change = bulk.ask(BulkDeed.ERASE, [Customer.id.is_not(None)], cast.alice)
    bulk.start(change, cast.alice, "2")
    db.session.commit()
    change_id = change.id
    assert holds_nobody_while_it_waits_for_the_first(app, two, lambda: bulk_doors.go_on(change_id))


def holds_nobody_while_it_waits_for_the_first(app: Flask, two: list[int], deed: Callable[[], object]) -> bool:
    def alone() -> None:
        with app.app_context():
            deed()

    with ThreadPoolExecutor(1) as pool, db.engine.connect() as other:
        other.execute(text("SELECT FROM customers WHERE id = :id FOR UPDATE"), {"id": two[0]})
        doing = pool.submit(alone)
        while not doing.done() and not db.session.scalar(text(IS_WAITED_FOR)):
            db.session.rollback()
        free = db.session.scalars(
            text("SELECT id FROM customers WHERE id = :id FOR UPDATE SKIP LOCKED"), {"id": two[1]}
        )
        is_free = free.all() == [two[1]]
        db.session.rollback()
        other.rollback()
        doing.result(WAITING)
    return is_free
