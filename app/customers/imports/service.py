"""What people do with an import: bring a file, say what it means, try it, start it, stop it, take it back.

These verbs flush; the door commits and then rings for whoever goes on (`jobs.imports`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import delete

from app.customers.imports import given_back, journal
from app.customers.imports.kinds import Field
from app.customers.imports.models import IMPORT_STATES, Import, ImportFault, ImportKind, ImportStatus
from app.customers.imports.outlook import require_undoable
from app.customers.imports.reading import dialect_of
from app.customers.imports.registry import KINDS, kind_of
from app.customers.imports.uploads import change_reading, receive_upload, require_unbegun, same_file
from app.extensions import db
from app.shared import clock
from app.shared.csv_table import Row, Unreadable
from app.shared.errors import Invalid, Refused
from app.storage import files
from app.storage.store import NotStored

__all__ = [
    "cancel",
    "change_mapping",
    "change_reading",
    "change_rules",
    "discard",
    "fields_of",
    "preview",
    "receive_upload",
    "rewind",
    "same_file",
    "start",
    "start_check",
    "start_reading",
    "start_undo",
]

ATTRIBUTE = "attribute"
LONGEST_ATTRIBUTE = 80
GONE = "The uploaded file is no longer there; upload it again."


def fields_of(kind: ImportKind) -> Sequence[Field]:
    """What the columns of such a file may become; none for recipients, whose columns are variables."""
    return KINDS[kind].fields if kind in KINDS else ()


def preview(import_: Import, limit: int = 20) -> list[Row]:
    """The file's first rows as they are read. Raises `Refused` when the file is gone, or there are none to read."""
    try:
        with files.open_file(import_.file_key) as stream:
            return list(islice(given_back.rows(stream, dialect_of(import_)), limit))
    except NotStored as error:
        raise Refused(GONE) from error
    except Unreadable as error:
        raise Refused(str(error)) from error


def change_mapping(import_: Import, mapping: Mapping[str, str]) -> None:
    """Let columns become these fields, by their indexes; a column left out is skipped.

    Raises `Refused` once the import has begun, `Invalid` at "mapping" or, where a rule no longer fits, "rules.…".
    """
    require_unbegun(import_)
    kept = {index: " ".join(field.split()) for index, field in mapping.items() if field.strip()}
    _check_columns(import_, kept)
    _check_rules(import_, kept, import_.rules)
    import_.mapping, import_.findings = kept, None
    db.session.flush()


def change_rules(import_: Import, rules: Mapping[str, Any]) -> None:
    """Let these rules hold for every row. Raises `Refused` once the import has begun, `Invalid` at "rules.<name>"."""
    require_unbegun(import_)
    try:
        _check_rules(import_, import_.mapping, rules)
    except Invalid as error:
        # Before the columns are mapped, what is missing of them is not the rules' fault.
        if import_.mapping or error.field != "mapping":
            raise
    import_.rules, import_.findings = dict(rules), None
    db.session.flush()


def start_check(import_: Import) -> None:
    """Let a worker find out what the import would bring. Raises `Refused`, or `Invalid` as `change_mapping` does."""
    _check_rules(import_, import_.mapping, import_.rules)
    _require_file(import_)
    IMPORT_STATES.move(import_, ImportStatus.CHECKING)
    import_.findings = None
    _begin(import_)


def start(import_: Import) -> None:
    """Let a worker bring it in, or go on after a failure. Raises `Refused`, or `Invalid` as `change_mapping` does."""
    if journal.undone(import_):
        raise Refused("This import is partly undone; undo it to the end, and bring the file again.")
    if import_.changes_forgotten_at is not None:
        raise Refused("What this import changed was forgotten by the retention rule; bring the file anew.")
    _check_rules(import_, import_.mapping, import_.rules)
    _require_file(import_)
    start_reading(import_)


def _require_file(import_: Import) -> None:
    if not import_.has_file:
        raise Refused(GONE)


def start_reading(import_: Import) -> None:
    """Let a worker read the file, from where it stands. Raises `Refused`."""
    IMPORT_STATES.move(import_, ImportStatus.IMPORTING)
    _begin(import_)


def cancel(import_: Import) -> None:
    """Stop it. A trial is only stopped; of an import that runs, what has come in stays until it is undone."""
    if import_.status is ImportStatus.CHECKING:
        leave_check(import_)
    else:
        kind_of(import_)
        IMPORT_STATES.move(import_, ImportStatus.CANCELLED)
        import_.lease_until, import_.finished_at = None, clock.now()
        db.session.flush()


