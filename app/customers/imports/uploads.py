"""Files on their way in: kept, and found out how they read. A person may say otherwise until the import begins."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from pathlib import PurePath
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app.auth.models import User
from app.customers.imports import given_back
from app.customers.imports.models import Import, ImportKind, ImportStatus
from app.extensions import db
from app.shared import csv_table
from app.shared.csv_table import Dialect
from app.shared.errors import Invalid, Refused
from app.storage import files
from app.storage.store import NotStored, TooLarge

HEAD = 64 * 1024  # bytes that tell the delimiter and the columns
BLOCK = 1 << 20
NAMES = frozenset(
    {"name", "full name", "fullname", "customer", "customer name", "contact name", "guest name", "first name", "नाम"}
)


def receive_upload(upload: FileStorage, user: User | None, kind: ImportKind = ImportKind.RECIPIENTS) -> Import:
    """Keep an uploaded CSV and note how it reads. Raises `Invalid` at "file" when it cannot be read."""
    if not upload.filename:
        raise Invalid("Choose a CSV file.", "file")
    try:
        key = files.save(Import.file_key, upload.stream, PurePath(upload.filename).suffix)
    except TooLarge as error:
        raise Invalid(str(error), "file") from error
    import_ = Import(
        kind=kind,
        file_key=key,
        file_name=PurePath(upload.filename).name,
        bytes_total=files.size(key),
        reading=_first_reading(key),
        digest=_digest(key),
        created_by=user.id if user else None,
    )
    db.session.add(import_)
    db.session.flush()
    return import_


def change_reading(
    import_: Import,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    has_header: bool | None = None,
    phone_column: int | None = None,
    name_column: int | None = None,
) -> None:
    """Read the file as a person says; None leaves a thing as it is.

    A column is an index, and holds only for the columns it was chosen from: when these change, the phone and
    the name are found anew, and what columns become must be said again. Raises `Refused` once the import has begun,
    `Invalid` at the field when it cannot be.
    """
    require_unbegun(import_)
    old = import_.reading
    new = _sniffed(
        import_.file_key,
        encoding=encoding or old["encoding"],
        delimiter=delimiter or old["delimiter"],
        has_header=old["has_header"] if has_header is None else has_header,
    )
    if new["columns"] == old["columns"]:
        new["phone_column"] = _chosen(new, "phone_column", phone_column, old)
        new["name_column"] = _chosen(new, "name_column", name_column, old)
    else:
        import_.mapping = {}
    import_.reading, import_.findings = new, None
    db.session.flush()


def require_unbegun(import_: Import) -> None:
    """Raises `Refused` when the file is being read, or was."""
    if import_.status is not ImportStatus.UPLOADED:
        raise Refused("The import has begun; how its file is read cannot be changed any more.")


def same_file(import_: Import) -> list[Import]:
    """Earlier imports of the very same file that brought something, the newest first."""
    stands = (ImportStatus.IMPORTING, ImportStatus.IMPORTED, ImportStatus.FAILED, ImportStatus.CANCELLED)
    query = select(Import).where(
        Import.digest == import_.digest, Import.kind == import_.kind, Import.id < import_.id,
        Import.status.in_(stands), Import.total > 0,
    )  # fmt: skip
    return list(db.session.scalars(query.order_by(Import.id.desc())))


def _first_reading(key: str) -> dict[str, Any]:
    try:
        return _sniffed(key)
    except Invalid:
        files.delete(key)
        raise


def _sniffed(key: str, **asked: Any) -> dict[str, Any]:
    try:
        with files.open_file(key) as stream:
            encoding = asked.pop("encoding", None) or csv_table.detect_encoding(stream)
            stream.seek(0)
            dialect = csv_table.sniff(stream.read(HEAD), encoding=encoding, **asked)
    except csv_table.Unreadable as error:
        raise Invalid(str(error), "file") from error
    except NotStored as error:
        raise Refused("The uploaded file is no longer there; upload it again.") from error
    if given_back.ours_of(dialect.columns):
        dialect = replace(dialect, columns=[csv_table.plain(column) for column in dialect.columns])
    reading = asdict(dialect) | {"name_column": _name_column(dialect)}
    if len(dialect.columns) == 1:
        reading["phone_column"] = 0  # what else; whatever is no number in it is reported row by row
    return reading


def _digest(key: str) -> bytes:
    found = hashlib.sha256()
    with files.open_file(key) as stream:
        while block := stream.read(BLOCK):
            found.update(block)
    return found.digest()


def _name_column(dialect: Dialect) -> int | None:
    if not dialect.has_header:
        return None
    names = [column.casefold() for column in dialect.columns]
    return next((index for index, name in enumerate(names) if name in NAMES), None)


def _chosen(new: dict[str, Any], which: str, index: int | None, old: dict[str, Any]) -> int | None:
    if index is not None and not 0 <= index < len(new["columns"]):
        raise Invalid("The file has no such column.", which)
    kept: int | None = old[which] if index is None else index
    return kept
