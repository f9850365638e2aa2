"""What may happen to an import on its way: stopped, left, lost, broken. Nothing is stuck, nothing is done twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.customers.imports import leases, reading, service
from app.customers.imports import queries as import_queries
from app.customers.imports.models import Import, ImportKind, ImportStatus
from app.customers.jobs import imports as doors
from app.customers.models import Customer
from app.extensions import db
from app.shared import clock, stopping
from app.shared.errors import Refused
from app.storage import files
from tests.customers.imports.people_files import brought_in, checked, received, started, undone

HEAD = "Phone,Name,City,Plan\n"
THIRTY = HEAD + "".join(f"98123456{n:02d},Name {n},,\n" for n in range(30))


def test_only_one_worker_has_it(app: Flask) -> None:
    import_ = started(THIRTY)
    assert leases.claim(import_.id, ImportStatus.IMPORTING) is not None
    db.session.commit()

    doors.run(import_.id)

    assert (import_.status, import_.total, _customers()) == (ImportStatus.IMPORTING, 0, 0)


def test_a_dead_workers_import_is_rung_for_again(app: Flask) -> None:
    import_ = started(THIRTY)
    assert [one.id for one in leases.stalled(clock.now())] == [import_.id]
    leases.claim(import_.id, ImportStatus.IMPORTING)
    db.session.commit()

    assert leases.stalled(clock.now()) == []
    assert [one.id for one in leases.stalled(clock.now() + timedelta(seconds=61))] == [import_.id]


def test_a_worker_that_is_told_to_stop_leaves_it_to_the_next(
    app: Flask, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_ = started(THIRTY)
    monkeypatch.setattr(stopping, "_told", [0.0])
    doors.run(import_.id)
    assert (import_.status, import_.total, import_.lease_until) == (ImportStatus.IMPORTING, 7, None)

    monkeypatch.setattr(stopping, "_told", [])
    doors.run(import_.id)

    assert (import_.status, import_.total, _customers()) == (ImportStatus.IMPORTED, 30, 30)


@pytest.mark.parametrize("door", ["run", "check"])
def test_a_file_that_vanished_ends_it_with_a_sentence(app: Flask, door: str) -> None:
    import_ = received(THIRTY)
    files.delete(import_.file_key)
    (service.start if door == "run" else service.start_check)(import_)
    db.session.commit()
    getattr(doors, door)(import_.id)

    assert (import_.status, import_.error) == (ImportStatus.FAILED, "The file is no longer there.")
    assert import_.lease_until is None


def test_what_we_did_wrong_ends_it_with_a_sentence_and_can_be_tried_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_ = started(THIRTY)
    with monkeypatch.context() as broken:
        broken.setattr(doors.merging, "store", lambda *_: 1 / 0)
        doors.run(import_.id)
    assert (import_.status, import_.error) == (ImportStatus.FAILED, doors.OUR_FAULT)

    service.start(import_)
    db.session.commit()
    doors.run(import_.id)

    assert (import_.status, import_.error, _customers()) == (ImportStatus.IMPORTED, None, 30)


def test_a_trial_that_is_stopped_leaves_the_file_as_it_was(app: Flask) -> None:
    import_ = received(THIRTY)
    service.start_check(import_)
    service.cancel(import_)
    db.session.commit()
    doors.check(import_.id)

    assert (import_.status, import_.findings, import_.total) == (ImportStatus.UPLOADED, None, 0)


def test_what_is_changed_after_a_trial_must_be_tried_anew(app: Flask) -> None:
    import_ = received(THIRTY)
    checked(import_)
    service.change_rules(import_, {"existing": "skip"})

    assert import_.findings is None


def test_the_same_file_is_known_again(app: Flask) -> None:
    first = brought_in(THIRTY)
    second, other = received(THIRTY), received(THIRTY + "9812345699,,,\n")

    assert service.same_file(second) == [first]
    assert service.same_file(other) == []


def test_only_what_never_began_is_thrown_away(app: Flask) -> None:
    import_ = received(THIRTY)
    service.discard(import_)
    assert db.session.scalars(select(Import)).all() == []

    with pytest.raises(Refused):
        service.discard(brought_in(THIRTY))


def test_a_campaigns_file_goes_its_own_way(app: Flask) -> None:
    import_ = received(THIRTY)
    import_.kind = ImportKind.RECIPIENTS

    with pytest.raises(Refused, match="belongs to a campaign"):
        service.start(import_)


def test_a_file_that_retention_took_is_asked_for_again(app: Flask) -> None:
    import_ = received(THIRTY)
    import_.file_key = ""
    for verb in (service.start_check, service.start):
        with pytest.raises(Refused, match="upload it again"):
            verb(import_)


def test_what_is_partly_undone_does_not_go_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "UNDO_STEP", 7)
    import_ = brought_in(THIRTY)
    service.start_undo(import_)
    doors._undo_step(import_.id)
    leases.end(import_, ImportStatus.FAILED, "broken")
    db.session.commit()
    with pytest.raises(Refused, match="partly undone"):
        service.start(import_)

    undone(import_)

    assert (import_.status, _customers()) == (ImportStatus.UNDONE, 0)


def test_the_time_it_stood_still_is_no_work(app: Flask) -> None:
    import_ = brought_in(THIRTY)
    import_.status = ImportStatus.FAILED
    import_.finished_at = clock.now() - timedelta(hours=1)
    import_.started_at = import_.finished_at - timedelta(seconds=10)
    service.start(import_)
    pace = import_queries.pace(import_)
    assert pace is not None
    assert 2.5 < pace.rows_a_second <= 3


def test_long_rows_make_short_chunks(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST", 100)
    import_ = brought_in(THIRTY)

    assert (import_.total, _customers()) == (30, 30)
    rows = reading.chunks(received(THIRTY), lambda row: (row.number,))
    assert max(chunk.total for chunk in rows) < 10


def _customers() -> int:
    return db.session.scalar(select(func.count()).select_from(Customer)) or 0
