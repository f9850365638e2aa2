"""Who calls: an API token acts for the user who made it. A session's cookie opens nothing here."""

from __future__ import annotations

import hashlib
from typing import NoReturn, cast

from flask import g, request

from app.api.refusals import refuse
from app.auth import permissions, tokens
from app.auth.models import User


def admit(permission: str) -> None:
    """Let the call pass when its token is good (else 401) and its user may do that (else 403)."""
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        _refuse_stranger("Send an API token: Authorization: Bearer <token>. Tokens are made on the account page.")
    user = tokens.authenticate(given.token)
    if user is None:
        _refuse_stranger("This API token is unknown or revoked.", "invalid_token")
    if not permissions.allows(user.role, permission):
        refuse(403, "forbidden", f"The role {user.role} of this token's user does not allow this ({permission}).")
    g.caller = user


def caller() -> User:
    """The user whom this call's token acts for."""
    return cast(User, g.caller)


def rate_key() -> str:
    """Whose calls are counted together: a token's, by its hash; a stranger's by address."""
    header = request.headers.get("Authorization")
    return hashlib.sha256(header.encode()).hexdigest() if header else request.remote_addr or ""


def _refuse_stranger(sentence: str, error: str = "") -> NoReturn:
    challenge = 'Bearer realm="Bulbul"' + (f', error="{error}"' if error else "")
    refuse(401, "unauthorized", sentence, headers={"WWW-Authenticate": challenge})
