"""Which messages an event was about, as they stand now."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select

from app.campaigns.models import Campaign
from app.customers.models import Customer
from app.extensions import db
from app.messaging.models import Message
from app.meta import payloads

SHOWN = 50


def messages(body: bytes) -> Sequence[Row[*tuple[Any, ...]]]:
    """(message, customer or None, campaign or None) for the first messages that the body names and we know."""
    try:
        envelope = json.loads(body)
    except (ValueError, RecursionError):
        return []
    statuses = list(payloads.statuses(envelope))
    wamids = [status.wamid for status in statuses] + [item.wamid for item in payloads.inbound_messages(envelope)]
    ours = [_uuid(status.callback_data) for status in statuses]
    query = (
        select(Message, Customer, Campaign)
        .outerjoin(Customer, Customer.id == Message.customer_id)
        .outerjoin(Campaign, Campaign.id == Message.campaign_id)
        .where(or_(Message.wamid.in_(wamids[:SHOWN]), Message.public_id.in_(list(filter(None, ours))[:SHOWN])))
    )
    return db.session.execute(query.order_by(Message.id).limit(SHOWN)).all()


def _uuid(words: str | None) -> UUID | None:
    try:
        return UUID(words or "")
    except ValueError:
        return None
