"""The call that brings a CSV file of recipients into a campaign."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.api import drafting
from app.api.access import caller
from app.api.calls import call
from app.api.schemas.imports import FileIn, Populating
from app.api.uploads import column_of, file_of, read_as_told
from app.api.whereabouts import locked_campaign
from app.auth import audit
from app.campaigns.jobs import rings
from app.campaigns.models import Campaign, TargetType
from app.campaigns.service import drafts
from app.customers.imports import uploads
from app.customers.imports.models import Import
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
    import_ = uploads.receive_upload(file_of(form.file), caller())
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


def _check_target(campaign: Campaign) -> None:
    drafts.require_editable(campaign)
    if campaign.target_type not in (None, TargetType.IMPORTED):
        raise Refused(f"This campaign's target_type is {campaign.target_type}; make it imported to upload a file.")


def _read_as_told(import_: Import, form: FileIn) -> None:
    read_as_told(import_, form)
    if form.phone_column is not None:
        uploads.change_reading(import_, phone_column=column_of(import_, form.phone_column, "phone_column"))


def _columns(import_: Import) -> list[str]:
    """The file's columns but the phone's, whose cells no variable can use."""
    columns, phone_column = import_.reading["columns"], import_.reading["phone_column"]
    return [column for index, column in enumerate(columns) if index != phone_column]
