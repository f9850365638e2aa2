"""Alerts sent on to people who are not looking: as an e-mail, and as a signed JSON post. Each way once an alert."""

from __future__ import annotations

import hashlib
import hmac
import json
import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

import requests
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import InstrumentedAttribute

from app import config
from app.channels.models import Alert, Channel, Severity
from app.extensions import db
from app.meta.signature import sign
from app.shared import clock

TIMEOUT = 10.0  # seconds, for each step of either way
WORTH_TELLING = timedelta(days=1)  # after its raising; what could not be told by then is told by the dashboard alone
SIGNATURE = "X-Bulbul-Signature-256"
SUBMISSION_PORTS = {"smtp": 587, "smtps": 465}


class NotTold(Exception):
    """It could not be sent on; the message is one sentence without secrets."""


@dataclass(frozen=True, slots=True)
class News:
    """An alert as it is sent on. `id` is the alert's: whoever gets it twice can tell."""

    id: str
    kind: str
    severity: str
    title: str
    details: str
    raised_at: str  # ISO 8601, UTC
    channel: str
    url: str


@dataclass(frozen=True, slots=True)
class Way:
    """A way out: where an alert notes that it went, whether it is set up, and how it goes (raises `NotTold`)."""

    told_at: InstrumentedAttribute[datetime | None]
    is_set_up: Callable[[], bool]
    send: Callable[[News], None]


def due(way: str, now: datetime) -> list[int]:
    """Alerts that stand, that nobody has put away and that have not gone this way; the oldest first."""
    if not WAYS[way].is_set_up():
        return []
    query = select(Alert.id).where(*_untold(WAYS[way]), Alert.created_at > now - WORTH_TELLING).order_by(Alert.id)
    return list(db.session.scalars(query))


def take(way: str, alert_id: int, now: datetime) -> News | None:
    """Note that the alert goes this way, and answer what to send after the commit; None when there is nothing to do.

    Noted first, so that of two workers only one sends, and one that dies does not send again.
    """
    mine = update(Alert).where(Alert.id == alert_id, *_untold(WAYS[way])).values({WAYS[way].told_at: now})
    alert = db.session.scalars(mine.returning(Alert)).one_or_none()
    return _news_of(alert) if alert else None


def put_back(way: str, alert_id: int) -> None:
    """It did not go out; the tick tries again."""
    db.session.execute(update(Alert).where(Alert.id == alert_id).values({WAYS[way].told_at: None}))


def signing_key() -> str:
    """What the receiver checks `X-Bulbul-Signature-256` with: made from SECRET_KEY, which it does not give away."""
    return hmac.new(config.current().secret_key.encode(), b"alert webhook", hashlib.sha256).hexdigest()


def sample() -> News:
    """A notification that says it is a test."""
    details = "If you read this, alerts reach you."
    return News("test", "test", Severity.INFO, "A test of Bulbul's alerts.", details, _iso(clock.now()), "", _page())


def mail(news: News) -> None:
    """Send it to ALERT_EMAIL through SMTP_URL."""
    try:
        with _mail_server(urlsplit(config.current().smtp_url)) as server:
            server.send_message(_letter(news))
    except (OSError, smtplib.SMTPException) as error:
        raise NotTold(f"The mail server did not take it ({type(error).__name__}).") from error


def post(news: News) -> None:
    """Post it to ALERT_WEBHOOK_URL as signed JSON; any 2xx is a yes."""
    body = json.dumps(asdict(news) | {"sent_at": _iso(clock.now())}).encode()
    headers = {"Content-Type": "application/json", SIGNATURE: sign(signing_key(), body)}
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.post(
                config.current().alert_webhook_url,
                data=body,
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,  # what it says is nothing to us, however long it is
            )
        except requests.RequestException as error:
            raise NotTold(f"The webhook could not be reached ({type(error).__name__}).") from error
    if not 200 <= answer.status_code < 300:
        raise NotTold(f"The webhook answered {answer.status_code}.")


def _untold(way: Way) -> tuple[ColumnElement[bool], ...]:
    return (
        way.told_at.is_(None),
        Alert.severity.in_((Severity.CRITICAL, Severity.WARNING)),
        Alert.resolved_at.is_(None),
        Alert.seen_at.is_(None),
    )


def _news_of(alert: Alert) -> News:
    channel = db.session.get_one(Channel, alert.channel_id)
    name = channel.display_number or channel.name
    return News(
        str(alert.public_id),
        alert.kind,
        alert.severity.value,
        alert.title,
        alert.details,
        _iso(alert.raised_at),
        name,
        _page(),
    )


def _letter(news: News) -> EmailMessage:
    settings = config.current()
    letter = EmailMessage()
    letter["To"] = settings.alert_email
    user = unquote(urlsplit(settings.smtp_url).username or "")
    letter["From"] = f"Bulbul <{user if '@' in user else settings.alert_email}>"
    letter["Subject"] = " ".join(f"[Bulbul] {news.title}".split())  # a line break would end the header
    letter["Date"] = format_datetime(clock.now())
    letter["Message-ID"] = f"<{news.id}@bulbul.alert>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(f"{news.title}\n\n{news.details}\n\n{news.channel}\n{news.url}\n")
    return letter


def _mail_server(url: SplitResult) -> smtplib.SMTP:
    """Connected, over TLS where it is to be had, logged in. A password never travels in the clear."""
    host, port = url.hostname or "", url.port or SUBMISSION_PORTS[url.scheme]
    context = ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT)
        server.ehlo_or_helo_if_needed()
        if not _is_this_machine(host) and (url.username or server.has_extn("starttls")):
            server.starttls(context=context)
    if url.username:
        server.login(unquote(url.username), unquote(url.password or ""))
    return server


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _page() -> str:
    return f"{config.current().public_url}/alerts"


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


WAYS: Mapping[str, Way] = {
    "mail": Way(Alert.mailed_at, lambda: bool(config.current().alert_email), mail),
    "post": Way(Alert.posted_at, lambda: bool(config.current().alert_webhook_url), post),
}
