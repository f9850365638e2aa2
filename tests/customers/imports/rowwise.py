"""Files of sales and opt-outs brought in so many rows a transaction, without the jobs around it."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app.customers.imports import guessing, leases, merging, reading, service, staging
from app.customers.imports.kinds import Kind, Tally
from app.customers.imports.models import Import, ImportFault, ImportKind, ImportStatus
from app.extensions import db


def received(kind: ImportKind, content: str, rules: Mapping[str, Any] | None = None) -> Import:
    """The file, its columns mapped as they are guessed; committed."""
    upload = FileStorage(BytesIO(content.encode()), filename="list.csv")
    import_ = service.receive_upload(upload, None, kind)
    rows = [row.cells for row in service.preview(import_, 100)]
    import_.mapping = guessing.guess(kind, import_.reading["columns"], rows)
    import_.rules = dict(rules or {})
    db.session.commit()
    return import_


def brought(kind: Kind, import_: Import, chunk: int = reading.CHUNK) -> Import:
    """The file brought in, `chunk` rows a transaction."""
    kind.check(import_.mapping, import_.rules)
    import_.status = ImportStatus.IMPORTING
    db.session.commit()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "CHUNK", chunk)
        for rows in reading.chunks(import_, kind.reader(import_)):
            merging.store(import_, kind, rows)
            db.session.commit()
    leases.end(import_, ImportStatus.IMPORTED)
    db.session.commit()
    return import_


def tried(kind: Kind, import_: Import) -> Tally:
    """What the dry run says of the rows that can be read."""
    staging.create(kind.staged)
    for rows in reading.chunks(import_, kind.reader(import_)):
        staging.fill(kind.staged, rows.staged)
    tally = kind.look(import_)
    db.session.rollback()
    return tally


def undone(kind: Kind, import_: Import, most: int = 2) -> None:
    """Everything taken back, a few rows at a time."""
    while kind.undo(import_, most):
        db.session.commit()
    db.session.commit()


def figures(import_: Import) -> dict[str, int]:
    """The import's figures that are not zero."""
    names = ("total", "inserted", "updated", "unchanged", "invalid", "duplicates", "suppressed")
    return {name: number for name in names if (number := getattr(import_, name))}


def faults(import_: Import) -> list[tuple[int, str]]:
    """The rows that were not used, and why."""
    query = select(ImportFault.row_number, ImportFault.reason).where(ImportFault.import_id == import_.id)
    return [(row.row_number, row.reason) for row in db.session.execute(query.order_by(ImportFault.row_number))]
