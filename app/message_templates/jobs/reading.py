"""Doors that read the templates from Meta. Trouble is kept on the channel: see `templates_sync_error`."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from app.channels.failures import sentence_of
from app.channels.models import Channel
from app.channels.queries import quick_transport_for, transport_for
from app.extensions import db
from app.message_templates import service
from app.message_templates.service import SyncResult
from app.meta.errors import MetaFailure
from app.meta.templates import list_templates
from app.meta.transport import Transport
from app.shared import clock

log = structlog.get_logger()


def sync_templates(channel_id: int) -> SyncResult | None:
    """Take over the channel's templates from Meta; None when they could not be read."""
    return _sync(channel_id, transport_for)


def sync_templates_now(channel_id: int) -> SyncResult | None:
    """The same while somebody waits: given up when a page of the list takes more than 10 seconds."""
    return _sync(channel_id, quick_transport_for)


def _sync(channel_id: int, connect: Callable[[Channel], Transport]) -> SyncResult | None:
    channel = db.session.get_one(Channel, channel_id)
    waba_id, transport = channel.waba_id, connect(channel)
    db.session.commit()  # no transaction may stay open across the network
    at = clock.now()
    try:
        fetched = list(list_templates(transport, waba_id))
    except MetaFailure as failure:
        _record_trouble(channel, failure)
        return None
    finally:
        transport.close()
    result = service.sync(channel, fetched, at)
    db.session.commit()
    log.info("templates.synced", channel_id=channel_id, result=str(result))
    return result


def _record_trouble(channel: Channel, failure: MetaFailure) -> None:
    log.warning("templates.sync_failed", channel_id=channel.id, code=failure.code)
    service.record_trouble(channel, sentence_of(failure))
    db.session.commit()