def leave_check(import_: Import) -> None:
    """The trial is over; the import stands as before it."""
    IMPORT_STATES.move(import_, ImportStatus.UPLOADED)
    import_.total = import_.bytes_done = 0
    import_.lease_until = import_.started_at = None
    db.session.flush()


def start_undo(import_: Import, reason: str = "") -> None:
    """Let a worker take back what the import created or changed, unless touched since. Raises `Refused`.

    Opt-outs are taken back for a `reason` alone (`Invalid` at "reason"): it makes people reachable again.
    """
    kind_of(import_)
    require_undoable(import_)
    if import_.kind is ImportKind.OPT_OUTS and not reason.strip():
        raise Invalid("Say why these people may be written to again.", "reason")
    IMPORT_STATES.move(import_, ImportStatus.UNDOING)
    import_.lease_until = import_.error = None
    db.session.flush()


def rewind(import_: Import) -> None:
    """As if the file had only just been uploaded. Whoever calls it has cleared what came of its rows."""
    if import_.status is not ImportStatus.UPLOADED:
        IMPORT_STATES.move(import_, ImportStatus.UPLOADED)
    db.session.execute(delete(ImportFault).where(ImportFault.import_id == import_.id))
    import_.reading = {name: value for name, value in import_.reading.items() if name != "first_position"}
    import_.bytes_done = import_.last_row = import_.total = 0
    import_.inserted = import_.updated = import_.unchanged = import_.invalid = 0
    import_.duplicates = import_.suppressed = 0
    import_.error = import_.started_at = import_.finished_at = None
    db.session.flush()


def discard(import_: Import) -> None:
    """Throw away an upload of which nothing came: its row and its file go. Raises `Refused` for any other."""
    kind_of(import_)
    if import_.status is not ImportStatus.UPLOADED:
        raise Refused("Only a file that was never imported can be thrown away.")
    db.session.execute(delete(ImportFault).where(ImportFault.import_id == import_.id))
    db.session.delete(import_)
    db.session.flush()
    if import_.has_file:
        files.delete(import_.file_key)


def _begin(import_: Import) -> None:
    # Of one that goes on, the time it stood still is not counted: its rate is of the time it worked.
    begun, ended = import_.started_at, import_.finished_at
    worked = ended - begun if import_.total and begun and ended else timedelta()
    import_.started_at = clock.now() - worked
    import_.lease_until = import_.finished_at = import_.error = None
    db.session.flush()


def _check_rules(import_: Import, mapping: Mapping[str, str], rules: Mapping[str, Any]) -> None:
    _refuse_binary(rules, "rules")
    kind_of(import_).check(mapping, rules)
    column = (rules.get("consent") or {}).get("column")
    if column is not None and not _is_column(import_, column):
        raise Invalid("The file has no such column.", "rules.consent")


def _refuse_binary(said: Any, field: str) -> None:
    """No database keeps a NUL in a text."""
    if "\\u0000" in json.dumps(said):
        raise Invalid("This holds binary data.", field)


def _is_column(import_: Import, index: object) -> bool:
    return isinstance(index, str) and index in map(str, range(len(import_.reading["columns"])))


def _check_columns(import_: Import, mapping: Mapping[str, str]) -> None:
    _refuse_binary(mapping, "mapping")
    names = {field.name for field in fields_of(import_.kind)}
    for index, field in mapping.items():
        if not _is_column(import_, index):
            raise Invalid("The file has no such column.", "mapping")
        _check_field(field, names)
    doubled = next((field for field in mapping.values() if list(mapping.values()).count(field) > 1), None)
    if doubled is not None:
        raise Invalid(f"Two columns cannot both become “{doubled.removeprefix('attribute:')}”.", "mapping")


def _check_field(field: str, names: set[str]) -> None:
    kind, _, name = field.partition(":")
    if kind == ATTRIBUTE and ATTRIBUTE in names:
        if not name.strip() or len(name) > LONGEST_ATTRIBUTE:
            raise Invalid(f"Give the attribute a name of at most {LONGEST_ATTRIBUTE} characters.", "mapping")
    elif field not in names:
        raise Invalid(f"There is no field “{field[:LONGEST_ATTRIBUTE]}”.", "mapping")
