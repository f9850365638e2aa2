"""What changes about a number and its account, told by a webhook or read from Meta: the fact and its alert.

A webhook may come late or twice: each verb asks the trail of its alerts first (`alerts.is_superseded`), so that
older news never overrides newer. What the hourly reading finds is the truth and goes through the same verbs.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.channels import alerts, words
from app.channels.models import Channel, Severity
from app.extensions import db
from app.meta.phone_numbers import TIER_LIMITS
from app.shared import clock

QUALITY = "phone.quality"
LIMIT = "phone.limit"
STATUS = "phone.status"
NAME = "phone.name"
THROUGHPUT = "phone.throughput"
RESTRICTION = "account.restriction"
REFUSED = "sending.refused"  # Meta refused to send for a reason that concerns the whole number

HIGH_THROUGHPUT = "HIGH"
# A restriction by this word came from reading Meta, and reading Meta lifts it.
CANNOT_SEND = "BLOCKED"


def set_quality(channel: Channel, quality: str, at: datetime) -> None:
    """Meta rates the number anew. A low or medium rating stands as an alert until it is better."""
    if alerts.is_superseded(channel, QUALITY, "", at):
        return
    channel.quality = quality
    word = words.quality(channel)
    if word.color in ("yellow", "red"):
        severity = Severity.CRITICAL if word.color == "red" else Severity.WARNING
        alerts.raise_alert(channel, QUALITY, "", severity, f"The number's quality: {word.text}.", word.meaning, at)
    else:
        alerts.note(channel, QUALITY, "", f"The number's quality: {word.text}.", word.meaning, at)


def set_tier(channel: Channel, tier: str, at: datetime) -> None:
    """Meta's messaging limit is another one; the guard keeps it from the next claim on."""
    if alerts.is_superseded(channel, LIMIT, "", at):
        return
    before, channel.tier = channel.tier, tier
    now = words.tier(channel)
    if _is_lower(tier, before):
        title = f"Meta lowered the messaging limit to {now[0].lower()}{now[1:]}."
        alerts.raise_alert(channel, LIMIT, "", Severity.WARNING, title, _AFTER_LOWERING, at)
    else:
        alerts.note(channel, LIMIT, "", f"Meta's messaging limit: {now}.", "", at)


_AFTER_LOWERING = "Campaigns go on within the new limit. Better quality brings it back: write to people who expect it."


def set_throughput(channel: Channel, level: str, at: datetime) -> None:
    """Meta lets the number send at another speed."""
    if alerts.is_superseded(channel, THROUGHPUT, "", at):
        return
    channel.throughput = level
    details = "You can raise the speed on the channel's page." if level == HIGH_THROUGHPUT else ""
    alerts.note(channel, THROUGHPUT, "", f"Throughput: {words.throughput(channel)}.", details, at)


def set_status(channel: Channel, status: str, at: datetime) -> None:
    """The number is connected, restricted, banned, … as Meta says when it is read."""
    channel.status = status
    word = words.status(channel)
    if word.color in ("yellow", "red"):
        severity = Severity.CRITICAL if word.color == "red" else Severity.WARNING
        alerts.raise_alert(channel, STATUS, "", severity, f"The number: {word.text}.", word.meaning, at)
    elif alerts.stands(channel, STATUS):
        alerts.note(channel, STATUS, "", f"The number: {word.text}.", word.meaning, at)


def set_name_status(channel: Channel, decision: str, name: str | None, reason: str | None, at: datetime) -> None:
    """Meta decided on the display name."""
    if alerts.is_superseded(channel, NAME, "", at):
        return
    channel.name_status = decision
    if decision == "APPROVED":
        channel.verified_name = name or channel.verified_name
        alerts.note(channel, NAME, "", f"Meta approved the display name {name or channel.verified_name or ''}.", "", at)
        return
    word = words.name_status(channel)
    said = "" if reason in (None, "NONE") else f" Meta's reason: {(reason or '').replace('_', ' ').lower()}."
    severity = Severity.WARNING if word.color in ("red", "yellow") else Severity.INFO
    title = f"The display name {name or ''}: {word.text.lower()}.".replace("  ", " ")
    alerts.raise_alert(channel, NAME, "", severity, title, f"{word.meaning}{said}", at)


def restrict(channel: Channel, word: str, title: str, at: datetime, until: datetime | None = None) -> bool:
    """While this stands nothing leaves. False when it is over already, or newer news say otherwise."""
    if alerts.is_superseded(channel, RESTRICTION, "", at):
        return False
    if until is not None and until <= clock.now():
        alerts.note(channel, RESTRICTION, "", f"{title} It has run out.", "", at)
        return False
    channel.restriction, channel.restricted_until = word, until
    details = _UNTIL_THEN if until else _APPEAL
    alerts.raise_alert(channel, RESTRICTION, "", Severity.CRITICAL, title, details, at)
    return True


_APPEAL = "All campaigns stand still. Open Meta's Business Support Home, read what was found and ask for a review."
_UNTIL_THEN = "All campaigns stand still and go on by themselves when it has run out. See Meta's Business Support Home."


def lift(channel: Channel, title: str, at: datetime) -> bool:
    """The number may send again. False when newer news say otherwise, or nothing stood."""
    if alerts.is_superseded(channel, RESTRICTION, "", at):
        return False
    was_restricted = channel.restriction is not None
    clear(channel, title, at)
    return was_restricted


def clear(channel: Channel, title: str, at: datetime) -> None:
    """The number may send again by what we know ourselves: a reading, an end that came, a person's word."""
    channel.restriction = channel.restricted_until = None
    alerts.resolve(channel, RESTRICTION, "", at)
    alerts.resolve(channel, REFUSED, "", at)  # of the number; a token's is ended by a token
    alerts.note(channel, RESTRICTION, "", title, "", at)


def lift_expired(now: datetime) -> None:
    """Restrictions that had an end and came to it."""
    query = select(Channel).where(Channel.restricted_until <= now).with_for_update(key_share=True)
    for channel in db.session.scalars(query):
        clear(channel, "The restriction has run out; the number may send again.", now)


def _is_lower(tier: str, before: str | None) -> bool:
    return _size(tier) < _size(before) if before in TIER_LIMITS and tier in TIER_LIMITS else False


def _size(tier: str | None) -> float:
    return TIER_LIMITS.get(tier or "") or float("inf")
