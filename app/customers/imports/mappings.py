"""Mappings of columns kept under a name, for the next file of the same kind. These verbs flush; the caller commits."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.auth.models import User
from app.customers.imports.headers import plain_name
from app.customers.imports.models import Import, ImportKind, ImportMapping
from app.extensions import db
from app.shared.errors import Invalid, Missing

LONGEST_NAME = 80


def remember(import_: Import, name: str, by: User | None) -> ImportMapping:
    """Keep the import's mapping under `name`; one of that name is changed. Raises `Invalid` at "name"."""
    bare = " ".join(name.replace("\0", "").split())
    if not bare:
        raise Invalid("Give the mapping a name.", "name")
    if len(bare) > LONGEST_NAME:
        raise Invalid(f"Keep the name within {LONGEST_NAME} characters.", "name")
    kept = _named(import_.kind, bare)
    if kept is None:
        kept = ImportMapping(kind=import_.kind, name=bare)
        db.session.add(kept)
    names = import_.reading["columns"]
    kept.columns = {names[int(index)]: field for index, field in import_.mapping.items() if field}
    kept.created_by = by.id if by else None
    db.session.flush()
    return kept


def saved(kind: ImportKind) -> list[ImportMapping]:
    """The kept mappings of a kind, by name."""
    return list(
        db.session.scalars(select(ImportMapping).where(ImportMapping.kind == kind).order_by(ImportMapping.name))
    )


def named(kind: ImportKind, name: str) -> ImportMapping:
    """The one kept under this name. Raises `Missing`."""
    found = _named(kind, name)
    if found is None:
        raise Missing("No mapping of columns is kept under this name.")
    return found


def applied(kept: ImportMapping, columns: Sequence[str]) -> dict[str, str]:
    """What was kept, for a file with these columns: by their names, wherever they stand now."""
    fields = {plain_name(name) or name: field for name, field in kept.columns.items()}
    found = {str(index): fields.get(plain_name(name) or name) for index, name in enumerate(columns)}
    return {index: field for index, field in found.items() if field}


def fitting(kind: ImportKind, columns: Sequence[str]) -> ImportMapping | None:
    """The kept mapping all of whose columns this file has; of several the one with most columns."""
    whole = [kept for kept in saved(kind) if kept.columns and len(applied(kept, columns)) == len(kept.columns)]
    return max(whole, key=lambda kept: len(kept.columns), default=None)


def forget(kept: ImportMapping) -> None:
    """Keep it no longer; imports that used it stay as they are."""
    db.session.delete(kept)
    db.session.flush()


def _named(kind: ImportKind, name: str) -> ImportMapping | None:
    return db.session.scalar(select(ImportMapping).where(ImportMapping.kind == kind, ImportMapping.name == name))
