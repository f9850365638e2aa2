"""A file that nothing names goes when it is old enough; one that anything names stays, however old."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import func, select, text, update

from app import config
from app.customers.imports.models import Import
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.shared import clock
from app.storage import files, lost
from app.storage.models import StoredFile
from app.storage.store import TooLarge
from tests import factories


def week_ago() -> datetime:
    return clock.now() - timedelta(days=7)


def stored(days: int = 8, column: Any = Import.file_key) -> str:
    """A file that was written so many days ago."""
    key = files.save(column, BytesIO(b"Phone\n"), ".csv")
    made = clock.now() - timedelta(days=days)
    db.session.execute(update(StoredFile).where(StoredFile.key == key).values(created_at=made))
    db.session.commit()
    return key


def is_there(key: str) -> bool:
    return (config.current().var_dir / "files" / key).exists()


def known() -> int:
    return db.session.scalar(select(func.count()).select_from(StoredFile)) or 0


def test_a_file_whose_row_never_came_goes(app: Flask) -> None:
    old, young = stored(8), stored(6)
    assert lost.count(week_ago()) == 1
    assert lost.purge(week_ago(), 10) == 1
    assert (is_there(old), is_there(young), known()) == (False, True, 1)
    assert lost.count(week_ago()) == 0


@pytest.mark.parametrize("column", [Import.file_key, MessageTemplate.sample_key])
def test_a_file_that_a_row_names_stays(app: Flask, column: Any) -> None:
    key = stored(400, column)
    if column is Import.file_key:
        db.session.add(Import(file_key=key, file_name="a.csv", bytes_total=6))
    else:
        factories.make_template(sample_key=key)
    db.session.commit()
    assert (lost.count(week_ago()), lost.purge(week_ago(), 10)) == (0, 0)
    assert is_there(key)


def test_they_go_in_batches_the_oldest_first(app: Flask) -> None:
    keys = [stored(days) for days in (30, 20, 10)]
    assert lost.purge(week_ago(), 2) == 2
    assert [is_there(key) for key in keys] == [False, False, True]


def test_what_a_killed_writer_left_goes_too(app: Flask) -> None:
    key = stored()
    path = config.current().var_dir / "files" / key
    path.rename(f"{path}.part")
    assert lost.purge(week_ago(), 10) == 1
    assert list(path.parent.glob(f"{path.name}*")) == []


def test_a_file_that_we_did_not_write_is_not_ours_to_delete(app: Flask) -> None:
    path = config.current().var_dir / "files" / "2020" / "01" / "another-house.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    lost.purge(clock.now() + timedelta(days=1), 10)
    assert path.exists()


def test_it_is_written_down_before_its_first_byte_and_stays_so_when_the_caller_fails(app: Flask) -> None:
    seen: list[int] = []

    class Stream(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            with db.engine.connect() as other:
                seen.append(other.scalar(select(func.count()).select_from(StoredFile)) or 0)
            return super().read(size)

    files.save(Import.file_key, Stream(b"x"))
    db.session.rollback()
    assert seen[0] == known() == 1


def test_what_was_refused_or_deleted_leaves_no_trace(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.extensions, "bulbul_config", replace(config.current(), max_upload=10))
    files.delete(stored())
    with pytest.raises(TooLarge):
        files.save(Import.file_key, BytesIO(b"x" * 11))
    assert known() == 0


def test_a_file_for_any_other_column_is_refused(app: Flask) -> None:
    with pytest.raises(TypeError):
        files.save(Import.file_name, BytesIO(b"x"))
    assert known() == 0


def test_files_from_before_we_wrote_them_down_are_known(app: Flask) -> None:
    db.session.remove()
    downgrade(revision="0005")
    db.session.execute(text(_AN_IMPORT))
    db.session.commit()
    db.session.remove()
    upgrade()
    assert db.session.scalars(select(StoredFile.key)).all() == ["2026/10/old.csv"]


_AN_IMPORT = """
    INSERT INTO imports (public_id, file_key, file_name, bytes_total, bytes_done, reading, status, last_row, total,
                         inserted, invalid, duplicates, suppressed)
    SELECT gen_random_uuid(), key, 'a.csv', 1, 0, '{}', 'uploaded', 0, 0, 0, 0, 0, 0
    FROM unnest(ARRAY['2026/10/old.csv', '']) key
"""
