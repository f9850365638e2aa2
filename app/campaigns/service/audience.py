"""Who a campaign goes to: the rows of a CSV file, or customers. Fills and clears its recipients."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import delete, func, or_, select

from app.campaigns.models import (
    CAMPAIGN_STATES,
    EDITABLE,
    Campaign,
    CampaignStatus,
    Recipient,
    TargetType,
)
from app.campaigns.service.contacts import Recipients
from app.customers.imports import leases, merging, service
from app.customers.imports.models import Import, ImportStatus
from app.customers.imports.reading import Chunk, chunks
from app.extensions import db
from app.shared.errors import Invalid, Refused


def to_populate(campaign_id: int) -> Campaign | None:
    """The campaign, locked until the commit, if it still waits for recipients.

    Locked, so that a cancel comes before what we add, or after it and skips it too.
    """
    query = (
        select(Campaign)
        .where(Campaign.id == campaign_id, Campaign.status == CampaignStatus.POPULATING)
        .with_for_update(of=Campaign, key_share=True)
        .execution_options(populate_existing=True)
    )
    return db.session.scalar(query)


def claim_file(campaign: Campaign) -> Import | None:
    """The campaign's import, ours to read for a while; None while another worker has it, or when it is done."""
    if campaign.import_id is None:
        raise Invalid("Upload a CSV file first.", "file")
    import_ = leases.locked(campaign.import_id)
    if import_.status in (ImportStatus.UPLOADED, ImportStatus.FAILED):
        service.start_reading(import_)
    claimed = leases.claim(import_.id, ImportStatus.IMPORTING)
    if claimed is not None and "first_position" not in claimed.reading:
        claimed.reading = claimed.reading | {"first_position": _last_position(campaign.id)}
        db.session.flush()
    return claimed


def read_file(campaign_id: int, import_: Import) -> Iterator[Chunk]:
    """The rows of the file that are still to come, in chunks."""
    return chunks(import_, Recipients(campaign_id).reader(import_))


def import_chunk(campaign_id: int, import_id: int, at_row: int, chunk: Chunk) -> bool:
    """Make recipients of the file's next rows and note how far it came, all in the caller's transaction.

    `at_row` is the last row read before them. False when they are not ours to import any more: the campaign
    was cancelled, or another worker went on with the file.
    """
    import_ = _wanted_file(campaign_id, import_id, at_row)
    if import_ is not None:
        merging.store(import_, Recipients(campaign_id), chunk)
    return import_ is not None


def finish_file(campaign_id: int, import_id: int, at_row: int) -> bool:
    """The file is read to its end; False when that is not ours to say any more."""
    return _wanted_file(campaign_id, import_id, at_row) is not None and merging.finish(import_id, at_row)


def give_up_file(campaign_id: int, import_id: int, at_row: int, sentence: str) -> None:
    """The file cannot be read: its import failed, and the campaign waits for another one."""
    campaign, import_ = to_populate(campaign_id), leases.hold(import_id, ImportStatus.IMPORTING, at_row)
    if import_ is not None:
        leases.end(import_, ImportStatus.FAILED, sentence)
        if campaign is not None:
            give_up(campaign, sentence)


def give_up(campaign: Campaign, sentence: str) -> None:
    """Its recipients cannot be had: the campaign is a draft again and says why.

    Those found at another time go: whatever is chosen next would come to them, too. Of a file, reading goes on.
    """
    if campaign.target_type is not TargetType.IMPORTED:
        db.session.execute(delete(Recipient).where(Recipient.campaign_id == campaign.id))
    CAMPAIGN_STATES.move(campaign, CampaignStatus.DRAFT)
    campaign.failure, campaign.launch_when_ready = sentence, False
    db.session.flush()


def _wanted_file(campaign_id: int, import_id: int, at_row: int) -> Import | None:
    campaign, import_ = to_populate(campaign_id), leases.hold(import_id, ImportStatus.IMPORTING, at_row)
    if campaign is None and import_ is not None:
        leases.end(import_, ImportStatus.FAILED, "The campaign was cancelled while its file was being read.")
    return import_ if campaign is not None else None


def forget_file(campaign: Campaign) -> None:
    """Whoever came of the campaign's file so far goes, for another one takes its place; others stay."""
    first = campaign.import_.reading.get("first_position") if campaign.import_ is not None else None
    if campaign.import_ is None or first is None:
        return
    of_file = Recipient.position.between(first + 1, first + campaign.import_.last_row)
    db.session.execute(delete(Recipient).where(Recipient.campaign_id == campaign.id, of_file))


def clear_recipients(campaign: Campaign) -> None:
    """Forget the campaign's recipients; its file, if it has one, can be read again from the beginning.

    Raises `Refused` once the campaign is past changing.
    """
    if campaign.status not in EDITABLE:
        raise Refused(f"This campaign is {campaign.status}; its recipients cannot be changed any more.")
    db.session.execute(delete(Recipient).where(Recipient.campaign_id == campaign.id))
    if campaign.import_ is not None:
        service.rewind(campaign.import_)


def stalled(now: datetime) -> list[int]:
    """Ids of campaigns that wait for their recipients while no worker reads their file: ring for them again."""
    waiting = (
        select(Campaign.id)
        .outerjoin(Import, Import.id == Campaign.import_id)
        .where(Campaign.status == CampaignStatus.POPULATING)
        .where(or_(Import.lease_until.is_(None), Import.lease_until < now))
        .order_by(Campaign.id)
    )
    return list(db.session.scalars(waiting))


def _last_position(campaign_id: int) -> int:
    last = select(func.max(Recipient.position)).where(Recipient.campaign_id == campaign_id)
    return db.session.scalar(last) or 0
