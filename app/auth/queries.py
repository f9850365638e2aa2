"""What pages ask about people, their sessions and deeds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import Select, select

from app.auth import workspace
from app.auth.models import ApiToken, AuditEntry, DeviceSession, User
from app.extensions import db
from app.shared.clock import now
from app.shared.errors import Missing


def user_by_email(email: str) -> User | None:
    """The person with this address, disabled or not."""
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def user(public_id: UUID) -> User:
    """That member of the team. Raises `Missing`."""
    found = db.session.scalar(select(User).where(User.public_id == public_id))
    if found is None:
        raise Missing("There is no such person in the team.")
    return found


def team() -> Sequence[User]:
    """Everybody, disabled ones last."""
    return db.session.scalars(select(User).order_by(User.is_active.desc(), User.name, User.id)).all()


def living_sessions(owner: User) -> Sequence[DeviceSession]:
    """A person's sessions that still open the door, latest first."""
    return db.session.scalars(
        select(DeviceSession)
        .where(
            DeviceSession.user_id == owner.id,
            DeviceSession.revoked_at.is_(None),
            DeviceSession.expires_at > now(),
        )
        .order_by(DeviceSession.last_seen_at.desc())
    ).all()


def session_of(owner: User, public_id: UUID) -> DeviceSession:
    """That session, when it is this person's. Raises `Missing`."""
    mine = select(DeviceSession).where(DeviceSession.user_id == owner.id, DeviceSession.public_id == public_id)
    if (found := db.session.scalar(mine)) is None:
        raise Missing("There is no such session.")
    return found


def living_tokens(owner: User) -> Sequence[ApiToken]:
    """A person's API tokens that still work, newest first."""
    return db.session.scalars(
        select(ApiToken)
        .where(ApiToken.user_id == owner.id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.created_at.desc())
    ).all()


def token_of(owner: User, public_id: UUID) -> ApiToken:
    """That token, when it is this person's. Raises `Missing`."""
    mine = select(ApiToken).where(ApiToken.user_id == owner.id, ApiToken.public_id == public_id)
    if (found := db.session.scalar(mine)) is None:
        raise Missing("There is no such token.")
    return found


def audit_entries(person: UUID | None, action: str | None, day: date | None) -> Select[AuditEntry, User]:
    """Entries with the person who did it (None: the system), latest first; `day` in the workspace's zone."""
    query = select(AuditEntry, User).outerjoin(User, User.id == AuditEntry.user_id)
    if person:
        query = query.where(User.public_id == person)
    if action:
        query = query.where(AuditEntry.action == action)
    if day:
        begin = datetime.combine(day, time(), workspace.zone())
        query = query.where(AuditEntry.created_at >= begin, AuditEntry.created_at < begin + timedelta(days=1))
    return query.order_by(AuditEntry.created_at.desc(), AuditEntry.id.desc())


def audit_actions() -> Sequence[str]:
    """Every kind of deed in the log."""
    return db.session.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action)).all()
