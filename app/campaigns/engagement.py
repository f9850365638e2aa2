"""What segments ask about campaigns: who got, read, answered or clicked which. Customers stand below; so we tell them.

A person's figure here is the campaign's own: its latest message to them, earlier attempts left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, exists, select

from app.campaigns.models import Campaign, CampaignStatus
from app.campaigns.queries import uses
from app.campaigns.service import picks
from app.customers.models import Customer
from app.customers.segments import registry
from app.customers.segments.conditions import ANY, Condition
from app.customers.segments.fields import Field, Test, Words
from app.customers.segments.kinds import Kind
from app.customers.segments.spans import Vantage
from app.customers.service import people, segments
from app.extensions import db
from app.messaging.models import Message, Rank

MOST = 200  # to choose from; older ones keep their names
_UNSENT = (CampaignStatus.DRAFT, CampaignStatus.READY, CampaignStatus.POPULATING)


def register() -> None:
    """Let segments ask about campaigns, and know which of them need a segment; let picks follow merges."""
    segments.tell_uses("campaigns", uses.of_segment)
    people.tell_merges("campaigns", picks.follow)
    registry.register(
        _field("got", "Got a campaign", "got", "did not get", _GOT, Message.delivered_at),
        _field("read", "Read a campaign", "read", "did not read", _READ, Message.read_at),
        _field("replied", "Replied to a campaign", "replied to", "did not reply to", _REPLIED, Message.responded_at),
        _field("clicked", "Clicked in a campaign", "clicked in", "did not click in", _CLICKED, Message.clicked_at),
    )


_GOT, _READ = Message.rank >= Rank.DELIVERED, Message.rank >= Rank.READ
_REPLIED, _CLICKED = Message.responded_at.is_not(None), Message.clicked_at.is_not(None)


def _field(
    name: str, label: str, did: str, did_not: str, it: ColumnElement[bool], at: SQLColumnExpression[Any]
) -> Field:
    return Field(
        f"campaigns.{name}",
        label,
        Kind.CAMPAIGN,
        "Campaigns",
        Words(f"who {did} {{}}", f"who {did_not} {{}}"),
        _test(it, at),
        choices=_newest,
        names=_names,
        takes_since=True,
        is_certain=True,
    )


def _test(it: ColumnElement[bool], at: SQLColumnExpression[Any]) -> Test:
    def test(condition: Condition, vantage: Vantage) -> ColumnElement[bool]:
        which = [Message.customer_id == Customer.id, _in_campaigns(condition), ~Message.is_superseded, it]
        if condition.since:
            which.append(at >= vantage.since(condition.since))
        return exists().where(*which).correlate(Customer)

    return test


def _in_campaigns(condition: Condition) -> ColumnElement[bool]:
    if condition.value == ANY or not isinstance(condition.value, tuple):
        return Message.campaign_id.is_not(None)
    # Looked up now: how many messages a campaign has, the planner knows of its number, not of a question for it.
    chosen = [UUID(str(it)) for it in condition.value]
    return Message.campaign_id.in_(db.session.scalars(select(Campaign.id).where(Campaign.public_id.in_(chosen))).all())


def _newest() -> Sequence[tuple[str, str]]:
    """Those that were sent, the newest first."""
    query = select(Campaign.public_id, Campaign.name).where(Campaign.status.not_in(_UNSENT))
    rows = db.session.execute(query.order_by(Campaign.id.desc()).limit(MOST))
    return [(str(public_id), name) for public_id, name in rows]


def _names(public_ids: Sequence[str]) -> Mapping[str, str]:
    query = select(Campaign.public_id, Campaign.name).where(Campaign.public_id.in_([UUID(it) for it in public_ids]))
    return {str(public_id): name for public_id, name in db.session.execute(query)}
