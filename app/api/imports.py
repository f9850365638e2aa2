"""Calls that bring a CSV file of customers, sales or opt-outs, and say what its columns become."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.api.access import caller
from app.api.calls import call
from app.api.paging import paged
from app.api.schemas.imports import (
    Findings,
    ImportChange,
    ImportDetail,
    ImportFieldOut,
    ImportFieldsOut,
    ImportFilter,
    ImportIn,
    ImportOut,
    ImportPage,
    KindFilter,
    PreviewOut,
    RowOut,
    Rules,
    UndoneOut,
)
from app.api.uploads import column_of, file_of, read_as_told
from app.api.whereabouts import locked_import
from app.auth import audit
from app.customers.imports import guessing, journal, service
from app.customers.imports import queries as import_queries
from app.customers.imports.models import Import, ImportKind, ImportStatus
from app.customers.imports.registry import kind_of
from app.extensions import db
from app.shared.errors import Invalid, Refused
from app.shared.pagination import page_of
from app.storage import files

TAG = "Imports"
IMPORT = "/imports/<uuid:import_id>"
FIRST = 20
GUESSED_FROM = 100  # rows
THROUGH = (ImportStatus.IMPORTED, ImportStatus.UNDOING, ImportStatus.UNDONE)


@call("GET", "/imports", "customers.view", tag=TAG, answer=ImportPage)
def list_imports(query: ImportFilter) -> Any:
    """List imports, the newest first."""
    found = import_queries.history(query.kind or "", query.status or "")
    page = page_of(found, query.page, query.limit, scalars=False)
    return paged(ImportPage, page, lambda row: ImportOut(**_facts(row[0])))


@call("POST", "/imports", "customers.write", tag=TAG, answer=ImportDetail, status=201, refusals=(409,))
def upload_import(form: ImportIn) -> Any:
    """Upload a CSV file. Nothing of it is imported before `POST /imports/{id}/start`.

    Say next what its columns become (`PUT`; `GET /imports/{id}/preview` suggests it) and, if you like, see what it
    would bring (`POST /imports/{id}/check`).
    """
    import_ = service.receive_upload(file_of(form.file), caller(), ImportKind(form.kind))
    try:
        read_as_told(import_, form)
    except (Invalid, Refused):
        files.delete(import_.file_key)  # the rollback forgets its row
        raise
    audit.record("import.upload", import_, by=caller(), kind=import_.kind.value)
    db.session.commit()
    return detail(import_), 201


@call("GET", "/imports/fields", "customers.view", tag=TAG, answer=ImportFieldsOut)
def list_import_fields(query: KindFilter) -> Any:
    """What the columns of a file of that kind may become."""
    fields = service.fields_of(ImportKind(query.kind))
    return ImportFieldsOut(items=[ImportFieldOut(**field._asdict()) for field in fields])


@call("GET", IMPORT, "customers.view", tag=TAG, answer=ImportDetail)
def show_import(import_id: UUID) -> Any:
    """How a file is read, and how far it has come."""
    return detail(import_queries.by_public_id(import_id))


@call("PUT", IMPORT, "customers.write", tag=TAG, answer=ImportDetail, refusals=(409,))
def change_import(import_id: UUID, json: ImportChange) -> Any:
    """Say how a file is read, what its columns become and which rules hold, before it is checked or started.

    Another reading may make other columns; say the mapping anew then.
    """
    import_ = locked_import(import_id)
    kind_of(import_)
    read_as_told(import_, json)
    if json.mapping is not None:
        service.change_mapping(import_, _mapping(import_, json.mapping))
    if json.rules is not None:
        service.change_rules(import_, _rules(import_, json.rules))
    audit.record("import.change", import_, by=caller(), fields=sorted(json.model_fields_set))
    db.session.commit()
    return detail(import_)


@call("GET", f"{IMPORT}/preview", "customers.view", tag=TAG, answer=PreviewOut, refusals=(409,))
def preview_import(import_id: UUID) -> Any:
    """The first 20 rows of a file, and what its columns seem to be."""
    import_ = import_queries.by_public_id(import_id)
    kind_of(import_)
    columns, rows = import_.reading["columns"], service.preview(import_, GUESSED_FROM)
    seems = guessing.guess(import_.kind, columns, [row.cells for row in rows if not row.problem])
    shown = [RowOut(row=row.number, cells=row.cells, problem=row.problem) for row in rows[:FIRST]]
    return PreviewOut(columns=columns, suggested_mapping=seems, rows=shown)


def detail(import_: Import) -> ImportDetail:
    """The import as calls answer it."""
    reading = {name: import_.reading[name] for name in ("encoding", "delimiter", "has_header", "columns")}
    earlier = [one.public_id for one in service.same_file(import_)]
    found, undone = import_.findings or {}, journal.undone(import_)
    return ImportDetail(
        **_facts(import_),
        **reading,
        mapping=import_.mapping,
        rules=import_.rules,
        findings=Findings.model_validate(found) if "total" in found else None,
        undone=UndoneOut.model_validate(undone) if undone else None,
        same_file=earlier,
    )


def _facts(import_: Import) -> dict[str, Any]:
    told = {name: getattr(import_, name) for name in ImportOut.model_fields if name not in ("id", "progress")}
    return told | {"id": import_.public_id, "progress": _progress(import_)}


def _progress(import_: Import) -> float:
    if import_.status in THROUGH:
        return 1.0
    return min(10_000, 10_000 * import_.bytes_done // max(1, import_.bytes_total)) / 10_000


def _mapping(import_: Import, said: dict[str, str | None]) -> dict[str, str]:
    wanted: dict[str, str] = {}
    for column, field in said.items():
        index = str(column_of(import_, column, f"mapping.{column}"))
        if index in wanted:
            raise Invalid("This column is named twice.", f"mapping.{column}")
        wanted |= {index: field} if field else {}
    return wanted


def _rules(import_: Import, said: Rules) -> dict[str, Any]:
    rules = said.model_dump(exclude_none=True, exclude={"consent"})
    if said.consent is None:
        return rules
    if (said.consent.column is None) is (said.consent.wording is None):
        raise Invalid("Say the column or the wording of their consent.", "rules.consent")
    if said.consent.column is None:
        return rules | {"consent": {"wording": said.consent.wording}}
    return rules | {"consent": {"column": str(column_of(import_, said.consent.column, "rules.consent.column"))}}
