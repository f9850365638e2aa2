"""A post to our own webhook door, over the way that Meta's posts take.

The body is always the same bytes: like any repetition it is kept once, so that however often the door is tried the
journal holds one event of the kind `setup.probe`.
"""

from __future__ import annotations

import hashlib
import secrets

import requests

from app import config
from app.meta import signature

BODY = b'{"object":"bulbul","entry":[{"id":"bulbul","time":1767225600,"changes":[{"field":"setup.probe","value":{}}]}]}'
DIGEST = hashlib.sha256(BODY).digest()
TIMEOUT = 5.0  # seconds to connect, and again to answer


def address() -> str:
    """Where Meta posts to."""
    return f"{config.current().public_url}/webhooks/whatsapp"


def knock(app_secret: str) -> int:
    """Post the body signed with the secret; the HTTP status. Raises requests.RequestException."""
    return _post(signature.sign(app_secret, BODY))


def knock_as_stranger() -> int:
    """Post the body signed with some other secret; the HTTP status. Raises requests.RequestException."""
    return _post(signature.sign(secrets.token_hex(), BODY))


def _post(signed: str) -> int:
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signed, "User-Agent": "Bulbul setup probe"}
    with requests.Session() as session:
        session.trust_env = False  # no proxy of this machine's: Meta comes without
        answer = session.post(address(), BODY, headers=headers, timeout=TIMEOUT, allow_redirects=False, stream=True)
        return answer.status_code
