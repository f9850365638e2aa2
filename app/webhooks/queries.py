"""Reads of webhook events."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, select

from app.extensions import db
from app.webhooks.models import WebhookEvent


def has_undigested() -> bool:
    """Whether anything waits to be digested."""
    return bool(db.session.scalar(select(exists().where(WebhookEvent.digested_at.is_(None)))))


def undigested(event_id: int) -> WebhookEvent | None:
    """That event, locked until the commit; None when another worker holds it or it is digested."""
    query = select(WebhookEvent).where(WebhookEvent.id == event_id, WebhookEvent.digested_at.is_(None))
    return db.session.scalar(query.with_for_update(skip_locked=True))


def next_undigested(limit: int) -> list[WebhookEvent]:
    """The oldest undigested events that no other worker holds, locked until the commit."""
    query = select(WebhookEvent).where(WebhookEvent.digested_at.is_(None)).order_by(WebhookEvent.id).limit(limit)
    return list(db.session.scalars(query.with_for_update(skip_locked=True)))


def still_undigested(event_ids: Sequence[int]) -> list[WebhookEvent]:
    """Of these events the undigested that no other worker holds, locked until the commit."""
    query = select(WebhookEvent).where(WebhookEvent.id.in_(event_ids), WebhookEvent.digested_at.is_(None))
    return list(db.session.scalars(query.order_by(WebhookEvent.id).with_for_update(skip_locked=True)))
