"""The webhook door: verified over the raw bytes, durable before the 200, digested elsewhere."""

from __future__ import annotations

import hmac
import json

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.exc import OperationalError

from app.channels.queries import the_channel
from app.extensions import csrf, db
from app.meta import signature
from app.shared import queues
from app.webhooks import service
from app.webhooks.jobs import RING, digest_events

bp = Blueprint("webhooks", __name__)

MAX_BODY = 3 * 1024 * 1024  # Meta's own limit
RING_AGAIN = 10  # seconds; the digesting job takes the mark away when it starts

log = structlog.get_logger()


@bp.get("/webhooks/whatsapp")
def handshake() -> Response:
    """Meta asks whether this address is ours: the challenge comes back when the verify token fits."""
    channel = the_channel()
    given = request.args.get("hub.verify_token", "")
    if (
        channel is None
        or request.args.get("hub.mode") != "subscribe"
        or not hmac.compare_digest(given.encode(), channel.verify_token.encode())
    ):
        return _plain("The verify token does not fit.", 403)
    return _plain(request.args.get("hub.challenge", ""), 200)


@bp.post("/webhooks/whatsapp")
@csrf.exempt
def receive() -> Response:
    """Store what Meta posted, then say 200. A repetition of the same bytes is the same event."""
    if (request.content_length or 0) > MAX_BODY:
        return _plain("The body is larger than 3 MB.", 413)
    body = request.get_data(cache=False)
    try:
        return _receive(body)
    except OperationalError:
        # Meta tries again for days; a 200 would be a lie.
        log.error("webhook.database_away")
        return _plain("The database is away; try again.", 503)


def _receive(body: bytes) -> Response:
    channel = the_channel()
    if channel is None or not signature.is_valid(channel.app_secret, body, request.headers.get("X-Hub-Signature-256")):
        log.warning("webhook.bad_signature", bytes=len(body))
        return _plain("The signature is missing or wrong.", 403)
    is_json = _is_json(body)
    is_new = service.store(body, fault=None if is_json else "The body is no JSON.")
    db.session.commit()
    if not is_json:
        return _plain("The body is no JSON.", 400)
    if is_new:
        queues.ring_once(queues.RECEIPTS, RING, RING_AGAIN, digest_events)
    return _plain("", 200)


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def _plain(words: str, status: int) -> Response:
    return Response(words, status, mimetype="text/plain")
