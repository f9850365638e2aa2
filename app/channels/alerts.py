"""Alerts: what a person must know of the account, when it began and when its reason was gone.

They are also the memory by which news out of order is told from news: each kind and subject has a trail of
moments, and what is older than the trail's end says nothing any more. Meta tells times in whole seconds; ours
are cut to them, or a later event of the same second would look older.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.channels.models import Alert, Channel, Severity
from app.extensions import db


def raise_alert(
    channel: Channel, kind: str, subject: str, severity: Severity, title: str, details: str, at: datetime
) -> None:
    """Let this stand open until it is resolved. One of a kind and subject does: other words close those before.

    Nothing happens when something newer is known, or when the same was told before. Safe in two processes at once.
    """
    at = _second(at)
    if is_superseded(channel, kind, subject, at) or _was_told(channel, kind, subject, title, at):
        return
    db.session.execute(
        update(Alert)
        .where(*_open_of(channel, kind, subject), Alert.title == title)
        .values(severity=severity, details=details, raised_at=at)
    )
    _close(*_open_of(channel, kind, subject), Alert.title != title, at=at)
    _insert(channel, kind, subject, severity, title, details, at, None)


def note(channel: Channel, kind: str, subject: str, title: str, details: str, at: datetime) -> None:
    """Good news: whatever of this kind and subject stands is resolved, and the history tells why."""
    at = _second(at)
    if is_superseded(channel, kind, subject, at) or _was_told(channel, kind, subject, title, at):
        return
    _close(*_open_of(channel, kind, subject), at=at)
    _insert(channel, kind, subject, Severity.INFO, title, details, at, at)


def resolve(channel: Channel, kind: str, subject: str, at: datetime) -> None:
    """The reason is gone. Whoever calls knows that nothing newer says otherwise."""
    _close(*_open_of(channel, kind, subject), at=at)


def resolve_raised_before(channel: Channel, kind: str, subjects: Sequence[str], at: datetime) -> None:
    """What we read from Meta at this time says that all is well with these: what was raised before is gone."""
    if subjects:
        _close(*_open(channel, kind), Alert.subject.in_(subjects), Alert.raised_at <= at, at=at)


def is_superseded(channel: Channel, kind: str, subject: str, at: datetime) -> bool:
    """Whether something newer of this kind and subject is known."""
    latest = select(func.max(func.greatest(Alert.raised_at, Alert.resolved_at)))
    newest = db.session.scalar(latest.where(*_of(channel, kind, subject)))
    return newest is not None and newest > _second(at)


def stands(channel: Channel, kind: str, subject: str = "") -> bool:
    """Whether such an alert is open, seen or not."""
    return standing(channel, kind, subject) is not None


def standing(channel: Channel, kind: str, subject: str = "") -> Alert | None:
    """The alert of this kind and subject that is open, seen or not."""
    return db.session.scalar(select(Alert).where(*_open_of(channel, kind, subject)))


def put_away(alerts: Sequence[Alert], user_id: int, at: datetime) -> None:
    """Somebody has seen these; they leave the dashboard, not the history."""
    for alert in alerts:
        alert.seen_at, alert.seen_by = alert.seen_at or at, alert.seen_by or user_id
    db.session.flush()


def open_alerts(channel: Channel) -> list[Alert]:
    """What stands now, seen or not; the latest first."""
    query = select(Alert).where(Alert.channel_id == channel.id, Alert.resolved_at.is_(None))
    return list(db.session.scalars(query.order_by(Alert.raised_at.desc(), Alert.id.desc())))


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _of(channel: Channel, kind: str, subject: str) -> tuple[ColumnElement[bool], ...]:
    return (Alert.channel_id == channel.id, Alert.kind == kind, Alert.subject == subject)


def _open(channel: Channel, kind: str) -> tuple[ColumnElement[bool], ...]:
    return (Alert.channel_id == channel.id, Alert.kind == kind, Alert.resolved_at.is_(None))


def _open_of(channel: Channel, kind: str, subject: str) -> tuple[ColumnElement[bool], ...]:
    return (*_open(channel, kind), Alert.subject == subject)


def _was_told(channel: Channel, kind: str, subject: str, title: str, at: datetime) -> bool:
    same = (Alert.title == title, Alert.raised_at == at)
    return db.session.scalar(select(Alert.id).where(*_of(channel, kind, subject), *same).limit(1)) is not None


def _close(*conditions: ColumnElement[bool], at: datetime) -> None:
    """Resolved at that time, and never before it was raised."""
    db.session.execute(update(Alert).where(*conditions).values(resolved_at=func.greatest(Alert.raised_at, _second(at))))


def _insert(
    channel: Channel,
    kind: str,
    subject: str,
    severity: Severity,
    title: str,
    details: str,
    at: datetime,
    resolved_at: datetime | None,
) -> None:
    statement = insert(Alert).values(
        channel_id=channel.id,
        kind=kind,
        subject=subject,
        severity=severity,
        title=title,
        details=details,
        raised_at=at,
        resolved_at=resolved_at,
    )
    db.session.execute(statement.on_conflict_do_nothing())
