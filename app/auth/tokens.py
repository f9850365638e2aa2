"""API tokens: a program's key, acting as the user who made it. Shown once, kept as SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from app.auth.models import ApiToken, User
from app.extensions import db
from app.shared.clock import now
from app.shared.errors import Invalid

PREFIX = "blb_"  # so that scanners for leaked keys, and people, recognise one
TOUCH_EVERY = timedelta(minutes=1)


def create(user: User, name: str) -> tuple[ApiToken, str]:
    """A new token of `user` and its plain text, which cannot be had again. Raises `Invalid` without a name."""
    if not name.strip():
        raise Invalid("Give the token a name, so that you know later what uses it.", "name")
    plain = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(user_id=user.id, name=name.strip(), token_hash=_digest(plain), last_four=plain[-4:])
    db.session.add(token)
    db.session.flush()
    return token, plain


def authenticate(plain: str) -> User | None:
    """The user a token acts for; None when it is unknown or revoked, or its user disabled."""
    if not plain.startswith(PREFIX):
        return None
    token = db.session.scalar(
        select(ApiToken)
        .join(ApiToken.user)
        .options(joinedload(ApiToken.user))
        .where(ApiToken.token_hash == _digest(plain), ApiToken.revoked_at.is_(None), User.is_active)
    )
    if token is None:
        return None
    _touch(token)
    return token.user


def revoke(token: ApiToken) -> None:
    """End a token: its next request is refused."""
    token.revoked_at = token.revoked_at or now()
    db.session.flush()


def _touch(token: ApiToken) -> None:
    moment = now()
    if token.last_used_at and moment - token.last_used_at < TOUCH_EVERY:
        return
    # A transaction of its own: a refused API call was a use of the token too.
    with db.engine.begin() as connection:
        connection.execute(update(ApiToken).where(ApiToken.id == token.id).values(last_used_at=moment))


def _digest(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()
