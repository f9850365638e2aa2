"""The signature under every webhook: HMAC-SHA256 of the raw bytes with the app secret."""

import hashlib
import hmac

PREFIX = "sha256="


def sign(secret: str, body: bytes) -> str:
    """The value of `X-Hub-Signature-256` for these bytes: `sha256=` and 64 hex digits."""
    return PREFIX + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_valid(secret: str, body: bytes, header: str | None) -> bool:
    """Whether the header signs exactly these bytes; constant time, False for a missing or odd header.

    An unset secret validates nothing: otherwise everybody could sign with the empty one.
    """
    if not secret or not header or not header.isascii():
        return False
    return hmac.compare_digest(sign(secret, body), header)
