"""The way from Meta to us: the address, the secrets, the subscription, and what has come."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from urllib.parse import urlsplit

from app import config
from app.channels.failures import sentence_of
from app.channels.queries import the_channel
from app.operations import probe, queries
from app.operations.checks.findings import Finding, bad, ok, warn
from app.operations.checks.interview import Told
from app.operations.checks.token import ENSURE_CHANNEL
from app.operations.queries import in_words
from app.shared import clock

LATE = timedelta(minutes=2)  # a webhook undigested for so long is no mere queue
PUBLISH = "Set PUBLIC_URL to the https:// address under which the world reaches Bulbul."
SUBSCRIBE = "Press “Subscribe now” on the Setup page."


def address() -> Finding:
    """Meta can reach the address: it posts over the internet, and only to https."""
    url, settings = probe.address(), config.current()
    if settings.sandbox:
        return ok("Webhook address", f"The sandbox posts to {url}.")
    if not settings.behind_tls:
        return bad("Webhook address", f"{url} is not https; Meta posts nowhere else.", PUBLISH)
    if _is_private(urlsplit(url).hostname or ""):
        return bad("Webhook address", f"{url} is known in your own network only.", PUBLISH)
    return ok("Webhook address", f"Meta is to post to {url}.")


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".localhost"))


def secrets() -> Finding | None:
    """The secrets that the door compares with are those of the settings; None without a channel."""
    settings = config.current()
    if (channel := the_channel()) is None:
        return None
    if not channel.app_secret:
        return bad("Webhook secrets", "There is no app secret: every webhook is refused.", "Set WHATSAPP_APP_SECRET.")
    if channel.app_secret != settings.app_secret:
        return bad("Webhook secrets", "The channel holds another app secret than the settings.", ENSURE_CHANNEL)
    if channel.verify_token != settings.verify_token:
        return bad("Webhook secrets", "The channel holds another verify token than the settings.", ENSURE_CHANNEL)
    return ok("Webhook secrets", "The app secret and the verify token are those of the settings.")


def subscription(told: Told) -> Finding | None:
    """Meta tells our app what happens to the business account."""
    if failure := told.failures.get("apps"):
        return bad("Subscription", f"Meta does not say which apps are subscribed. {sentence_of(failure)}", SUBSCRIBE)
    if told.apps is None:
        return None
    if not told.apps:
        return bad("Subscription", "No app is subscribed to the business account: Meta posts nothing.", SUBSCRIBE)
    app_id = told.token.app_id if told.token else None
    if app_id and app_id not in told.apps:
        return bad("Subscription", f"Not our app ({app_id}) but another is subscribed: Meta posts nothing.", SUBSCRIBE)
    return ok("Subscription", "Our app is subscribed to the business account.")


def handshake() -> Finding | None:
    """Meta has verified the address; None in the sandbox, which need not."""
    if (channel := the_channel()) is None:
        return None
    if channel.handshake_at:
        return ok("Handshake", f"The address was verified {in_words(clock.now() - channel.handshake_at)} ago.")
    if config.current().sandbox:
        return None
    fix = "In Meta's app: WhatsApp, Configuration, enter address and verify token, “Verify and save”."
    return warn("Handshake", "Meta has not verified the address since Bulbul runs.", fix)


def arrivals() -> Finding:
    """Meta posts, and what it posts is digested."""
    health = queries.webhook_health()
    if health.oldest_at and clock.now() - health.oldest_at > LATE:
        sentence = f"{_waiting(health.undigested)}, the oldest for {in_words(clock.now() - health.oldest_at)}."
        return bad("Webhooks", sentence, "Start a worker for the queue receipts: python worker.py receipts")
    if health.last_at is None:
        return warn("Webhooks", "None has come yet.", f"Give Meta this address: {probe.address()}")
    return ok("Webhooks", f"The last came {in_words(clock.now() - health.last_at)} ago; {_waiting(health.undigested)}.")


def _waiting(number: int) -> str:
    return f"{number or 'none'} {'waits' if number < 2 else 'wait'} to be digested"
