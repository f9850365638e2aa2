"""For what the pending wait, and until when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from app.campaigns import words
from app.campaigns.models import Campaign, Recipient, RecipientState
from app.campaigns.queries.people import Group
from app.extensions import db
from app.messaging.models import WaitReason

_PENDING = Recipient.state == RecipientState.PENDING


def next_due(campaign: Campaign) -> datetime | None:
    """When the first of those who wait is due; None when nobody waits. One look into an index, however many wait."""
    later = Recipient.due_at > func.statement_timestamp()
    query = select(Recipient.due_at).where(Recipient.campaign_id == campaign.id, _PENDING, later)
    return db.session.scalar(query.order_by(Recipient.due_at, Recipient.position).limit(1))


def wait_groups(campaign: Campaign) -> list[Group]:
    """For what how many wait and when the first of them is due, most people first. Reads all who wait."""
    query = (
        select(Recipient.waits_for, func.count(), func.min(Recipient.due_at))
        .where(Recipient.campaign_id == campaign.id, _PENDING, Recipient.waits_for.is_not(None))
        .group_by(Recipient.waits_for)
        .order_by(func.count().desc())
    )
    return [_group(WaitReason(reason or ""), count, due_at) for reason, count, due_at in db.session.execute(query)]


def _group(reason: WaitReason, count: int, due_at: datetime) -> Group:
    said = words.WAITS[reason]
    return Group(reason.value, said.sentence, said.hint, count, due_at)
