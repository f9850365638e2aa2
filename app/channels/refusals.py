"""Meta refused a message for a reason that concerns the whole number: the alert, and when it is over."""

from __future__ import annotations

from datetime import datetime

from app.channels import alerts, changes
from app.channels.models import Channel, Severity
from app.extensions import db
from app.meta.errors import ErrorClass, meaning_of

# The alert's subject: a new token ends the one, a reading of Meta's that says all is well ends both.
OF_NUMBER, OF_TOKEN = "", "token"  # noqa: S105  # no secret
SUBJECTS = (OF_NUMBER, OF_TOKEN)

# Refusals that the usual way of sending would not meet. Nothing changes over by itself: its price is another.
OF_MARKETING_SERVICE = frozenset({131055, 134100, 134102})
_THE_OTHER_WAY = "Or let marketing messages leave the usual way: see the channel's page."


def concerns_everybody(code: int | None) -> bool:
    """Whether a refusal with this code says that the number may not send at all."""
    return meaning_of(code).error_class in (ErrorClass.ACCOUNT, ErrorClass.AUTH)


def note(channel_id: int, code: int | None, at: datetime) -> None:
    """Meta refused a message with this code, whoever sent it: an alert where that concerns the whole number."""
    if concerns_everybody(code):
        raise_alert(db.session.get_one(Channel, channel_id), code, at)


def raise_alert(channel: Channel, code: int | None, at: datetime) -> None:
    """Say what Meta refused the number for, and what helps. It stands until Meta says otherwise."""
    meaning = meaning_of(code)
    subject = OF_TOKEN if meaning.error_class is ErrorClass.AUTH else OF_NUMBER
    title = f"Meta refused to send: {meaning.sentence}"
    alerts.raise_alert(channel, changes.REFUSED, subject, Severity.CRITICAL, title, what_helps(code), at)


def stands(channel: Channel) -> bool:
    """Whether Meta refused the number and nobody has said since that it may send again."""
    return any(alerts.stands(channel, changes.REFUSED, subject) for subject in SUBJECTS)


def what_helps(code: int | None) -> str:
    """The hint for people, with the other way of sending where that is one."""
    hint = meaning_of(code).hint
    return f"{hint} {_THE_OTHER_WAY}" if code in OF_MARKETING_SERVICE else hint
