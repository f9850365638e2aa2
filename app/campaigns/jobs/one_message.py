"""The door through which one template message leaves for one person: a test, a call of the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from app.auth import audit
from app.auth.models import User
from app.channels import refusals
from app.extensions import Row, db
from app.messaging.engine import choices, direct, inbound
from app.messaging.engine.choices import Stop
from app.messaging.engine.persons import Identity
from app.messaging.engine.sender import Outcome, Verdict
from app.meta.transport import Transport
from app.shared import clock

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
    if outcome.verdict is Verdict.REFUSED:
        _heed(request, outcome)
    log.info("message.sent", message_id=outcome.message_id, verdict=outcome.verdict.value, code=outcome.code)
    return Sent(UUID(prepared.outgoing.payload["biz_opaque_callback_data"]), outcome)


def _heed(request: direct.Request, outcome: Outcome) -> None:
    """What the refusal says of the whole number is an alert; what it says of the customer's will is obeyed."""
    refusals.note(request.channel.id, outcome.code, clock.now())
    db.session.commit()
    if outcome.code == choices.STOPPED:
        inbound.hold()
        choices.take_stops([Stop(Identity(request.phone.removeprefix("+"), None, clock.now()), None)])
        db.session.commit()
