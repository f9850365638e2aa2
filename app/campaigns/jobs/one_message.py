"""The door through which one template message leaves for one person: a test, a call of the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from app.auth import audit
from app.auth.models import User
from app.extensions import Row, db
from app.messaging.engine import direct
from app.messaging.engine.sender import Outcome
from app.meta.transport import Transport

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sent:
    """Our message's public id, and what became of it."""

    public_id: UUID
    outcome: Outcome


def send(
    request: direct.Request,
    transport: Transport,
    action: str,
    subject: Row | None = None,
    *,
    by: User | None = None,
    **details: Any,
) -> Sent:
    """Send it in three beats, so that no transaction is open across the network; `action` goes into the audit log.

    Closes the transport. Raises Refused or Invalid before anything left.
    """
    phone_number_id = request.channel.phone_number_id
    try:
        prepared = direct.prepare(request)
        audit.record(action, subject, by=by, **details)
        db.session.commit()
        outcome = direct.post(transport, phone_number_id, prepared)
    finally:
        transport.close()
    direct.settle(prepared, outcome)
    db.session.commit()
    log.info("message.sent", message_id=outcome.message_id, verdict=outcome.verdict.value, code=outcome.code)
    return Sent(UUID(prepared.outgoing.payload["biz_opaque_callback_data"]), outcome)
