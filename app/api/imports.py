"""Calls that bring a CSV file into a campaign and tell what became of its rows."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any
from uuid import UUID

from flask import Response, stream_with_context
from werkzeug.datastructures import FileStorage

from app.api import drafting
from app.api.access import caller
from app.api.calls import call
from app.api.schemas.imports import FileIn, ImportOut, Populating
from app.api.whereabouts import locked_campaign
from app.auth import audit
from app.campaigns.jobs import rings
from app.campaigns.models import Campaign, TargetType
from app.campaigns.service import drafts
from app.customers import queries
from app.customers.models import Import, ImportStatus
from app.customers.service import imports
from app.extensions import db
from app.shared.errors import Invalid, Refused
from app.storage import files

TAG = "Recipients"


@call(
    "POST",
    "/campaigns/<uuid:campaign_id>/populate",
    "campaigns.write",
    tag=TAG,
    answer=Populating,
    status=202,
    refusals=(409,),
)
def populate_campaign(campaign_id: UUID, form: FileIn) -> Any:
    """Upload the campaign's recipients as a CSV file; a worker brings them in.

    Uploading says that these people agreed to get such messages. Variables nobody spoke of yet are filled from the
    columns called like them, else from the columns in their order. Follow it with `GET /imports/{id}`.
    """
    campaign = locked_campaign(campaign_id)
    _check_target(campaign)
    import_ = _received(form)
    try:
        drafts.attach_file(campaign, import_)
        _read_as_told(import_, form)
        drafts.begin_import(campaign)
    except (Invalid, Refused):
        files.delete(import_.file_key)  # the rollback forgets its row
        raise
    drafting.suggest_variables(campaign, _columns(import_))
    audit.record("campaign.populate", campaign, by=caller(), import_id=import_.id)
    db.session.commit()
    rings.ring_for(campaign)
    return Populating(import_id=import_.public_id, status=campaign.status), 202


@call("GET", "/imports/<uuid:import_id>", "campaigns.view", tag=TAG, answer=ImportOut)
def show_import(import_id: UUID) -> Any:
    """How far a file has come."""
    import_ = queries.import_by_public_id(import_id)
    return ImportOut(
        id=import_.public_id,
        file_name=import_.file_name,
        status=import_.status,
        total=import_.total,
        inserted=import_.inserted,
        invalid=import_.invalid,
        duplicates=import_.duplicates,
        suppressed=import_.suppressed,
        progress=_progress(import_),
        error=import_.error,
    )


@call("GET", "/imports/<uuid:import_id>/errors.csv", "campaigns.view", tag=TAG)
def import_errors(import_id: UUID) -> Any:
    """The rows that were not used, as CSV: row number, reason, then the file's own columns."""
    import_ = queries.import_by_public_id(import_id)
    answer = Response(stream_with_context(queries.faults_csv(import_)), mimetype="text/csv")
    name = f"{PurePath(import_.file_name).stem} - not imported.csv"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _check_target(campaign: Campaign) -> None:
    drafts.require_editable(campaign)
    if campaign.target_type not in (None, TargetType.IMPORTED):
        raise Refused(f"This campaign's target_type is {campaign.target_type}; make it imported to upload a file.")


def _received(form: FileIn) -> Import:
    upload: Any = form.file
    if not isinstance(upload, FileStorage):  # a form field without a file name comes as a text
        raise Invalid("Send the CSV as a file of the form, with a file name.", "file")
    return imports.receive_upload(upload, caller())


def _read_as_told(import_: Import, form: FileIn) -> None:
    told = form.model_dump(include={"encoding", "delimiter", "has_header"}, exclude_none=True)
    if told:
        imports.change_reading(import_, **told)
    if form.phone_column is not None:
        imports.change_reading(import_, phone_column=_index(import_, form.phone_column))


def _index(import_: Import, column: str) -> int:
    columns: list[str] = import_.reading["columns"]
    if column in columns:
        return columns.index(column)
    if column.isascii() and column.isdigit() and int(column) < len(columns):
        return int(column)
    raise Invalid(f"The file has no column {column}; it has {', '.join(columns)}.", "phone_column")


def _columns(import_: Import) -> list[str]:
    """The file's columns but the phone's, whose cells no variable can use."""
    columns, phone_column = import_.reading["columns"], import_.reading["phone_column"]
    return [column for index, column in enumerate(columns) if index != phone_column]


def _progress(import_: Import) -> float:
    if import_.status is ImportStatus.IMPORTED:
        return 1.0
    return min(10_000, 10_000 * import_.bytes_done // max(1, import_.bytes_total)) / 10_000
