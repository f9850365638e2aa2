"""Whatever a file holds, it is answered: refused with a sentence, or brought in row by row; no work is left hanging.

ODD_FILES=3000 makes the long run of it.
"""

from __future__ import annotations

import os
from io import BytesIO
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage

from app.customers.imports import guessing, service
from app.customers.imports.models import Import, ImportFault, ImportKind, ImportStatus
from app.customers.jobs import imports as doors
from app.extensions import db
from app.shared import csv_records
from app.shared.errors import Invalid
from tests.customers.imports.odd_files import CORPUS, odd_files
from tests.factories import login

FILES = int(os.environ.get("ODD_FILES", "150"))
LONG_RUN = 1000
KINDS = (ImportKind.CUSTOMERS, ImportKind.SALES, ImportKind.OPT_OUTS)
NEEDED = {
    ImportKind.CUSTOMERS: ("phone",),
    ImportKind.SALES: ("phone", "amount", "sold_at"),
    ImportKind.OPT_OUTS: ("phone",),
}
RULES = {
    "region": "IN", "wording": "", "existing": "update", "customers": "create", "dates": "dmy", "decimals": ".",
}  # fmt: skip


@pytest.mark.slow
def test_every_odd_file_gets_a_clear_answer(app: Flask) -> None:
    ends: dict[str, int] = {}

    @settings(
        max_examples=FILES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
    )
    @given(odd_files(), st.sampled_from(KINDS))
    def answered(content: bytes, kind: ImportKind) -> None:
        end = _whole_way(content, kind)
        ends[end] = ends.get(end, 0) + 1

    answered()
    assert ends["imported"] > FILES / 10, ends
    assert ends["refused"] > FILES / 50, ends


@pytest.mark.parametrize("kind", KINDS)
def test_every_file_of_the_corpus_gets_a_clear_answer(app: Flask, subtests: pytest.Subtests, kind: ImportKind) -> None:
    for odd in _share_of(kind, 0):
        with subtests.test(odd):
            assert _whole_way(CORPUS[odd], kind) in ("refused", "no such columns", "imported", "failed")


@pytest.mark.parametrize("kind", KINDS)
def test_the_pages_show_every_file_of_the_corpus(
    client: FlaskClient, cast: SimpleNamespace, subtests: pytest.Subtests, kind: ImportKind
) -> None:
    login(client, cast.mona)
    for odd in _share_of(kind, 1):
        with subtests.test(odd):
            form = {"kind": kind.value, "file": (BytesIO(CORPUS[odd]), "odd.csv")}
            answer = client.post("/imports/new", data=form)
            assert answer.status_code in (302, 422), answer.text
            if answer.status_code == 302:
                _every_page(client, answer.headers["Location"].removesuffix("/reading"))


