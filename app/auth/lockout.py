"""Five failed logins from one address within 15 minutes shut the login to that address for 15 minutes.

Flask-Limiter keeps both counts: in Redis, in this process's memory while Redis is away. The lock is a limit of one
in 15 minutes which only the fifth failure uses up, so that it holds from that failure on.
"""

from __future__ import annotations

from flask import Response
from flask_limiter.util import get_remote_address
from limits import RateLimitItemPerMinute

from app.extensions import limiter

FAILURES = RateLimitItemPerMinute(5, 15, namespace="login_failures")
FAILED = 401  # what the login page answers to an unknown address or a wrong password


def _is_fifth_failure(answer: Response) -> bool:
    if answer.status_code != FAILED:
        return False
    address = get_remote_address()
    limiter.limiter.hit(FAILURES, address)
    if limiter.limiter.test(FAILURES, address):
        return False
    limiter.limiter.clear(FAILURES, address)  # after the lock there are five new tries
    return True


guard = limiter.limit(
    "1 per 15 minutes",
    methods=["POST"],
    deduct_when=_is_fifth_failure,
    error_message="There were too many failed logins from your address.",
)
