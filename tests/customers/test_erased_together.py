"""Many who are erased are searched for together: one reading of every table, each in what was there before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from app.customers.jobs.erasures import erase_on
from app.customers.models import Customer, CustomerNote
from app.customers.privacy import erasure, sweep
from app.customers.privacy.crowd import Crowd
from app.customers.privacy.models import Erasure
from app.extensions import db
from app.shared import clock
from tests import factories

PHONES = [f"+9198123456{number:02d}" for number in range(12)]


@pytest.fixture
def other(app: Flask) -> Customer:
    """Somebody who stays, and knows them all."""
    customer = factories.make_customer(name="Bina", phone="+919800000077")
    customer.attributes = {phone: phone[3:] for phone in PHONES}
    db.session.commit()
    return customer


def erased(*phones: str) -> list[int]:
    """Begun, each alone; the search waits."""
    ids = []
    for phone in phones:
        made = factories.make_customer(phone=phone)
        db.session.commit()
        ids.append(erasure.erase(made, None).id)
        db.session.commit()
    return ids


def named(other: Customer) -> int:
    db.session.refresh(other)
    return sum(phone[3:] in f"{other.attributes}" for phone in PHONES)


def count_batches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    read: list[str] = []
    whole = sweep.search

    def counted(crowd: Crowd, place: Mapping[str, Any]) -> dict[str, Any] | None:
        read.append(str(place))
        return whole(crowd, place)

    monkeypatch.setattr(sweep, "search", counted)
    return read


def test_twelve_cost_as_many_readings_as_one(other: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    read = count_batches(monkeypatch)
    erase_on(erased(PHONES[0])[0])
    alone = len(read)
    read.clear()
    erase_on(erased(*PHONES[1:])[5])
    assert (len(read), named(other), erasure.unfinished()) == (alone, 0, [])


def test_each_is_left_alone_in_what_is_younger_than_their_erasure(other: Customer) -> None:
    first, second = erased(*PHONES[:2])
    began = clock.now() - timedelta(hours=1)
    note = CustomerNote(customer_id=other.id, body=f"{PHONES[0]} and {PHONES[1]}", author_id=None)
    db.session.add(note)
    db.session.flush()
    db.session.execute(update(Erasure).where(Erasure.id == first).values(created_at=began - timedelta(hours=1)))
    db.session.execute(update(CustomerNote).values(created_at=began))
    db.session.commit()
    erase_on(second)
    db.session.refresh(note)
    assert note.body == f"{PHONES[0]} and [erased]"


def test_who_is_erased_meanwhile_is_searched_for_from_the_beginning(
    other: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "BATCH", 2)
    first = erased(*PHONES[:3])[0]
    for _ in range(12):
        erasure.take_step(first)
        db.session.commit()
    later = erased(*PHONES[3:6])[0]
    places = db.session.execute(select(Erasure.id, Erasure.progress).order_by(Erasure.id)).all()
    assert len({str(place) for _, place in places[:3]}) == 1
    assert [place for _, place in places[3:]] == [{}] * 3
    erase_on(first)
    assert erasure.unfinished() == [later, later + 1, later + 2]
    erase_on(later)
    assert (named(other), erasure.unfinished()) == (6, [])


def test_while_one_search_goes_on_another_waits(other: Customer) -> None:
    [first] = erased(PHONES[0])
    with db.engine.connect() as busy:
        busy.execute(text("SELECT pg_advisory_xact_lock(hashtext('erasures'))"))
        assert erasure.take_step(first) is None
    assert erasure.take_step(first) is not None


@pytest.mark.parametrize("dies_at", range(0, 20, 4))
def test_killed_anywhere_nobody_is_left_out(
    other: Customer, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    monkeypatch.setattr(sweep, "BATCH", 3)
    ids, crowd = erased(*PHONES), None
    for step in range(10_000):
        taken = erasure.take_step(ids[3], crowd)
        if taken is None:
            break
        crowd = taken.crowd
        (db.session.rollback if step == dies_at else db.session.commit)()
    assert (named(other), erasure.unfinished()) == (0, [])
