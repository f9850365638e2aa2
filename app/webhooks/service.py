"""Setting aside what defeats us."""

from __future__ import annotations

from sqlalchemy import func, update

from app.extensions import db
from app.webhooks.models import WebhookEvent


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
