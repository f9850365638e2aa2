"""CSV files on their way in: receive one, read it, and let one worker at a time have it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import timedelta
from io import StringIO
from itertools import islice
from pathlib import PurePath
from typing import Any

from sqlalchemy import delete, select
from werkzeug.datastructures import FileStorage

from app.auth import workspace
from app.auth.models import User
from app.customers.models import IMPORT_STATES, Import, ImportFault, ImportStatus
from app.extensions import db
from app.shared import clock, csv_table
from app.shared.csv_table import BadRow, Contact, Dialect
from app.shared.errors import Invalid, Refused
from app.storage import files
from app.storage.store import NotStored, TooLarge

# A worker renews it with each chunk, which takes about a second; so a minute means that it died.
LEASE = timedelta(seconds=60)
HEAD = 64 * 1024  # bytes that tell the delimiter and the columns
NAMES = frozenset(
    {"name", "full name", "fullname", "customer", "customer name", "contact name", "guest name", "first name", "नाम"}
)

Entry = Contact | BadRow


def receive_upload(upload: FileStorage, user: User | None) -> Import:
    """Keep an uploaded CSV and note how it reads. Raises `Invalid` at "file" when it cannot be read."""
    if not upload.filename:
        raise Invalid("Choose a CSV file.", "file")
    try:
        key = files.save(upload.stream, PurePath(upload.filename).suffix)
    except TooLarge as error:
        raise Invalid(str(error), "file") from error
    import_ = Import(
        file_key=key,
        file_name=PurePath(upload.filename).name,
        bytes_total=files.size(key),
        reading=_first_reading(key),
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
    the name are found anew. Raises `Refused` once the import has begun, `Invalid` at the field when it cannot be.
    """
    if import_.status is not ImportStatus.UPLOADED:
        raise Refused("The import has begun; how its file is read cannot be changed any more.")
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
    import_.reading = new
    db.session.flush()


def preview(import_: Import, limit: int = 20) -> list[Entry]:
    """The file's first rows, read as the worker will read them. Raises as `entries` does."""
    return list(islice(entries(import_), limit))


def entries(import_: Import) -> Iterator[Entry]:
    """The file's rows after `last_row`, in order.

    The database is asked before the first row, so that no transaction need be open while reading. Raises
    `Invalid` when nobody said which column holds the phone numbers; while reading, `NotStored`.
    """
    reading = import_.reading
    if reading["phone_column"] is None:
        raise Invalid("Say which column holds the phone numbers.", "phone_column")
    return _entries(import_.file_key, reading, workspace.current().default_region, import_.last_row)


def _entries(key: str, reading: dict[str, Any], region: str, after_row: int) -> Iterator[Entry]:
    dialect = _dialect_of(reading)
    with files.open_file(key) as stream:
        yield from csv_table.read_contacts(
            csv_table.rows(stream, dialect, skip_rows=after_row),
            dialect,
            region,
            phone_column=reading["phone_column"],
            name_column=reading["name_column"],
        )


def text_of(import_: Import, contact: Contact) -> str:
    """A contact's row as its file would write it, the number in full: so one sees what it repeats."""
    reading = import_.reading
    cells = [contact.variables.get(column, "") for column in reading["columns"]]
    cells[reading["phone_column"]] = contact.phone
    line = StringIO()
    csv.writer(line, delimiter=reading["delimiter"], lineterminator="").writerow(cells)
    return line.getvalue()


def _dialect_of(reading: dict[str, Any]) -> Dialect:
    return Dialect(**{field.name: reading[field.name] for field in fields(Dialect)})


def claim(import_id: int) -> Import | None:
    """The import, ours to read for `LEASE` from now; None when it is in other hands or done."""
    import_ = _locked(import_id)
    if import_.status is ImportStatus.IMPORTED or not _lease_is_free(import_):
        return None
    if import_.status is not ImportStatus.IMPORTING:
        IMPORT_STATES.move(import_, ImportStatus.IMPORTING)
        import_.started_at, import_.error = clock.now(), None
    import_.lease_until = clock.now() + LEASE
    db.session.flush()
    return import_


def hold(import_id: int, at_row: int) -> Import | None:
    """The import locked and its lease renewed, if it still stands at `at_row`.

    None means that somebody else went on with it after our lease ran out: then we must stop.
    """
    import_ = _locked(import_id)
    if import_.status is not ImportStatus.IMPORTING or import_.last_row != at_row:
        return None
    import_.lease_until = clock.now() + LEASE
    return import_


def finish(import_: Import) -> None:
    """The whole file has been read."""
    IMPORT_STATES.move(import_, ImportStatus.IMPORTED)
    import_.bytes_done = import_.bytes_total
    _end(import_)


def fail(import_: Import, sentence: str) -> None:
    """The file cannot be read on; `sentence` tells people why. What was read stays."""
    IMPORT_STATES.move(import_, ImportStatus.FAILED)
    import_.error = sentence
    _end(import_)


def rewind(import_: Import) -> None:
    """As if the file had only just been uploaded. Whoever calls it has cleared what came of its rows."""
    if import_.status is not ImportStatus.UPLOADED:
        IMPORT_STATES.move(import_, ImportStatus.UPLOADED)
    db.session.execute(delete(ImportFault).where(ImportFault.import_id == import_.id))
    import_.reading = {name: value for name, value in import_.reading.items() if name != "first_position"}
    import_.bytes_done = import_.last_row = import_.total = 0
    import_.inserted = import_.invalid = import_.duplicates = import_.suppressed = 0
    import_.error = import_.started_at = import_.finished_at = None
    db.session.flush()


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
    reading = asdict(dialect) | {"name_column": _name_column(dialect)}
    if len(dialect.columns) == 1:
        reading["phone_column"] = 0  # what else; whatever is no number in it is reported row by row
    return reading


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


def _lease_is_free(import_: Import) -> bool:
    return import_.lease_until is None or import_.lease_until < clock.now()


def _locked(import_id: int) -> Import:
    query = select(Import).where(Import.id == import_id).with_for_update(of=Import, key_share=True)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _end(import_: Import) -> None:
    import_.lease_until, import_.finished_at = None, clock.now()
    db.session.flush()
