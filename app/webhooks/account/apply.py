"""Let one account-level change take effect, on every channel it concerns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import structlog
from sqlalchemy import select

from app.channels.models import Channel
from app.channels.service import locked
from app.extensions import db
from app.meta.foreign import mapping, text
from app.meta.payloads import AccountChange
from app.shared.queues import Ring
from app.webhooks.account import notices, numbers, standing, templates
from app.webhooks.account.told import Told, Unusable

log = structlog.get_logger()

HANDLERS: Mapping[str, Callable[[Told], None]] = {
    "message_template_status_update": templates.status,
    "message_template_quality_update": templates.quality,
    "template_category_update": templates.category,
    "message_template_components_update": templates.components,
    "phone_number_quality_update": numbers.quality,
    "business_capability_update": numbers.capability,
    "phone_number_name_update": numbers.name,
    "business_username_updates": numbers.username,
    "business_username_update": numbers.username,
    "security": numbers.security,
    "account_update": standing.update,
    "account_review_update": standing.review,
    "account_alerts": notices.alert,
    "payment_configuration_update": notices.payments,
    "flows": notices.flow,
    "messages.errors": notices.faults,
}


def apply(change: AccountChange, event_id: int) -> list[Ring]:
    """Let this change take effect (flushed, not committed); answers who is to be rung for after the commit.

    Never raises for what stands in it: a field we do not know has no effect, and a value we cannot use is logged.
    Locks the channel, then alerts, templates and campaigns: call it before the transaction's other writes.
    """
    handle = HANDLERS.get(change.field)
    if handle is None:
        return []
    return [ring for channel in _concerned(change) for ring in _handle(handle, change, channel, event_id)]


def _handle(handle: Callable[[Told], None], change: AccountChange, channel: Channel, event_id: int) -> list[Ring]:
    told = Told(locked(channel), change.value, change.at)
    try:
        handle(told)
    except Unusable as fault:
        log.warning("webhook.unusable_change", field=change.field, event_id=event_id, reason=str(fault))
    db.session.flush()
    return told.rings


def _concerned(change: AccountChange) -> Sequence[Channel]:
    """Our channels of that business account; for news with a number's id, that one alone."""
    number = text(mapping(change.value.get("metadata")).get("phone_number_id"))
    accounts = {change.entry_id, text(mapping(change.value.get("waba_info")).get("waba_id"))} - {None}
    which = Channel.phone_number_id == number if number else Channel.waba_id.in_(accounts)
    return db.session.scalars(select(Channel).where(which).order_by(Channel.id)).all()
