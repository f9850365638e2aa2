"""What happens to a channel: it is made from the environment, read from Meta, set by people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.channels import alerts, changes, refusals, words
from app.channels.models import Channel
from app.config import Config
from app.extensions import db
from app.meta.phone_numbers import PhoneNumber, TokenFacts
from app.shared import clock

# Meta's words for a number that cannot start conversations.
DEAD = frozenset({"RESTRICTED", "DISCONNECTED", "MIGRATED", "BANNED", "DELETED"})


def ensure_channel(config: Config) -> Channel:
    """The environment's channel, made when it is new; ids, token and secrets follow the environment."""
    channel = db.session.scalar(select(Channel).where(Channel.phone_number_id == config.phone_id))
    if channel is None:
        name = "Sandbox" if config.sandbox else f"WhatsApp {config.phone_id}"
        channel = Channel(phone_number_id=config.phone_id, name=name)
        db.session.add(channel)
    channel.waba_id = config.business_account_id
    if channel.token not in (None, config.access_token):
        alerts.resolve(channel, changes.REFUSED, refusals.OF_TOKEN, clock.now())
    channel.token = config.access_token
    channel.app_secret = config.app_secret
    channel.verify_token = config.verify_token
    db.session.flush()
    return channel


def locked(channel: Channel) -> Channel:
    """The channel, locked until the commit, as it is now; messages may still refer to it.

    Whoever changes what Meta says of it comes here first, so that news are judged one after the other.
    """
    query = select(Channel).where(Channel.id == channel.id).with_for_update(key_share=True)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def blocked(channel: Channel) -> str | None:
    """Why nothing may leave by this channel now, as a sentence; None when it may."""
    if channel.restriction and (channel.restricted_until is None or channel.restricted_until > clock.now()):
        sentence = words.restriction(channel.restriction)
        return f"{sentence} It ends by itself." if channel.restricted_until else f"{sentence} See the channel's page."
    if channel.status in DEAD:
        word = words.status(channel)
        return f"Meta says of the number: {word.text.lower()}. {word.meaning}"
    return None


def record_reading(channel: Channel, phone_number: PhoneNumber, at: datetime) -> None:
    """Keep what Meta said of the number at this time; what it did not say stays unknown, what is bad is an alert."""
    channel = locked(channel)
    channel.display_number = phone_number.display_phone_number
    channel.verified_name = phone_number.verified_name
    channel.name_status = phone_number.name_status or channel.name_status
    _take_over(channel, phone_number, at)
    _judge_health(channel, phone_number, at)
    channel.read_at, channel.read_error = at, None
    db.session.flush()


def _take_over(channel: Channel, phone_number: PhoneNumber, at: datetime) -> None:
    """Each fact that differs goes its verb's way. What we hear for the first time is news only when it is bad."""
    said = (
        ("quality", phone_number.quality_rating, changes.set_quality),
        ("tier", phone_number.messaging_limit_tier, changes.set_tier),
        ("throughput", phone_number.throughput_level, changes.set_throughput),
        ("status", phone_number.status, changes.set_status),
    )
    for name, value, verb in said:
        if value is None or getattr(channel, name) is None and not _is_bad(name, value):
            setattr(channel, name, value)
        elif getattr(channel, name) != value or _is_bad(name, value) and not alerts.stands(channel, f"phone.{name}"):
            verb(channel, value, at)
            setattr(channel, name, value)  # a clock that runs apart from Meta's must not keep the truth out


def _is_bad(name: str, value: str) -> bool:
    known = {"quality": words.QUALITIES, "status": words.STATUSES}.get(name, {})
    return value in known and known[value].color in ("yellow", "red")


def _judge_health(channel: Channel, phone_number: PhoneNumber, at: datetime) -> None:
    """Meta's health of the number: blocked, nothing leaves; else what an earlier reading or refusal said is over.

    What Meta told by webhook stays until its end, its reversal or a person lifts it, or until a reading that
    confirmed it is followed by one that does not.
    """
    alerts.resolve_raised_before(channel, changes.REFUSED, [refusals.OF_TOKEN], at)  # the token opened the door
    if phone_number.health == changes.CANNOT_SEND:
        said = " ".join((words.restriction(changes.CANNOT_SEND), *phone_number.health_problems))
        if channel.restriction is None:
            changes.restrict(channel, changes.CANNOT_SEND, said, at)
        channel.restriction = changes.CANNOT_SEND
        return
    if channel.restriction == changes.CANNOT_SEND:
        changes.clear(channel, "Meta says that the number can send again.", at)
    if blocked(channel) is None:
        alerts.resolve_raised_before(channel, changes.REFUSED, [refusals.OF_NUMBER], at)


def lift_by_hand(channel: Channel, at: datetime) -> None:
    """A person knows that the restriction is over although Meta did not tell us."""
    changes.clear(locked(channel), "Somebody said that the restriction is over.", at)


def record_business(channel: Channel, business_id: str | None) -> None:
    """Keep whose portfolio the number belongs to; only the first reading may say so.

    The messaging limit's ledger is kept under this id: changing it later would forget the day's customers.
    """
    if channel.read_at is None and channel.business_id is None:
        channel.business_id = business_id
    db.session.flush()


def record_token(channel: Channel, token: TokenFacts) -> None:
    """Keep what Meta said of the token: the app it belongs to, when it ends, what it may do."""
    channel.app_id = token.app_id
    channel.token_expires_at = token.expires_at
    channel.token_scopes = list(token.scopes)
    db.session.flush()


def record_trouble(channel: Channel, sentence: str) -> None:
    """Keep why Meta could not be read; what it said before stays."""
    channel.read_error = sentence
    db.session.flush()


def set_speed(channel: Channel, messages_per_second: int) -> None:
    """How fast this channel sends at most."""
    channel.messages_per_second = messages_per_second
    db.session.flush()


def use_marketing_service(channel: Channel, uses: bool) -> None:
    """Let marketing templates leave through Meta's marketing service, or the usual way."""
    channel.uses_marketing_service = uses
    db.session.flush()
