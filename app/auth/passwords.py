"""Passwords: argon2 hashes, and the same time for a wrong password as for an unknown person."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.auth.models import User
from app.shared.errors import Invalid

SHORTEST = 10
LONGEST = 200  # argon2 takes any length; a megabyte of password is an attack

_hasher = PasswordHasher()


def set_password(user: User, password: str) -> None:
    """Give `user` this password. Raises `Invalid` when it is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(f"A password has {SHORTEST} to {LONGEST} characters.", "password")
    user.password_hash = hash_password(password)


def hash_password(password: str) -> str:
    """The argon2 hash of a password, with its salt and parameters."""
    return _hasher.hash(password)


def matches(user: User | None, password: str) -> bool:
    """Whether it is this user's password. Takes as long without a user, so that nobody learns who exists."""
    stored = user.password_hash if user else _nobodys_hash()
    try:
        _hasher.verify(stored, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    if user is not None and _hasher.check_needs_rehash(stored):
        user.password_hash = _hasher.hash(password)
    return user is not None


def made_up() -> str:
    """A new random password that can be read out."""
    return secrets.token_urlsafe(12)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))
