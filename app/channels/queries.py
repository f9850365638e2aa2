"""Reads of the channel and the connection to Meta that belongs to it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, select

from app import config
from app.channels.models import Alert, Channel, Severity
from app.extensions import db
from app.meta.transport import Transport
from app.shared.errors import Missing

QUICK_TIMEOUT = 10.0


def the_channel() -> Channel | None:
    """The environment's channel; where it has no row yet, the oldest one; None in an empty house."""
    is_another = Channel.phone_number_id != config.current().phone_id
    return db.session.scalar(select(Channel).order_by(is_another, Channel.id).limit(1))


def transport_for(channel: Channel) -> Transport:
    """A connection to Meta with this channel's token, for workers. Close it when done."""
    settings = config.current()
    return Transport(settings.graph_url, settings.graph_version, channel.token, channel.app_secret)


def quick_transport_for(channel: Channel) -> Transport:
    """The same for a page that somebody waits for: each call is made once and given up after 10 seconds."""
    return replace(transport_for(channel), read_timeout=QUICK_TIMEOUT, read_pauses=())


def unseen_alerts(channel: Channel) -> list[Alert]:
    """What stands and nobody has put away: the gravest first, then the latest."""
    query = select(Alert).where(Alert.channel_id == channel.id, *_UNSEEN)
    return list(db.session.scalars(query.order_by(_gravity(), Alert.raised_at.desc())))


def unseen_count() -> int:
    """How many alerts stand that nobody has put away."""
    channel = the_channel()
    if channel is None:
        return 0
    query = select(func.count()).select_from(Alert).where(Alert.channel_id == channel.id, *_UNSEEN)
    return db.session.scalar(query) or 0


def alerts_of(channel: Channel, *, is_open: bool) -> Select[Alert]:
    """The channel's alerts that stand, or all there ever were; the latest first."""
    query = select(Alert).where(Alert.channel_id == channel.id)
    if is_open:
        query = query.where(Alert.resolved_at.is_(None))
    return query.order_by(Alert.raised_at.desc(), Alert.id.desc())


def trail(channel: Channel, kind: str, limit: int) -> list[Alert]:
    """The latest alerts of a kind, open and past."""
    return list(db.session.scalars(alerts_of(channel, is_open=False).where(Alert.kind == kind).limit(limit)))


def alert_by_public_id(public_id: UUID) -> Alert:
    """That alert. Raises `Missing`."""
    if alert := db.session.scalar(select(Alert).where(Alert.public_id == public_id)):
        return alert
    raise Missing("There is no such alert.")


_UNSEEN = (Alert.resolved_at.is_(None), Alert.seen_at.is_(None))


def _gravity() -> ColumnElement[int]:
    return case((Alert.severity == Severity.CRITICAL, 0), (Alert.severity == Severity.WARNING, 1), else_=2)
