"""Reads of the channel and the connection to Meta that belongs to it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from app import config
from app.channels.models import Channel
from app.extensions import db
from app.meta.transport import Transport

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
