"""What happens to a channel: it is made from the environment, read from Meta, set by people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.channels.models import Channel
from app.config import Config
from app.extensions import db
from app.meta.phone_numbers import PhoneNumber


def ensure_channel(config: Config) -> Channel:
    """The environment's channel, made when it is new; ids, token and secrets follow the environment."""
    channel = db.session.scalar(select(Channel).where(Channel.phone_number_id == config.phone_id))
    if channel is None:
        name = "Sandbox" if config.sandbox else f"WhatsApp {config.phone_id}"
        channel = Channel(phone_number_id=config.phone_id, name=name)
        db.session.add(channel)
    channel.waba_id = config.business_account_id
    channel.token = config.access_token
    channel.app_secret = config.app_secret
    channel.verify_token = config.verify_token
    db.session.flush()
    return channel


def record_reading(channel: Channel, phone_number: PhoneNumber, at: datetime) -> None:
    """Keep what Meta said of the number at this time."""
    channel.display_number = phone_number.display_phone_number
    channel.verified_name = phone_number.verified_name
    channel.quality = phone_number.quality_rating
    channel.status = phone_number.status
    channel.tier = phone_number.messaging_limit_tier
    channel.throughput = phone_number.throughput_level
    channel.read_at, channel.read_error = at, None
    db.session.flush()


def record_business(channel: Channel, business_id: str | None) -> None:
    """Keep whose portfolio the number belongs to; only the first reading may say so.

    The messaging limit's ledger is kept under this id: changing it later would forget the day's customers.
    """
    if channel.read_at is None and channel.business_id is None:
        channel.business_id = business_id
    db.session.flush()


def record_trouble(channel: Channel, sentence: str) -> None:
    """Keep why Meta could not be read; what it said before stays."""
    channel.read_error = sentence
    db.session.flush()


def set_speed(channel: Channel, messages_per_second: int) -> None:
    """How fast this channel sends at most."""
    channel.messages_per_second = messages_per_second
    db.session.flush()
