"""Who a campaign goes to: the rows of a CSV file, or customers. Fills and clears its recipients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, delete, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.campaigns.models import (
    CAMPAIGN_STATES,
    EDITABLE,
    Campaign,
    CampaignStatus,
    Recipient,
    RecipientState,
    SkipReason,
    TargetType,
)
from app.campaigns.service import staging
from app.campaigns.service.staging import Fault
from app.customers.models import Customer, Import
from app.customers.service import imports
from app.customers.service.imports import Entry
from app.extensions import db
from app.shared.csv_table import BadRow, Contact
from app.shared.errors import Invalid, Refused

CHUNK = 20_000  # rows a transaction: the cost of a commit no longer shows, a kill loses a second's work


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
    """The campaign's import, ours to read for a while; None while another worker has it."""
    if campaign.import_id is None:
        raise Invalid("Upload a CSV file first.", "file")
    import_ = imports.claim(campaign.import_id)
    if import_ is not None and "first_position" not in import_.reading:
        import_.reading = import_.reading | {"first_position": _last_position(campaign.id)}
        db.session.flush()
    return import_


def import_chunk(campaign_id: int, import_id: int, at_row: int, chunk: Sequence[Entry]) -> bool:
    """Make recipients of the file's next rows and note how far it came, all in the caller's transaction.

    `at_row` is the last row read before them. False when they are not ours to import any more: the campaign
    was cancelled, or another worker went on with the file.
    """
    import_ = _wanted_file(campaign_id, import_id, at_row)
    if import_ is not None:
        _store(campaign_id, import_, chunk)
    return import_ is not None


def finish_file(campaign_id: int, import_id: int, at_row: int) -> bool:
    """The file is read to its end; False when that is not ours to say any more."""
    import_ = _wanted_file(campaign_id, import_id, at_row)
    if import_ is not None:
        imports.finish(import_)
    return import_ is not None


def give_up_file(campaign_id: int, import_id: int, at_row: int, sentence: str) -> None:
    """The file cannot be read: its import failed, and the campaign waits for another one."""
    campaign, import_ = to_populate(campaign_id), imports.hold(import_id, at_row)
    if import_ is not None:
        imports.fail(import_, sentence)
        if campaign is not None:
            give_up(campaign, sentence)


def give_up(campaign: Campaign, sentence: str) -> None:
    """Its recipients cannot be had: the campaign is a draft again and says why."""
    CAMPAIGN_STATES.move(campaign, CampaignStatus.DRAFT)
    campaign.failure, campaign.launch_when_ready = sentence, False
    db.session.flush()


def _wanted_file(campaign_id: int, import_id: int, at_row: int) -> Import | None:
    campaign, import_ = to_populate(campaign_id), imports.hold(import_id, at_row)
    if campaign is None and import_ is not None:
        imports.fail(import_, "The campaign was cancelled while its file was being read.")
    return import_ if campaign is not None else None


def _store(campaign_id: int, import_: Import, chunk: Sequence[Entry]) -> None:
    contacts = [entry for entry in chunk if isinstance(entry, Contact)]
    bad = [Fault(entry.row, entry.reason, entry.raw, False) for entry in chunk if isinstance(entry, BadRow)]
    first = import_.reading["first_position"]
    added = staging.insert_contacts(campaign_id, first, contacts)
    repeated = [contact for contact in contacts if contact.row not in added.rows]
    staging.note_faults(import_.id, [*bad, *_duplicates(campaign_id, import_, repeated)])
    import_.total += len(chunk)
    import_.invalid += len(bad)
    import_.duplicates += len(repeated)
    import_.inserted += len(added.rows)
    import_.suppressed += added.suppressed
    import_.last_row, import_.bytes_done = chunk[-1].row, chunk[-1].end_byte
    db.session.flush()


def _duplicates(campaign_id: int, import_: Import, repeated: list[Contact]) -> Iterator[Fault]:
    first, phones = import_.reading["first_position"], [contact.phone for contact in repeated]
    standing = staging.rows_of(campaign_id, first, phones) if phones else {}
    for contact in repeated:
        row = standing[contact.phone]
        reason = f"the same number stands in row {row}" if row > 0 else "already in this campaign"
        yield Fault(contact.row, reason, imports.text_of(import_, contact), True)


def populate_from_customers(campaign: Campaign) -> int:
    """Add the customers the campaign asks for who are not in it yet; how many were added.

    All and tag mean those who opted in. Picked customers who may not be written to come too, skipped with
    the reason. Raises `Invalid` when the campaign does not say whom.
    """
    may = Customer.marketing_opt_in
    rows = {
        "campaign_id": literal(campaign.id),
        "customer_id": Customer.id,
        "position": literal(_last_position(campaign.id)) + func.row_number().over(order_by=Customer.id),
        "phone": Customer.phone,
        "user_id": Customer.user_id,
        "name": Customer.name,
        "state": case((may, RecipientState.PENDING), else_=RecipientState.SKIPPED),
        "skip_reason": case(
            (may, None),
            (Customer.marketing_opt_out_at.is_not(None), SkipReason.OPTED_OUT),
            else_=SkipReason.NO_CONSENT,
        ),
    }
    asked_for = select(*rows.values()).where(_asked_for(campaign)).order_by(Customer.id)
    # The columns left out take the table's own defaults.
    adding = insert(Recipient).from_select(list(rows), asked_for, include_defaults=False)
    added: Any = db.session.execute(adding.on_conflict_do_nothing(), execution_options={"preserve_rowcount": True})
    return int(added.rowcount)


def _asked_for(campaign: Campaign) -> ColumnElement[bool]:
    query = campaign.segment_query
    if campaign.target_type is TargetType.ALL:
        return Customer.marketing_opt_in.is_(True)
    if campaign.target_type is TargetType.TAG and query.get("tag"):
        return and_(Customer.marketing_opt_in.is_(True), Customer.tags.contains([query["tag"]]))
    if campaign.target_type is TargetType.MANUAL and query.get("customer_ids"):
        return Customer.id == func.any(cast(query["customer_ids"], ARRAY(BigInteger)))
    raise Invalid("Choose the recipients first.", "recipients")


def clear_recipients(campaign: Campaign) -> None:
    """Forget the campaign's recipients; its file, if it has one, can be read again from the beginning.

    Raises `Refused` once the campaign is past changing.
    """
    if campaign.status not in EDITABLE:
        raise Refused(f"This campaign is {campaign.status}; its recipients cannot be changed any more.")
    db.session.execute(delete(Recipient).where(Recipient.campaign_id == campaign.id))
    if campaign.import_ is not None:
        imports.rewind(campaign.import_)


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
