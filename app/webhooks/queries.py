"""Reads of webhook events."""

from __future__ import annotations

from sqlalchemy import exists, select

from app.extensions import db
from app.webhooks.models import WebhookEvent


def has_undigested() -> bool:
    """Whether anything waits to be digested."""
    return bool(db.session.scalar(select(exists().where(WebhookEvent.digested_at.is_(None)))))


def next_undigested(limit: int) -> list[WebhookEvent]:
    """The oldest undigested events that no other worker holds, locked until the commit."""
    query = select(WebhookEvent).where(WebhookEvent.digested_at.is_(None)).order_by(WebhookEvent.id).limit(limit)
    return list(db.session.scalars(query.with_for_update(skip_locked=True)))
