"""The access token: whether Meta takes it, whose it is, what it may do and how long."""

from __future__ import annotations

from datetime import timedelta

from app.channels.failures import sentence_of
from app.channels.queries import the_channel
from app.meta.phone_numbers import TokenFacts
from app.operations.checks.findings import Finding, bad, ok, warn
from app.operations.checks.interview import Told
from app.operations.queries import in_words
from app.shared import clock

ENSURE_CHANNEL = "Run: flask channels ensure"
NEEDED = ("whatsapp_business_messaging", "whatsapp_business_management")
FOR_CATALOGS = "catalog_management"
SOON = timedelta(days=7)
NEW_TOKEN = "Make a system user's token that never ends in Meta's Business settings, set WHATSAPP_ACCESS_TOKEN to it."


def access_token(told: Told | None) -> Finding | None:
    """Meta takes the token and knows the phone number."""
    if told is None:
        return None if the_channel() else bad("Access token", "No WhatsApp number is connected.", ENSURE_CHANNEL)
    if failure := told.failures.get("number"):
        return bad("Access token", sentence_of(failure), "Check WHATSAPP_ACCESS_TOKEN and WHATSAPP_PHONE_ID.")
    if told.token and not told.token.is_valid:
        return bad("Access token", "Meta says that the token is no longer valid.", NEW_TOKEN)
    number = told.number.display_phone_number or told.number.id if told.number else "the number"
    return ok("Access token", f"Meta takes it and answers for {number}.")


def token_kind(told: Told) -> Finding | None:
    """It is a system user's token: a person's ends within two months, or with the person's job."""
    if failure := told.failures.get("token"):
        fix = "Check again in a minute; if Meta still says nothing, use a token that was made for this app."
        return warn("Token kind", f"Meta tells nothing of the token: {sentence_of(failure)}", fix)
    if told.token is None or not told.token.type:
        return None
    if told.token.type != "SYSTEM_USER":
        kind = told.token.type.replace("_", " ").lower()
        return warn("Token kind", f"It is a token of the kind “{kind}”, which ends after hours or weeks.", NEW_TOKEN)
    return ok("Token kind", "It belongs to a system user.")


def app(told: Told) -> Finding | None:
    """Which app the token belongs to."""
    if told.token is None or not told.token.app_id:
        return None
    return ok("App", f"The token belongs to the app {told.token.app_id}.")


def permissions(told: Told) -> Finding | None:
    """The token may send and manage; catalogs want one permission more."""
    if told.token is None or not told.token.is_valid:
        return None
    if missing := [scope for scope in NEEDED if scope not in told.token.scopes]:
        fix = "Make the token anew and tick them."
        return bad("Permissions", f"The token lacks {' and '.join(missing)}.", fix)
    if FOR_CATALOGS not in told.token.scopes:
        advice = f"To keep a catalog in step, make the token anew with {FOR_CATALOGS}."
        return ok("Permissions", "The token may send messages and manage templates, not catalogs.", advice)
    return ok("Permissions", "The token may send messages and manage templates and catalogs.")


def expiry(told: Told) -> Finding | None:
    """The token does not end soon."""
    if told.token is None or not told.token.is_valid:
        return None
    return _expiry(told.token)


def _expiry(token: TokenFacts) -> Finding:
    if token.expires_at is None:
        return ok("Token end", "The token never ends.")
    left = token.expires_at - clock.now()
    if left <= timedelta(0):
        return bad("Token end", f"The token ended {in_words(-left)} ago.", NEW_TOKEN)
    if left < SOON:
        return warn("Token end", f"The token ends in {in_words(left)}.", NEW_TOKEN)
    return ok("Token end", f"The token ends in {in_words(left)}.")
