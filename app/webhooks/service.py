"""Keeping what Meta posts, and setting aside what defeats us."""

from __future__ import annotations

import hashlib

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert

from app.extensions import db
from app.shared import clock
from app.webhooks.models import WebhookEvent


def store(body: bytes, fault: str | None = None) -> bool:
    """Keep the raw body, once; False when the very same bytes came before. With a `fault` it is not digested."""
    statement = insert(WebhookEvent).values(
        body=body,
        digest=hashlib.sha256(body).digest(),
        error=fault,
        digested_at=clock.now() if fault else None,
    )
    result = db.session.execute(statement.on_conflict_do_nothing().returning(WebhookEvent.id))
    return result.first() is not None


def set_aside(event_id: int, reason: str) -> None:
    """An event that defeats us: after some tries it stays in the journal with its error and holds up nobody."""
    given_up = WebhookEvent.attempts + 1 >= MAX_ATTEMPTS
    db.session.execute(
        update(WebhookEvent)
        .where(WebhookEvent.id == event_id)
        .values(
            attempts=WebhookEvent.attempts + 1,
            error=reason,
            digested_at=db.case((given_up, func.statement_timestamp()), else_=None),
        )
    )


MAX_ATTEMPTS = 5
