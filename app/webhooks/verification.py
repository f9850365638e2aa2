"""Is it Meta who posts? The signature over the raw bytes, by a secret that a process keeps for some seconds."""

from __future__ import annotations

import time

from flask import current_app

from app.channels.queries import the_channel
from app.meta import signature

KEPT_SECONDS = 5.0  # how long a replaced secret is still good
KEPT_AS = "webhooks.secret"


def is_signed(body: bytes, header: str | None) -> bool:
    """Whether the channel's app secret signed exactly these bytes.

    Reading and decrypting the secret costs more than all else here, so it is kept; a signature that does not fit it
    is held against the database's, so that a new secret counts at once.
    """
    if not header:
        return False
    kept_at, secret = current_app.extensions.get(KEPT_AS, (0.0, ""))
    if time.monotonic() - kept_at < KEPT_SECONDS and signature.is_valid(secret, body, header):
        return True
    return signature.is_valid(_read_secret(), body, header)


def forget() -> None:
    """Read the secret anew for the next post."""
    current_app.extensions.pop(KEPT_AS, None)


def _read_secret() -> str:
    channel = the_channel()
    secret = channel.app_secret if channel else ""
    current_app.extensions[KEPT_AS] = (time.monotonic(), secret)
    return secret
