"""Device sessions: each login its own row, ended by time or by hand. The cookie holds a random token."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from flask import Request
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from app.auth.devices import device_name
from app.auth.models import DeviceSession, User
from app.extensions import db
from app.shared.clock import now

LIFETIME = timedelta(days=14)  # from the last request on
TOUCH_EVERY = timedelta(minutes=1)


def open_session(user: User, request: Request) -> str:
    """Open a session of `user` on the device of `request`; the token for its cookie."""
    token = secrets.token_urlsafe(32)
    moment = now()
    user.last_login_at = moment
    db.session.add(
        DeviceSession(
            user_id=user.id,
            token_hash=_digest(token),
            device=device_name(request.user_agent.string),
            ip=request.remote_addr or "",
            last_seen_at=moment,
            expires_at=moment + LIFETIME,
        )
    )
    db.session.flush()
    return token


def find(token: str) -> DeviceSession | None:
    """The living session of `token`, with its user; None when it ended, or the user was disabled."""
    return db.session.scalar(
        select(DeviceSession)
        .join(DeviceSession.user)
        .options(joinedload(DeviceSession.user))
        .where(
            DeviceSession.token_hash == _digest(token),
            DeviceSession.revoked_at.is_(None),
            DeviceSession.expires_at > now(),
            User.is_active,
        )
    )


def touch(session: DeviceSession, ip: str) -> None:
    """Note that the device was seen and give it another 14 days; at most one write a minute.

    In a transaction of its own: it must hold even when the request fails, and it is not the request's business.
    """
    moment = now()
    if moment - session.last_seen_at < TOUCH_EVERY:
        return
    seen = {"last_seen_at": moment, "expires_at": moment + LIFETIME, "ip": ip}
    with db.engine.begin() as connection:
        connection.execute(update(DeviceSession).where(DeviceSession.id == session.id).values(seen))


def revoke(session: DeviceSession) -> None:
    """End a session: its next request is a stranger's."""
    session.revoked_at = session.revoked_at or now()
    db.session.flush()


def revoke_all(user: User, *, but: DeviceSession | None = None) -> int:
    """End all of a user's sessions, `but` one; how many were ended."""
    living = select(DeviceSession).where(DeviceSession.user_id == user.id, DeviceSession.revoked_at.is_(None))
    ended = [session for session in db.session.scalars(living) if but is None or session.id != but.id]
    for session in ended:
        revoke(session)
    return len(ended)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
