"""A campaign's audience, frozen by one INSERT … SELECT: who comes to belong to its target later does not.

What a target asks for is asked anew at the start, unless it was a moment ago.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import case, delete, func, literal, select, true
from sqlalchemy.dialects.postgresql import insert

from app.campaigns.models import Campaign, Recipient, RecipientState, SkipReason, TargetType
from app.campaigns.queries import targets
from app.customers.models import Customer
from app.customers.queries.answers import suppressed
from app.customers.segments import people
from app.extensions import db
from app.shared import clock
from app.shared.errors import Invalid

FRESH = timedelta(minutes=15)  # so long a person may look at an audience and send to that very one


def freeze(campaign: Campaign) -> int:
    """Make everybody whom the target asks for now a recipient, in place of those who were; how many they are.

    All and tag mean those who opted in. Of the others who may get no marketing come too, skipped with the reason, when
    that is what the campaign sends. Raises `Invalid` when the target says nobody.
    """
    asked_for = targets.who(campaign.target_type, campaign.segment_query)
    db.session.execute(select(func.set_config("work_mem", people.MEMORY, True)))
    db.session.execute(delete(Recipient).where(Recipient.campaign_id == campaign.id))
    rows = _recipient(campaign)
    found = select(*rows.values()).where(asked_for).order_by(Customer.id)
    # The columns left out take the table's own defaults.
    adding = insert(Recipient).from_select(list(rows), found, include_defaults=False)
    added: Any = db.session.execute(adding, execution_options={"preserve_rowcount": True})
    _note_what_was_asked(campaign)
    return int(added.rowcount)


def is_stale(campaign: Campaign) -> bool:
    """Whether others may belong to it by now than were made its recipients.

    At a time that was set they are asked for at that time; started by hand they may be a quarter of an hour old. Who
    changed the segment since wants the changed one.
    """
    if campaign.target_type not in targets.ANEW:
        return False
    first = select(Recipient.created_at).where(Recipient.campaign_id == campaign.id)
    frozen_at, now = db.session.scalar(first.order_by(Recipient.position).limit(1)), clock.now()
    planned = campaign.scheduled_for
    since = planned if planned is not None and planned <= now else now - FRESH
    return frozen_at is None or frozen_at < since or _has_changed(campaign)


def _recipient(campaign: Campaign) -> dict[str, Any]:
    """A customer as a row of recipients: each column with where it comes from."""
    template = campaign.template
    may = Customer.marketing_opt_in if template is None or template.is_marketing else true()
    said_no = Customer.marketing_opt_out_at.is_not(None)
    reasons = (suppressed(Customer), SkipReason.SUPPRESSED), (said_no, SkipReason.OPTED_OUT)
    return {
        "campaign_id": literal(campaign.id),
        "customer_id": Customer.id,
        "position": func.row_number().over(order_by=Customer.id),
        "phone": Customer.phone,
        "user_id": Customer.user_id,
        "name": Customer.name,
        "state": case((may, RecipientState.PENDING), else_=RecipientState.SKIPPED),
        "skip_reason": case((may, None), *reasons, else_=SkipReason.NO_CONSENT),
        "created_at": literal(clock.now()),  # by the clock that campaigns are started by
    }


def _note_what_was_asked(campaign: Campaign) -> None:
    if campaign.target_type is TargetType.SEGMENT:
        campaign.segment_query = dict(campaign.segment_query) | {"asked": targets.digest(campaign.segment_query)}
        db.session.flush()


def _has_changed(campaign: Campaign) -> bool:
    """Also when the segment cannot be asked any more: that is said where its people would be found."""
    if campaign.target_type is not TargetType.SEGMENT or "asked" not in campaign.segment_query:
        return False
    try:
        return bool(campaign.segment_query["asked"] != targets.digest(campaign.segment_query))
    except Invalid:
        return True
