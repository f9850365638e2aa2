"""Meta's news of the phone numbers: quality, messaging limit, speed, display name, username, PIN."""

from __future__ import annotations

from app.channels import alerts, changes
from app.channels.models import Severity
from app.meta.foreign import integer, text
from app.meta.phone_numbers import TIER_LIMITS
from app.webhooks.account.told import Told

LIMIT = "max_daily_conversations_per_business"
LIMIT_BEFORE_2026 = "current_limit"
# Meta's events -> its rating of the number. UPGRADE and DOWNGRADE are of the limit, which stands beside them.
QUALITIES = {"FLAGGED": "RED", "UNFLAGGED": "GREEN"}
NOT_SET = ("NOT_SET", "TIER_NOT_SET")
UNLIMITED = "TIER_UNLIMITED"

USERNAME = "phone.username"
PIN = "phone.pin"
ONBOARDING = "phone.onboarding"


def quality(told: Told) -> None:
    """The number's quality, its speed, and with them the limit of the whole business."""
    _limit(told)
    event = told.word("event")
    if not is_about(told):
        return
    if event in QUALITIES:
        changes.set_quality(told.channel, QUALITIES[event], told.at)
    elif event == "THROUGHPUT_UPGRADE":
        changes.set_throughput(told.channel, changes.HIGH_THROUGHPUT, told.at)
    elif event == "ONBOARDING":
        alerts.note(told.channel, ONBOARDING, "", "Meta took the number in; it can send.", "", told.at)


def capability(told: Told) -> None:
    """How many customers the business may write to; how many numbers it may have is not ours to keep."""
    _limit(told)


def name(told: Told) -> None:
    """Meta decided on the number's display name."""
    decision = told.word("decision")
    if is_about(told):
        asked, reason = told.maybe("requested_verified_name"), told.maybe("rejection_reason")
        changes.set_name_status(told.channel, decision, asked, reason, told.at)


def username(told: Told) -> None:
    """The business's username was approved, reserved or taken away."""
    status, given = told.word("status"), told.maybe("username") or ""
    if is_about(told):
        title = f"The username {given}: {status.replace('_', ' ').lower()}.".replace("  ", " ")
        alerts.note(told.channel, USERNAME, "", title, "", told.at)


def security(told: Told) -> None:
    """Somebody changed the number's two-step PIN, or asked to."""
    event = told.word("event")
    if not is_about(told):
        return
    title = PINS.get(event, f"Security of the number: {event.replace('_', ' ').lower()}.")
    requester = f" Asked for by the user {who} of Meta's." if (who := told.maybe("requester")) else ""
    alerts.raise_alert(
        told.channel, PIN, told.moment(event), Severity.WARNING, title, f"{_NOT_YOU}{requester}", told.at
    )


PINS = {
    "PIN_CHANGED": "The number's two-step PIN was changed.",
    "PIN_RESET_REQUEST": "Somebody asked to switch off the number's two-step PIN.",
    "PIN_REQUEST_SUCCESS": "The number's two-step PIN was switched off.",
}
_NOT_YOU = "If it was none of you, look after the access to WhatsApp Manager at once."


def is_about(told: Told) -> bool:
    """Whether it is about our number: an account may have others. A number we have not read yet is taken for ours."""
    theirs, ours = told.maybe("display_phone_number"), told.channel.display_number
    return theirs is None or ours is None or _digits(theirs) == _digits(ours)


def _limit(told: Told) -> None:
    """The limit belongs to the business, whichever of its numbers it is told with."""
    tier = tier_of(told.value.get(LIMIT) or told.value.get(LIMIT_BEFORE_2026))
    if tier is not None:
        changes.set_tier(told.channel, tier, told.at)


def tier_of(said: object) -> str | None:
    """Meta's tier: told as TIER_2K, as 2K, as a number, or as -1 for none. None for what we cannot read."""
    word = (text(said) or "").upper()
    number = integer(said)
    if number == -1 or word == "UNLIMITED":
        return UNLIMITED
    if number is not None:
        return _largest_within(number)
    tier = word if word.startswith("TIER_") else f"TIER_{word}"
    return tier if tier in TIER_LIMITS and tier not in NOT_SET else None


def _largest_within(number: int) -> str | None:
    """The largest tier we know that allows no more than this."""
    fitting = [(limit, tier) for tier, limit in TIER_LIMITS.items() if limit is not None and limit <= number]
    return max(fitting)[1] if fitting else None


def _digits(number: str) -> str:
    return "".join(letter for letter in number if letter.isdigit())
