"""Meta's news of the business account: restricted, banned, deleted, back again; and what is only to be known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app.campaigns.service import stops
from app.channels import alerts, changes, words
from app.channels.models import Severity
from app.meta.foreign import items, mapping, moment, text
from app.webhooks.account.told import Told

VIOLATION = "account.violation"
REVIEW = "account.review"
NEWS = "account.news"

# A restriction of these alone does not keep campaigns from being sent.
HARMLESS = frozenset({"RESTRICTED_ADD_PHONE_NUMBER_ACTION"})
BACK = "REINSTATE"


def update(told: Told) -> None:
    """What happened to the account. An event that is new to us has no effect."""
    handle = EVENTS.get(told.word("event"))
    if handle is not None:
        handle(told)


def review(told: Told) -> None:
    """Meta looked at the account as a whole."""
    decision = told.word("decision")
    if decision == "REJECTED":
        _stop(told, "REJECTED", words.restriction("REJECTED"))
    elif decision == "APPROVED":
        alerts.note(told.channel, REVIEW, "", "Meta's review approved the account.", "", told.at)
        if told.channel.restriction == "REJECTED":
            _go_on(told, "Meta's review approved the account after all.")
    else:
        title = f"Meta's review of the account: {decision.replace('_', ' ').lower()}."
        alerts.note(told.channel, REVIEW, "", title, "", told.at)


def _restriction(told: Told) -> None:
    """Restricted for sending until the latest end among them; one without an end stands until Meta lifts it."""
    listed = list(items(told.value.get("restriction_info")))
    kinds = [text(item.get("restriction_type")) or "" for item in listed]
    sending = [(kind, moment(item.get("expiration"))) for kind, item in zip(kinds, listed, strict=True)]
    sending = [(kind, end) for kind, end in sending if kind not in HARMLESS]
    for kind in kinds:
        if kind in HARMLESS:
            title = words.restriction(kind)
            alerts.raise_alert(told.channel, NEWS, kind, Severity.WARNING, title, _SUPPORT, told.at)
    if sending or not listed:
        word = sending[0][0] if sending else "RESTRICTED"
        _stop(told, word or "RESTRICTED", words.restriction(word or "RESTRICTED"), _latest([end for _, end in sending]))


def _latest(ends: list[datetime | None]) -> datetime | None:
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None


def _ban(told: Told) -> None:
    info = mapping(told.value.get("ban_info"))
    state, day = (text(info.get("waba_ban_state")) or "DISABLE").upper(), text(info.get("waba_ban_date"))
    if state == BACK:
        _go_on(told, "Meta reinstated the account.")
    elif state == "SCHEDULE_FOR_DISABLE":
        title = f"Meta will disable the account{f' on {day}' if day else ''}."
        alerts.raise_alert(told.channel, NEWS, state, Severity.CRITICAL, title, _SUPPORT, told.at)
    else:
        _stop(told, "DISABLED", words.restriction("DISABLED"))


def _violation(told: Told) -> None:
    kind = text(mapping(told.value.get("violation_info")).get("violation_type")) or "not told"
    title = f"Meta says that the account broke its rules: {kind.replace('_', ' ').lower()}."
    alerts.raise_alert(told.channel, VIOLATION, told.moment(kind), Severity.CRITICAL, title, _SUPPORT, told.at)


def _stop(told: Told, word: str, title: str, until: datetime | None = None) -> None:
    if changes.restrict(told.channel, word, title, told.at, until):
        stops.account_stopped(told.channel)


def _go_on(told: Told, title: str) -> None:
    if changes.lift(told.channel, title, told.at):
        told.ring_sending(stops.account_back(told.channel))


def _stops_as(word: str) -> Callable[[Told], None]:
    return lambda told: _stop(told, word, words.restriction(word))


def _goes_on_with(title: str) -> Callable[[Told], None]:
    return lambda told: _go_on(told, title)


def _notes(title: str) -> Callable[[Told], None]:
    return lambda told: alerts.note(told.channel, NEWS, told.word("event"), title, "", told.at)


def _removed(told: Told) -> None:
    """A partner left the account; when the account itself was cut off with it, somebody must look."""
    reason = text(mapping(told.value.get("disconnection_info")).get("reason"))
    said = f" Reason: {reason.replace('_', ' ').lower()}." if reason else ""
    severity = Severity.CRITICAL if reason else Severity.WARNING
    title = f"A partner no longer has access to the account.{said}"
    alerts.raise_alert(told.channel, NEWS, "PARTNER_REMOVED", severity, title, _PARTNER, told.at)


_SUPPORT = "Open Meta's Business Support Home, read what was found and ask for a review there."
_PARTNER = "If your messages went through that partner, connect the number anew in WhatsApp Manager."

EVENTS: dict[str, Callable[[Told], None]] = {
    "ACCOUNT_RESTRICTION": _restriction,
    "ACCOUNT_VIOLATION": _violation,
    "DISABLED_UPDATE": _ban,
    "ACCOUNT_BANNED": _stops_as("DISABLED"),
    "ACCOUNT_DELETED": _stops_as("DELETED"),
    "ACCOUNT_OFFBOARDED": _stops_as("OFFBOARDED"),
    "ACCOUNT_RECONNECTED": _goes_on_with("The account is connected again."),
    "ACCOUNT_REINSTATED": _goes_on_with("Meta reinstated the account."),
    "PARTNER_ADDED": _notes("A partner was given access to the account."),
    "PARTNER_REMOVED": _removed,
    "PARTNER_APP_INSTALLED": _notes("A partner's app was added to the account."),
    "PARTNER_APP_UNINSTALLED": _notes("A partner's app was taken off the account."),
    "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE": _notes("The business's verification by a partner went on."),
    "AD_ACCOUNT_LINKED": _notes("An ad account was linked."),
    "MM_LITE_TERMS_SIGNED": _notes("The terms of Meta's marketing service were accepted."),
    "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE": _notes("International prices apply to authentication messages."),
    "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE": _notes("The business's country was set."),
    "VOLUME_BASED_PRICING_TIER_UPDATE": _notes("The business reached another price tier."),
}
