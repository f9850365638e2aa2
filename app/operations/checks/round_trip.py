"""The webhook door tried over real HTTP: what is rightly signed must pass, what is not must be refused."""

from __future__ import annotations

from datetime import timedelta

import requests

from app.channels.queries import the_channel
from app.extensions import db
from app.operations import probe, queries
from app.operations.checks.findings import Finding, bad, ok, warn
from app.shared import clock

NAME = "Round trip"
LATELY = timedelta(days=1)
FORWARD = "Let PUBLIC_URL lead to Bulbul's web server, and whatever stands before it hand /webhooks/ on unchanged."
SAME_SECRET = "Start web and workers with the same WHATSAPP_APP_SECRET, and let no proxy change what is posted."


def round_trip() -> Finding | None:
    """A signed post comes in at the public address, a wrongly signed one does not; None without an app secret."""
    channel = the_channel()
    if channel is None or not channel.app_secret:
        return None
    app_secret = channel.app_secret
    db.session.rollback()  # no transaction may stay open across the network
    try:
        return _judge(probe.knock_as_stranger(), probe.knock(app_secret))
    except requests.exceptions.SSLError:
        fix = "Give the web server a certificate of a public authority, with its whole chain."
        return bad(NAME, f"The certificate of {probe.address()} is not trusted; Meta will not trust it either.", fix)
    except requests.RequestException as error:
        return _unreachable(isinstance(error, requests.Timeout))


def _judge(stranger: int, signed: int) -> Finding:
    if {stranger, signed} & {301, 302, 303, 307, 308}:
        fix = "Set PUBLIC_URL to the address that it leads to, and give Meta that one."
        return bad(NAME, f"{probe.address()} answers with a redirect; Meta follows none.", fix)
    if (stranger, signed) == (403, 200):
        return ok(NAME, "A signed webhook came in at the address, a wrongly signed one was refused.")
    if stranger == 200:
        return bad(NAME, "A wrongly signed webhook was taken: something else than Bulbul answers there.", FORWARD)
    if (stranger, signed) == (403, 403):
        return bad(NAME, "A rightly signed webhook was refused.", SAME_SECRET)
    return bad(NAME, f"{probe.address()} answers a signed webhook with {signed}, not with 200.", FORWARD)


def _unreachable(too_slow: bool) -> Finding:
    """Many a house cannot see its own public address; where Meta's posts do come in, that is no harm."""
    trouble = f"did not answer within {probe.TIMEOUT:.0f} seconds" if too_slow else "cannot be reached from here"
    last_at = queries.webhook_health().last_at
    if last_at and clock.now() - last_at < LATELY:
        advice = "Nothing, when your router cannot lead you to your own address; else look at the web server."
        return warn(NAME, f"{probe.address()} {trouble}, but Meta's webhooks come in.", advice)
    fix = "Start the web server; check that PUBLIC_URL is its address and that the name and port are open."
    return bad(NAME, f"{probe.address()} {trouble}.", fix)
