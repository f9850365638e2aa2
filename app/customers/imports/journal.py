"""Undoing an import: what it changed becomes as it was, what it created goes; whoever was touched since stays.

A step a transaction. What is done leaves the journal, and of what was created the import notes how far the steps
came, so whoever goes on after a kill goes on there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Column, func, select, text

from app.customers.imports.models import Import
from app.extensions import Base, db

SINCE = "undone"  # in an import's findings: {"taken_back", "left", "after_<table>"}
_KEPT = ("id", "public_id", "created_at")  # columns that no import changes


@dataclass(frozen=True, slots=True)
class Step:
    """Part of an undoing: how many rows were looked at, and the ids of those that became as they were."""

    looked_at: int = 0
    ids: list[int] = field(default_factory=list)


def undo(import_: Import, model: type[Base], subject: str, most: int) -> Step:
    """Restore up to `most` rows that the import changed, or take back as many that it created, unless touched since.

    `subject` is what the journal calls a row of `model`. The caller commits; a step that looked at none was the last.
    """
    # A few rows against tables of any size: each is looked up, and nothing is read whole.
    db.session.execute(select(func.set_config("enable_hashjoin", "off", True)))
    db.session.execute(select(func.set_config("enable_mergejoin", "off", True)))
    # What was created goes between: it may stand where what was changed has to return to.
    step = _restore(import_, model, subject, most)
    if not step.looked_at:
        step = _take_back(import_, model, most)
    if not step.looked_at:
        step = _leave(import_, subject, most)
    return step


def _restore(import_: Import, model: type[Base], subject: str, most: int) -> Step:
    asked = {"import": import_.id, "subject": subject, "most": most}
    looked_at, changed, ids = db.session.execute(text(_restoring(model)), asked).one()
    note(import_, taken_back=len(ids), left=changed - len(ids))
    return Step(looked_at, ids)


@cache
def _restoring(model: type[Base]) -> str:
    table = model.__tablename__
    columns = [column.name for column in model.__table__.columns if column.name not in _KEPT]
    values = ", ".join(f"was.{name}" for name in columns)
    return f"""
    WITH next AS MATERIALIZED (
        SELECT subject_id, before, changed_at FROM import_changes
        WHERE import_id = :import AND subject = :subject{_is_free(model)} ORDER BY subject_id LIMIT :most
    ), forgotten AS (
        DELETE FROM import_changes j USING next
        WHERE j.import_id = :import AND j.subject = :subject AND j.subject_id = next.subject_id
    ), restored AS (
        UPDATE {table} t SET ({", ".join(columns)}) = (SELECT {values} FROM jsonb_populate_record(t, next.before) was)
        FROM next WHERE t.id = next.subject_id AND t.updated_at = next.changed_at AND next.before <> '{{}}'
        RETURNING t.id
    )
    SELECT (SELECT count(*) FROM next), (SELECT count(*) FROM next WHERE before <> '{{}}'),
           ARRAY(SELECT id FROM restored)
    """  # noqa: S608  names of our own tables and columns


def _is_free(model: type[Base]) -> str:
    """That nobody has by now what must be one row's alone, and was this one's before: a number, say."""
    table = model.__tablename__
    alone = [column.name for column in model.__table__.columns if column.unique and column.name not in _KEPT]
    others = (f"{table} o WHERE o.{name} = before ->> '{name}' AND o.id <> subject_id" for name in alone)
    return "".join(f" AND NOT EXISTS (SELECT FROM {other})" for other in others)


def _leave(import_: Import, subject: str, most: int) -> Step:
    """Those that cannot return to what they were, for somebody else is that by now."""
    asked = {"import": import_.id, "subject": subject, "most": most}
    left = db.session.execute(text(_LEAVING), asked).scalar_one()
    note(import_, taken_back=0, left=left)
    return Step(left)


_LEAVING = """
    WITH gone AS (
        DELETE FROM import_changes WHERE import_id = :import AND subject = :subject AND subject_id IN (
            SELECT subject_id FROM import_changes WHERE import_id = :import AND subject = :subject LIMIT :most)
        RETURNING 1
    )
    SELECT count(*) FROM gone
"""


def _take_back(import_: Import, model: type[Base], most: int) -> Step:
    after = f"after_{model.__tablename__}"
    asked = {"import": import_.id, "most": most, "after": undone(import_).get(after, 0)}
    looked_at, last, ids = db.session.execute(text(_taking_back(model)), asked).one()
    if looked_at:
        note(import_, taken_back=len(ids), left=looked_at - len(ids), **{after: last})
    return Step(looked_at, ids)


@cache
def _taking_back(model: type[Base]) -> str:
    table = model.__tablename__
    return f"""
    WITH next AS MATERIALIZED (
        SELECT id FROM {table} WHERE import_id = :import AND id > :after ORDER BY id LIMIT :most
    ), gone AS (
        DELETE FROM {table} t USING next WHERE t.id = next.id AND {untouched(model)} RETURNING t.id
    )
    SELECT (SELECT count(*) FROM next), (SELECT max(id) FROM next), ARRAY(SELECT id FROM gone)
    """  # noqa: S608  names of our own tables and columns


@cache
def untouched(model: type[Base]) -> str:
    """The condition that nobody but import `:import` touched or uses what it created, a row `t` of `model`."""
    unused = "".join(f" AND NOT EXISTS (SELECT FROM {_used_in(column)})" for column in _pointing_at(model))
    return f"t.updated_at = t.created_at{unused}"


def _pointing_at(model: type[Base]) -> list[Column[Any]]:
    """Every column of the house that may point at a row of `model`; whoever is pointed at is in use."""
    return [
        column
        for table in db.metadata.sorted_tables
        for column in table.columns
        if any(key.column is model.__table__.c.id for key in column.foreign_keys)
    ]


def _used_in(column: Column[Any]) -> str:
    # What the import itself hung on the row, a consent say, is no use by anybody else.
    own = " AND o.import_id IS DISTINCT FROM :import" if "import_id" in column.table.columns else ""
    return f"{column.table.name} o WHERE o.{column.name} = t.id{own}"


def undone(import_: Import) -> dict[str, int]:
    """How far undoing came: how many were taken back, how many left because they were touched since."""
    found: dict[str, int] = (import_.findings or {}).get(SINCE, {})
    return found


def note(import_: Import, *, taken_back: int, left: int, **progress: int) -> None:
    """Add to what undoing took back and left, and keep how far it came."""
    before = undone(import_)
    sums = {"taken_back": before.get("taken_back", 0) + taken_back, "left": before.get("left", 0) + left}
    import_.findings = (import_.findings or {}) | {SINCE: before | sums | progress}
    db.session.flush()
