"""Replaying: events are marked as undigested and digested again; what was done before is not done twice by it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from app.extensions import db
from app.shared import clock
from app.webhooks.journal import Asked
from app.webhooks.models import WebhookEvent

BATCH = 1_000
MOST = 10_000  # events of one deed; more is asked for in pieces
KEPT = timedelta(days=90)  # events older than this may be purged


def replay(event_id: int) -> None:
    """Let that event be digested once more."""
    _mark(WebhookEvent.id == event_id)


def replay_batch(asked: Asked, began: datetime, limit: int = BATCH) -> int:
    """Mark the oldest events asked for that nobody has replayed since `began`; returns how many."""
    oldest = (
        select(WebhookEvent.id)
        .where(*asked.conditions(), WebhookEvent.created_at <= began, _not_since(began))
        .order_by(WebhookEvent.id)
        .limit(limit)
    )
    return _mark(WebhookEvent.id.in_(oldest))


def purge_batch(older_than: timedelta, limit: int = BATCH) -> int:
    """Delete the oldest digested events that came longer ago; returns how many."""
    oldest = (
        select(WebhookEvent.id)
        .where(WebhookEvent.created_at < clock.now() - older_than, WebhookEvent.digested_at.is_not(None))
        .order_by(WebhookEvent.created_at)
        .limit(limit)
    )
    gone = delete(WebhookEvent).where(WebhookEvent.id.in_(oldest)).returning(WebhookEvent.id)
    return len(db.session.execute(gone).all())


def _not_since(began: datetime) -> ColumnElement[bool]:
    return or_(WebhookEvent.replayed_at.is_(None), WebhookEvent.replayed_at < began)


def _mark(condition: ColumnElement[bool]) -> int:
    undigested = {"digested_at": None, "attempts": 0, "replayed_at": func.clock_timestamp()}
    marked = update(WebhookEvent).where(condition).values(undigested).returning(WebhookEvent.id)
    return len(db.session.execute(marked.execution_options(synchronize_session=False)).all())
