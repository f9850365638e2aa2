"""Account events in plain words, each with the value Meta's webhook would bring."""

import time
from collections.abc import Callable
from typing import Any

from sandbox.announcements.announce import BadAnnouncement
from sandbox.settings import BUSINESS_ID
from sandbox.stage import Stage

DAY = 24 * 3600
Told = tuple[str, dict[str, Any]]  # a webhook field and its value
PAUSES = {"PAUSED": ("FIRST_PAUSE", "Your template has been paused for 3 hours because it had issues."),
          "DISABLED": ("DISABLED", "Your template has been disabled because it repeatedly had issues.")}  # fmt: skip


def preset(name: str, given: dict[str, str], stage: Stage) -> Told:
    """The event of that name. `given` names its `template` (id), `choice` and `days`. Raises BadAnnouncement."""
    if name not in PRESETS:
        raise BadAnnouncement(f"There is no event {name!r}; known: {', '.join(PRESETS)}.")
    return PRESETS[name](given, stage)


def _template(given: dict[str, str], stage: Stage) -> dict[str, Any]:
    template = stage.world.templates.get(given.get("template", ""))
    if template is None:
        raise BadAnnouncement("Choose a template.")
    return {
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
    }


def _template_status(given: dict[str, str], stage: Stage) -> Told:
    event = _choice(given, STATUSES)
    value = {"event": event} | _template(given, stage) | {"reason": "NONE"}
    value["message_template_category"] = stage.world.templates[given["template"]].category
    if event in PAUSES:
        value["other_info"] = dict(zip(("title", "description"), PAUSES[event], strict=True))
    if event == "DISABLED":
        value["disable_info"] = {"disable_date": int(time.time())}
    if event == "REJECTED":
        value |= {"reason": "PROMOTIONAL", "rejection_info": {
            "reason": "The template looks like a promotion that Meta does not allow.",
            "recommendation": "Say plainly what is offered and by whom."}}  # fmt: skip
    return "message_template_status_update", value


def _template_quality(given: dict[str, str], stage: Stage) -> Told:
    template = _template(given, stage)
    present = stage.world.templates[given["template"]].quality_score.get("score", "UNKNOWN")
    scores = {"previous_quality_score": present, "new_quality_score": _choice(given, SCORES)}
    return "message_template_quality_update", scores | template


def _template_category(given: dict[str, str], stage: Stage) -> Told:
    present = stage.world.templates[given["template"]].category if _template(given, stage) else ""
    new = _choice(given, CATEGORIES)
    return "template_category_update", _template(given, stage) | {"previous_category": present, "new_category": new}


def _phone_quality(given: dict[str, str], stage: Stage) -> Told:
    event = _choice(given, ("FLAGGED", "UNFLAGGED", "THROUGHPUT_UPGRADE"))
    return "phone_number_quality_update", {"display_phone_number": stage.channel.digits, "event": event}


def _limit(given: dict[str, str], stage: Stage) -> Told:
    tier = _choice(given, TIERS)
    return "business_capability_update", {
        "max_daily_conversations_per_business": tier,
        "max_phone_numbers_per_waba": 25,
    }


def _restriction(given: dict[str, str], stage: Stage) -> Told:
    days = given.get("days") or "7"
    if not (days.isdecimal() and 0 < int(days[:4]) <= 365):
        raise BadAnnouncement("Days must be a whole number between 1 and 365.")
    info = {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": int(time.time()) + int(days) * DAY}
    return "account_update", {"event": "ACCOUNT_RESTRICTION", "restriction_info": [info]}


def _lifted(given: dict[str, str], stage: Stage) -> Told:
    return "account_update", {"event": "ACCOUNT_RESTRICTION", "restriction_info": []}


def _ban(given: dict[str, str], stage: Stage) -> Told:
    state = _choice(given, ("DISABLE", "SCHEDULE_FOR_DISABLE", "REINSTATE"))
    date = time.strftime("%B %d, %Y", time.gmtime())
    return "account_update", {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": state, "waba_ban_date": date}}


def _violation(given: dict[str, str], stage: Stage) -> Told:
    return "account_update", {"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "SCAM"}}


def _review(given: dict[str, str], stage: Stage) -> Told:
    return "account_review_update", {"decision": _choice(given, ("APPROVED", "REJECTED", "PENDING", "DEFERRED"))}


def _alert(given: dict[str, str], stage: Stage) -> Told:
    info = {
        "alert_severity": _choice(given, ("CRITICAL", "WARNING", "INFORMATIONAL")),
        "alert_status": "ACTIVE",
        "alert_type": "OBA_APPROVED",
        "alert_description": "Something about your business needs a look.",
    }
    return "account_alerts", {"entity_type": "BUSINESS", "entity_id": BUSINESS_ID, "alert_info": info}


def _name(given: dict[str, str], stage: Stage) -> Told:
    value = {
        "display_phone_number": stage.channel.digits,
        "decision": _choice(given, ("APPROVED", "REJECTED")),
        "requested_verified_name": stage.channel.verified_name,
        "rejection_reason": "NONE",
    }
    if value["decision"] == "REJECTED":
        value["rejection_reason"] = "NAME_NOT_CONSISTENT_WITH_BUSINESS"
    return "phone_number_name_update", value


def _security(given: dict[str, str], stage: Stage) -> Told:
    event = _choice(given, ("PIN_CHANGED", "PIN_RESET_REQUEST", "PIN_REQUEST_SUCCESS"))
    return "security", {"display_phone_number": stage.channel.digits, "event": event, "requester": BUSINESS_ID}


def _payment_configuration(given: dict[str, str], stage: Stage) -> Told:
    now = int(time.time())
    value = {
        "configuration_name": "razorpay-prod",
        "provider_name": "razorpay",
        "provider_mid": "acc_GP4lfNA0iIMn5B",
        "status": _choice(given, ("Active", "Needs Connecting", "Needs Testing")),
        "created_timestamp": now,
        "updated_timestamp": now,
    }
    return "payment_configuration_update", value


def _choice(given: dict[str, str], known: tuple[str, ...]) -> str:
    if given.get("choice") not in known:
        raise BadAnnouncement(f"Choose one of {', '.join(known)}.")
    return given["choice"]


STATUSES = ("APPROVED", "REJECTED", "PAUSED", "REINSTATED", "FLAGGED", "DISABLED", "ARCHIVED", "PENDING_DELETION")
SCORES = ("GREEN", "YELLOW", "RED", "UNKNOWN")
CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
TIERS = ("TIER_250", "TIER_2K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED")

PRESETS: dict[str, Callable[[dict[str, str], Stage], Told]] = {
    "template_status": _template_status,
    "template_quality": _template_quality,
    "template_category": _template_category,
    "phone_quality": _phone_quality,
    "limit": _limit,
    "restriction": _restriction,
    "restriction_lifted": _lifted,
    "ban": _ban,
    "violation": _violation,
    "review": _review,
    "alert": _alert,
    "name": _name,
    "security": _security,
    "payment_configuration": _payment_configuration,
}
