"""Lost files: written and named by nobody. Whoever is killed before the commit that names a file leaves one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Select, exists, func, select

from app.extensions import db
from app.storage import files
from app.storage.models import FileKey, StoredFile


def count(before: datetime) -> int:
    """How many files were written before that and are lost."""
    return db.session.scalar(select(func.count()).select_from(_lost(before).subquery())) or 0


def purge(before: datetime, limit: int) -> int:
    """Take away up to so many of them; how many."""
    keys = db.session.scalars(_lost(before).order_by(StoredFile.created_at).limit(limit)).all()
    for key in keys:
        files.delete(key)
    return len(keys)


def columns() -> list[Column[Any]]:
    """Every column of the house that names files; no room has to tell us of its own."""
    return [column for table in db.metadata.sorted_tables for column in table.c if isinstance(column.type, FileKey)]


def _lost(before: datetime) -> Select[Any]:
    named = (exists().where(column == StoredFile.key) for column in columns())
    return select(StoredFile.key).where(StoredFile.created_at < before, *(~is_named for is_named in named))
