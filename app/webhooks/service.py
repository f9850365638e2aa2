"""Storing and digesting what Meta posts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog
from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert

from app.extensions import db
from app.messaging.engine import receipts
from app.meta import payloads
from app.shared import clock
from app.webhooks.models import WebhookEvent

log = structlog.get_logger()


@dataclass(slots=True)
class Digest:
    """One event read: what is in it, and what could not be read."""

    kinds: list[str] = field(default_factory=list)
    statuses: list[payloads.StatusEvent] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


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


def digest(events: Sequence[WebhookEvent]) -> None:
    """Apply what these events say, all statuses in one statement; the caller commits."""
    digests = {event.id: read(event.body) for event in events}
    statuses = [status for found in digests.values() for status in found.statuses]
    matched = receipts.apply_statuses(statuses)
    if matched < len(statuses):
        log.info("webhook.foreign_statuses", count=len(statuses) - matched)
    for event in events:
        found = digests[event.id]
        event.kinds, event.digested_at = found.kinds, clock.now()
        event.error = "; ".join(found.faults) or None


def read(body: bytes) -> Digest:
    """What stands in a body. Never raises: what cannot be read is a fault, and its neighbours are read."""
    found = Digest()
    try:
        envelope = json.loads(body)
    except (ValueError, RecursionError):
        found.faults.append("The body is no JSON.")
        return found
    found.kinds = payloads.kinds(envelope)
    found.statuses = list(payloads.statuses(envelope, lambda bad: found.faults.append(bad.reason)))
    return found


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
