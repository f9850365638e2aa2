"""How the simulated account changes when Meta announces something."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sandbox.stage import Stage
from sandbox.world.message_template import Template
from sandbox.world.world import Account

POLICY, LOCKED = 368, 131031  # the codes sends are refused with: restricted, banned
LIMITS = {"TIER_50": 50, "TIER_250": 250, "TIER_2K": 2_000, "TIER_10K": 10_000, "TIER_100K": 100_000}
NOT_ON_MESSAGES = ("RESTRICTED_ADD_PHONE_NUMBER_ACTION",)
STATUS_AFTER = {"REINSTATED": "APPROVED", "UNARCHIVED": "APPROVED", "FLAGGED": "APPROVED", "LOCKED": "DISABLED"}
QUALITY_AFTER = {"FLAGGED": "RED", "UNFLAGGED": "GREEN", "DOWNGRADE": "YELLOW", "UPGRADE": "GREEN"}

Value = dict[str, Any]


def take_effect(field: str, value: Value, stage: Stage) -> None:
    """Let it be so from now on; an event that changes nothing here is passed over."""
    if field in _EFFECTS:
        _EFFECTS[field](value, stage)
        stage.store.changed()


def _template_status(value: Value, stage: Stage) -> None:
    for template in _meant(value, stage):
        template.status = STATUS_AFTER.get(str(value.get("event")), str(value.get("event") or template.status))
        if template.status == "REJECTED":
            template.rejected_reason = str(value.get("reason") or "NONE")


def _template_quality(value: Value, stage: Stage) -> None:
    for template in _meant(value, stage):
        template.quality_score = {"score": str(value["new_quality_score"]), "date": int(time.time())}


def _template_category(value: Value, stage: Stage) -> None:
    for template in _meant(value, stage):
        template.correct_category = value.get("correct_category")
        if value.get("previous_category"):
            template.previous_category = str(value["previous_category"])
            template.category = str(value["new_category"])


def _template_components(value: Value, stage: Stage) -> None:
    """Header, body and footer take the new words; what the event does not name stays."""
    words = {
        "HEADER": value.get("message_template_title"),
        "BODY": value.get("message_template_element"),
        "FOOTER": value.get("message_template_footer"),
    }
    for template in _meant(value, stage):
        changed = [one | {"text": words[one["type"]]} if words.get(one.get("type", "")) else one
                   for one in template.components]  # fmt: skip
        template.rewrite(changed)


def _meant(value: Value, stage: Stage) -> Iterator[Template]:
    key = (value.get("message_template_name"), value.get("message_template_language"))
    for template in stage.world.templates.values():
        if template.key == key or template.id == str(value.get("message_template_id")):
            yield template


def _phone_quality(value: Value, stage: Stage) -> None:
    if value.get("event") in QUALITY_AFTER:
        stage.channel.quality_rating = QUALITY_AFTER[str(value["event"])]
    if value.get("event") == "THROUGHPUT_UPGRADE":
        stage.channel.throughput_level = "HIGH"
    _limit(value, stage)


def _limit(value: Value, stage: Stage) -> None:
    """The limit comes as a tier or as a number; -1 and UNLIMITED are none."""
    limit = value.get("max_daily_conversations_per_business")
    if limit is None or limit == "NOT_SET":
        return
    tier = str(limit) if str(limit).startswith("TIER_") else f"TIER_{limit}"
    unlimited = limit in (-1, "UNLIMITED", "TIER_UNLIMITED")
    stage.tuning.messaging_limit = 0 if unlimited else LIMITS[tier] if tier in LIMITS else max(0, int(limit))


def _account(value: Value, stage: Stage) -> None:
    account, event = stage.world.account, value.get("event")
    if event == "ACCOUNT_RESTRICTION":
        _restrict(account, list(value.get("restriction_info") or []))
    elif event == "ACCOUNT_DELETED":
        account.refusal, account.refusal_until = LOCKED, None
    elif event == "DISABLED_UPDATE":
        state = (value.get("ban_info") or {}).get("waba_ban_state")
        if state in ("DISABLE", "REINSTATE"):
            account.refusal, account.refusal_until = (LOCKED if state == "DISABLE" else None), None


def _restrict(account: Account, restrictions: list[Value]) -> None:
    """Until the last of the restrictions on messages runs out; a list without such lifts them."""
    restrictions = [one for one in restrictions if one.get("restriction_type") not in NOT_ON_MESSAGES]
    ends = [_moment(one.get("expiration")) for one in restrictions]
    account.refusal = POLICY if restrictions else None
    account.refusal_until = None if None in ends else max((end for end in ends if end), default=None)


def _moment(given: Any) -> float | None:
    """Seconds since the epoch, out of such a number or an ISO 8601 time."""
    if not given:
        return None
    text = str(given)
    return float(text) if text.replace(".", "", 1).isdigit() else datetime.fromisoformat(text).timestamp()


def _review(value: Value, stage: Stage) -> None:
    stage.world.account.review_status = str(value["decision"])


def _name(value: Value, stage: Stage) -> None:
    stage.channel.name_status = str(value["decision"])
    if value["decision"] == "APPROVED" and value.get("requested_verified_name"):
        stage.channel.verified_name = str(value["requested_verified_name"])


def _preferences(value: Value, stage: Stage) -> None:
    for one in value["user_preferences"]:
        customer = stage.world.customer(str(one.get("user_id") or one.get("wa_id")))
        stage.store.change_customer(customer, stopped_marketing=one.get("value") == "stop")


_EFFECTS: dict[str, Callable[[Value, Stage], None]] = {
    "message_template_status_update": _template_status,
    "message_template_quality_update": _template_quality,
    "template_category_update": _template_category,
    "message_template_components_update": _template_components,
    "phone_number_quality_update": _phone_quality,
    "business_capability_update": _limit,
    "account_update": _account,
    "account_review_update": _review,
    "phone_number_name_update": _name,
    "user_preferences": _preferences,
}
