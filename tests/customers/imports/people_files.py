"""Files as people bring them, and the whole way of one."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from sqlalchemy import text
from werkzeug.datastructures import FileStorage

from app.customers.imports import service
from app.customers.imports.models import Import, ImportKind
from app.customers.jobs import imports as doors
from app.extensions import db

PEOPLE = {"0": "phone", "1": "name", "2": "city", "3": "attribute:Plan"}


def received(
    content: str | bytes,
    mapping: Mapping[str, str] = PEOPLE,
    rules: Mapping[str, Any] | None = None,
    kind: ImportKind = ImportKind.CUSTOMERS,
) -> Import:
    """The file, with what its columns become."""
    body = content.encode() if isinstance(content, str) else content
    import_ = service.receive_upload(FileStorage(BytesIO(body), filename="people.csv"), None, kind)
    service.change_mapping(import_, mapping)
    service.change_rules(import_, rules or {})
    db.session.commit()
    return import_


def started(*arguments: Any, **named: Any) -> Import:
    """Waiting for a worker."""
    import_ = received(*arguments, **named)
    service.start(import_)
    db.session.commit()
    return import_


def brought_in(*arguments: Any, **named: Any) -> Import:
    """Imported."""
    return gone_on(received(*arguments, **named))


def gone_on(import_: Import) -> Import:
    """Started, and brought in."""
    service.start(import_)
    db.session.commit()
    doors.run(import_.id)
    return import_


def checked(import_: Import) -> dict[str, Any]:
    """What the dry run says."""
    service.start_check(import_)
    db.session.commit()
    doors.check(import_.id)
    assert import_.findings is not None, import_.error
    return import_.findings


def undone(import_: Import) -> None:
    service.start_undo(import_)
    db.session.commit()
    doors.undo(import_.id)


def figures(import_: Import) -> tuple[int, ...]:
    """New, updated, unchanged, invalid, duplicates, suppressed."""
    return (
        import_.inserted, import_.updated, import_.unchanged, import_.invalid, import_.duplicates, import_.suppressed,
    )  # fmt: skip


def said(findings: Mapping[str, Any]) -> tuple[int, ...]:
    """The same of a dry run."""
    return tuple(findings[name] for name in ("new", "updated", "unchanged", "invalid", "duplicates", "suppressed"))


def contents(*tables: str) -> dict[str, list[Any]]:
    """Every row of these tables, whole."""
    with db.engine.connect() as connection:
        return {table: sorted(map(repr, connection.execute(text(f"SELECT * FROM {table}")))) for table in tables}
