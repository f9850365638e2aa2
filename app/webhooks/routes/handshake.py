"""The handshake: Meta asks whether the webhook's address is ours."""

from __future__ import annotations

import hmac

from flask import Response, request
from sqlalchemy.exc import OperationalError

from app.channels.queries import the_channel
from app.extensions import db, limiter
from app.shared import clock
from app.webhooks.routes.blueprint import PATH, bp


@bp.get(PATH)
@limiter.exempt
def handshake() -> Response:
    """The challenge comes back when the verify token fits."""
    is_subscribing = request.args.get("hub.mode") == "subscribe"
    try:
        if not is_subscribing or not _shake(request.args.get("hub.verify_token", "")):
            return _plain("The verify token does not fit.", 403)
    except OperationalError:
        return _plain("The database is away; try again.", 503)
    return _plain(request.args.get("hub.challenge", ""), 200)


def _shake(token: str) -> bool:
    channel = the_channel()
    if channel is None or not hmac.compare_digest(token.encode(), channel.verify_token.encode()):
        return False
    channel.handshake_at = clock.now()
    db.session.commit()
    return True


def _plain(words: str, status: int) -> Response:
    return Response(words, status, mimetype="text/plain")
