"""Doors that read a channel from Meta (the outcome stands in its `read_at` and `read_error`) and send alerts on."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from app.channels import notifying, queries, service
from app.channels.failures import sentence_of
from app.channels.models import Channel
from app.extensions import db
from app.meta.errors import MetaFailure
from app.meta.foreign import mapping, text
from app.meta.phone_numbers import PhoneNumber, TokenFacts, debug_token, read_phone_number
from app.meta.transport import Transport
from app.shared import clock, queues

TELL_AGAIN = 60  # seconds until an alert that could not be sent on is tried once more

log = structlog.get_logger()


def refresh_channel(channel_id: int) -> None:
    """Record what Meta says of the channel, with a worker's patience."""
    _refresh(channel_id, queries.transport_for)


def refresh_channel_now(channel_id: int) -> None:
    """The same while somebody waits: given up after 10 seconds."""
    _refresh(channel_id, queries.quick_transport_for)


def send_alert_on(way: str, alert_id: int) -> None:
    """Send an alert on by mail or post, once; one that could not go waits for the next ring."""
    news = notifying.take(way, alert_id, clock.now())
    db.session.commit()
    if news is None:
        return
    try:
        notifying.WAYS[way].send(news)
    except notifying.NotTold as failure:
        notifying.put_back(way, alert_id)
        db.session.commit()
        log.warning("alert.not_told", way=way, alert_id=alert_id, reason=str(failure))
    else:
        log.info("alert.told", way=way, alert_id=alert_id, kind=news.kind)


def ring_for_alerts() -> None:
    """Ring for every alert that is still to be sent on."""
    for way in notifying.WAYS:
        for alert_id in notifying.due(way, clock.now()):
            queues.ring_once(queues.SYNC, f"alert:{way}:{alert_id}", TELL_AGAIN, send_alert_on, way, alert_id)


def _refresh(channel_id: int, connect: Callable[[Channel], Transport]) -> None:
    channel = db.session.get_one(Channel, channel_id)
    phone_number_id, waba_id, is_first = channel.phone_number_id, channel.waba_id, channel.read_at is None
    channel_token = channel.token
    transport = connect(channel)
    db.session.commit()  # no transaction may stay open across the network
    try:
        phone_number = read_phone_number(transport, phone_number_id)
        business_id = _business_of(transport, waba_id) if is_first else None
        token = _facts_of(transport, channel_token)
    except MetaFailure as failure:
        _record_trouble(channel, failure)
    else:
        _record_reading(channel, phone_number, business_id, token)
    finally:
        transport.close()


def _business_of(transport: Transport, waba_id: str) -> str | None:
    """The portfolio that owns the account; None when the token may not know, which is no trouble."""
    try:
        answer = transport.get(waba_id, {"fields": "owner_business_info"})
    except MetaFailure as failure:
        log.info("channels.business_unknown", code=failure.code)
        return None
    return text(mapping(answer.get("owner_business_info")).get("id"))


def _facts_of(transport: Transport, token: str) -> TokenFacts | None:
    """What the token may do and how long; None when Meta does not tell, which is no trouble."""
    try:
        return debug_token(transport, token)
    except MetaFailure as failure:
        log.info("channels.token_unknown", code=failure.code)
        return None


def _record_reading(
    channel: Channel, phone_number: PhoneNumber, business_id: str | None, token: TokenFacts | None
) -> None:
    service.record_business(channel, business_id)
    if token is not None:
        service.record_token(channel, token)
    service.record_reading(channel, phone_number, clock.now())
    db.session.commit()


def _record_trouble(channel: Channel, failure: MetaFailure) -> None:
    log.warning("channels.read_failed", channel_id=channel.id, code=failure.code)
    service.record_trouble(channel, sentence_of(failure))
    db.session.commit()
