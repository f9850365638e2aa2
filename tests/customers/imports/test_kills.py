"""Workers are killed without a word, at any moment; the end is the same as if nothing had happened."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text, update

from app.customers.imports import journal, reading, service
from app.customers.imports.models import Import, ImportStatus
from app.customers.jobs import imports as doors
from app.extensions import db
from app.shared import clock
from tests.customers.imports.people_files import brought_in, contents, received, undone

ROOT = Path(__file__).resolve().parents[3]
# IMPORT_ROWS=200000 IMPORT_KILLS=30 for a long trial.
ROWS, KILLS = int(os.environ.get("IMPORT_ROWS", 20_000)), int(os.environ.get("IMPORT_KILLS", 4))
COLUMNS = {"0": "phone", "1": "name", "2": "city", "3": "attribute:Plan", "4": "consent"}
TABLES = ("customers", "consent_entries", "import_changes", "import_errors")
WORKER = """
import sys
from app import create_app
from app.customers.imports import reading
from app.customers.jobs import imports
reading.CHUNK = imports.UNDO_STEP = 500
with create_app().app_context():
    print("ready", flush=True)
    sys.stdin.readline()
    getattr(imports, sys.argv[1])(int(sys.argv[2]))
"""
# Everything but what tells when and under which number.
OUTCOME = (
    """SELECT phone, name, city, tags, attributes, marketing_opt_in, marketing_opt_in_at IS NULL,
              marketing_opt_out_at IS NULL, import_id IS NULL FROM customers""",
    """SELECT c.phone, e.granted, e.source, e.wording, e.evidence FROM consent_entries e
       JOIN customers c ON c.id = e.customer_id""",
    """SELECT c.phone, j.before - 'updated_at' - 'marketing_opt_in_at' - 'marketing_opt_out_at'
       FROM import_changes j JOIN customers c ON c.id = j.subject_id WHERE j.import_id = :import""",
    "SELECT row_number, reason, original, is_duplicate FROM import_errors WHERE import_id = :import",
    """SELECT status, total, inserted, updated, unchanged, invalid, duplicates, suppressed, last_row, bytes_done
       FROM imports WHERE id = :import""",
)

pytestmark = pytest.mark.slow


def test_a_killed_import_ends_like_an_undisturbed_one(
    app: Flask, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK", 500)
    brought_in(_file(0, ROWS, 3), COLUMNS)
    undisturbed = brought_in(_file(ROWS // 2, ROWS, 2), COLUMNS, {"tags": ["fair"]})
    expected = _outcome(undisturbed)
    undone(undisturbed)

    killed = received(_file(ROWS // 2, ROWS, 2), COLUMNS, {"tags": ["fair"]})
    service.start(killed)
    db.session.commit()
    _kill_on_the_way(killed, environment, "run", lambda now: now.total / ROWS)

    assert killed.status is ImportStatus.IMPORTED
    assert _outcome(killed) == expected


def test_a_killed_undo_leaves_what_an_undisturbed_one_leaves(app: Flask, environment: dict[str, str]) -> None:
    brought_in(_file(0, ROWS, 3), COLUMNS)
    before = contents(*TABLES)
    import_ = brought_in(_file(ROWS // 2, ROWS, 2), COLUMNS)
    service.start_undo(import_)
    db.session.commit()
    _kill_on_the_way(import_, environment, "undo", _share_taken_back)

    assert import_.status is ImportStatus.UNDONE
    after = contents(*TABLES)
    assert [after[table] == before[table] for table in TABLES[:3]] == [True] * 3


def _kill_on_the_way(
    import_: Import, environment: dict[str, str], door: str, share_done: Callable[[Import], float], kills: int = KILLS
) -> None:
    """Kill a worker when it has done a good part of its share, let the next go on, and the last one finish."""
    chance = random.Random(11)
    for number in range(1, kills + 1):
        worker = _worker(import_, environment, door)
        _wait_until(import_, lambda: share_done(import_) > number / (kills + 2))  # noqa: B023
        time.sleep(chance.random() / 10)
        worker.kill()
        worker.communicate()
        assert import_.status in (ImportStatus.IMPORTING, ImportStatus.UNDOING)
        _let_the_lease_run_out(import_)
    getattr(doors, door)(import_.id)


def _worker(import_: Import, environment: dict[str, str], door: str) -> subprocess.Popen[str]:
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, door, str(import_.id)],
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdin is not None
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    worker.stdin.write("go\n")
    worker.stdin.flush()
    return worker


def _wait_until(import_: Import, is_so: Callable[[], bool]) -> None:
    for _ in range(6000):
        db.session.rollback()
        db.session.refresh(import_)
        if is_so():
            return
        time.sleep(0.01)
    raise AssertionError("the worker does nothing")


def _share_taken_back(import_: Import) -> float:
    return journal.undone(import_).get("taken_back", 0) / (import_.inserted + import_.updated)


def _let_the_lease_run_out(import_: Import) -> None:
    past = clock.now() - timedelta(seconds=1)
    db.session.execute(update(Import).where(Import.id == import_.id).values(lease_until=past))
    db.session.commit()


def _outcome(import_: Import) -> list[list[Any]]:
    return [sorted(map(repr, db.session.execute(text(query), {"import": import_.id}))) for query in OUTCOME]


def _file(first: int, rows: int, agreeing: int) -> str:
    """People by number; every `agreeing`-th agreed, some refuse, some come twice, some cannot be read."""
    lines = []
    for number in range(first, first + rows):
        local = "12" if number % 50 == 17 else f"98{number - 5 if number % 100 == 42 else number:08d}"
        answer = "yes" if number % agreeing == 0 else "no" if number % 11 == 0 else ""
        lines.append(f"{local},Name {number},City {number % 7},{'gold' if number % 4 else ''},{answer}\n")
    return "Phone,Name,City,Plan,OK\n" + "".join(lines)