@pytest.mark.parametrize(
    ("odd", "sentence"),
    [
        ("empty", "This file is empty."),
        ("blanks", "This file is empty."),
        ("only a header", "a header row and nothing below it"),
        ("zip", "a ZIP archive; unpack it first"),
        ("xlsx", "an Excel workbook; save it as CSV first"),
        ("old Excel", "an old Excel workbook"),
        ("gzip", "compressed"),
        ("noise", "not a text file"),
        ("UTF-32", "UTF-32"),
        ("JSON", "JSON, not a table"),
        ("vCard", "an address book"),
        ("web page", "a web page"),
        ("5,000 columns", "5,000 columns; leave at most 200"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(app: Flask, odd: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        service.receive_upload(FileStorage(BytesIO(CORPUS[odd]), filename="odd.csv"), None, ImportKind.CUSTOMERS)


def test_rows_without_end_that_say_nothing_end_the_import(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_records, "MOST_BLANK", 100)
    assert _whole_way(b"Phone,Name\n" + b"9812345678,Asha\n" * 100 + b",\n" * 200, ImportKind.CUSTOMERS) == "failed"
    assert db.session.scalar(select(Import.error)) == "From row 102 on there are only blank rows; delete them."


def _share_of(kind: ImportKind, turn: int) -> list[str]:
    """Which files of the corpus are tried as this kind: a third of them, or all in the long run."""
    place = (KINDS.index(kind) + turn) % len(KINDS)
    return list(CORPUS)[place :: len(KINDS)] if FILES < LONG_RUN else list(CORPUS)


def _whole_way(content: bytes, kind: ImportKind) -> str:
    """How the file ended: refused, without the columns we need, failed with a sentence, or imported and undone."""
    try:
        import_ = service.receive_upload(FileStorage(BytesIO(content), filename="odd.csv"), None, kind)
        db.session.commit()
    except Invalid as refusal:
        db.session.rollback()
        _assert_names(refusal, "file")
        return "refused"
    try:
        service.change_mapping(import_, _mapping(import_))
    except Invalid as refusal:
        db.session.rollback()
        _assert_names(refusal, "mapping")
        return "no such columns"
    service.start_check(import_)
    db.session.commit()
    doors.check(import_.id)
    return _brought_in(import_) if import_.status is ImportStatus.UPLOADED else _failed(import_)


def _brought_in(import_: Import) -> str:
    said = import_.findings
    assert said is not None
    service.start(import_)
    db.session.commit()
    doors.run(import_.id)
    if import_.status is not ImportStatus.IMPORTED:
        return _failed(import_)
    figures = {name: getattr(import_, name) for name in ("updated", "unchanged", "invalid", "duplicates", "suppressed")}
    assert {name: said[name] for name in figures} | {"new": said["new"]} == figures | {"new": import_.inserted}
    used = import_.inserted + import_.updated + import_.unchanged
    assert used + import_.invalid + import_.duplicates == import_.total
    faults = select(func.count()).select_from(ImportFault).where(ImportFault.import_id == import_.id)
    assert db.session.scalar(faults) == import_.invalid + import_.duplicates
    if import_.kind is not ImportKind.OPT_OUTS:
        _undo(import_)
    return "imported"


def _undo(import_: Import) -> None:
    service.start_undo(import_)
    db.session.commit()
    doors.undo(import_.id)
    assert import_.status is ImportStatus.UNDONE, import_.error


def _failed(import_: Import) -> str:
    assert import_.status is ImportStatus.FAILED
    assert import_.error != doors.OUR_FAULT
    _assert_clear(import_.error or "")
    return "failed"


def _mapping(import_: Import) -> dict[str, str]:
    """As it is guessed; what is missing then is given to the columns that are left, in their order."""
    columns = import_.reading["columns"]
    rows = [row.cells for row in service.preview(import_, 100)]
    mapping = guessing.guess(import_.kind, columns, rows)
    free = [str(index) for index in range(len(columns)) if ":" in mapping.get(str(index), ":")]
    missing = [field for field in NEEDED[import_.kind] if field not in mapping.values()]
    return mapping | dict(zip(free, missing, strict=False))


def _assert_names(refusal: Invalid, field: str) -> None:
    assert refusal.field == field
    _assert_clear(str(refusal))


def _assert_clear(sentence: str) -> None:
    assert sentence.endswith(".")
    assert 10 < len(sentence) < 300
    assert not {"Traceback", "psycopg", "Error", "None"} & set(sentence.replace("(", " ").split())


def _every_page(client: FlaskClient, at: str) -> None:
    import_ = db.session.scalars(select(Import).order_by(Import.id.desc()).limit(1)).one()
    for page in ("reading", "columns"):
        assert client.get(f"{at}/{page}").status_code == 200
    mapping = {f"column-{index}": field.partition(":")[0] for index, field in _mapping(import_).items()}
    if client.post(f"{at}/columns", data=mapping).status_code == 422:
        return
    assert client.get(f"{at}/rules").status_code == 200
    said = next((name.removeprefix("column-") for name, field in mapping.items() if field == "consent"), "")
    rules = RULES | {"consent": "column" if said else "none", "column": said}
    answer = client.post(f"{at}/rules", data=rules)
    assert answer.status_code == 302, answer.text
    doors.check(import_.id)
    assert client.get(f"{at}/check").status_code in (200, 302)
    client.post(f"{at}/start")
    doors.run(import_.id)
    assert client.get(at).status_code == 200
    errors = client.get(f"{at}/errors.csv")
    assert errors.status_code in (200, 404)
