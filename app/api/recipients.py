"""Calls on a campaign's recipients: list them, add some."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.api import drafting
from app.api.access import caller
from app.api.calls import call
from app.api.paging import paged
from app.api.schemas.campaigns import (
    Added,
    RecipientFilter,
    RecipientIn,
    RecipientOut,
    RecipientPage,
    RecipientsIn,
    RowError,
)
from app.api.whereabouts import campaign_of, locked_campaign
from app.auth import audit, workspace
from app.campaigns.models import CAMPAIGN_STATES, Campaign, CampaignStatus, Recipient, TargetType
from app.campaigns.queries import people
from app.campaigns.service import drafts, staging
from app.extensions import db
from app.messaging.models import Message
from app.shared import phone
from app.shared.csv_table import Contact
from app.shared.errors import Refused
from app.shared.pagination import page_of

TAG = "Recipients"
RULE = "/campaigns/<uuid:campaign_id>/recipients"


@call("GET", RULE, "campaigns.view", tag=TAG, answer=RecipientPage)
def list_recipients(campaign_id: UUID, query: RecipientFilter) -> Any:
    """List a campaign's recipients, or those behind one of its figures."""
    found = people.behind(campaign_of(campaign_id), query.status or "total")
    page = page_of(found, query.page, query.limit, scalars=False)
    return paged(RecipientPage, page, lambda row: _shown(*row[:2]))


@call("POST", RULE, "campaigns.write", tag=TAG, answer=Added, refusals=(409,))
def add_recipients(campaign_id: UUID, json: RecipientsIn) -> Any:
    """Add people to a campaign of yours that has not started; it is ready then.

    Adding them says that they agreed to get such messages, as uploading a file does. An entry whose number cannot be
    used, or is in the campaign already, is told of in `errors`; the others are added.
    """
    campaign = locked_campaign(campaign_id)
    _make_a_list(campaign)
    contacts, errors = _read(json.root)
    first = db.session.scalar(select(func.max(Recipient.position)).where(Recipient.campaign_id == campaign.id)) or 0
    inserted = staging.insert_contacts(campaign.id, first, contacts)
    repeated = [contact for contact in contacts if contact.row not in inserted.rows]
    drafting.suggest_variables(campaign, list(dict.fromkeys(name for entry in json.root for name in entry.variables)))
    if inserted.rows and campaign.status is CampaignStatus.DRAFT:
        CAMPAIGN_STATES.move(campaign, CampaignStatus.READY)
    audit.record("campaign.add_recipients", campaign, by=caller(), added=len(inserted.rows))
    db.session.commit()
    return Added(
        status=campaign.status,
        added=len(inserted.rows),
        suppressed=inserted.suppressed,
        duplicates=len(repeated),
        invalid=len(errors),
        errors=sorted([*errors, *map(_duplicate, repeated)], key=lambda error: error.row),
    )


def _make_a_list(campaign: Campaign) -> None:
    """People who are brought in must not mix with customers chosen here: their consent is vouched for otherwise."""
    drafts.require_editable(campaign)
    is_unsaid = campaign.target_type is None or (
        campaign.target_type is TargetType.MANUAL and not campaign.segment_query.get("customer_ids")
    )
    if is_unsaid:
        campaign.target_type = TargetType.IMPORTED
    if campaign.target_type is not TargetType.IMPORTED:
        raise Refused("This campaign goes to customers chosen here; make it target_type imported to bring in a list.")


def _read(entries: list[RecipientIn]) -> tuple[list[Contact], list[RowError]]:
    """The usable entries, numbered from 1 as staging wants them, and the others."""
    region, contacts, errors = workspace.current().default_region, [], []
    for row, entry in enumerate(entries):
        try:
            number = phone.parse(entry.phone, region)
        except phone.Unusable as reason:
            errors.append(RowError(row=row, phone=entry.phone, reason=str(reason)))
        else:
            contacts.append(Contact(row + 1, number, entry.name, dict(entry.variables), 0))
    return contacts, errors


def _duplicate(contact: Contact) -> RowError:
    return RowError(row=contact.row - 1, phone=contact.phone, reason="already in this campaign")


def _shown(recipient: Recipient, message: Message | None) -> RecipientOut:
    return RecipientOut(
        phone=recipient.phone,
        name=recipient.name,
        status=people.status_of(recipient, message),
        reason=people.reason_of(recipient, message),
        error_code=message.error_code if message else None,
        variables=recipient.variables,
        message_id=message.public_id if message else None,
        sent_at=message.sent_at if message else None,
        delivered_at=message.delivered_at if message else None,
        read_at=message.read_at if message else None,
        failed_at=message.failed_at if message else None,
        responded_at=message.responded_at if message else None,
    )
