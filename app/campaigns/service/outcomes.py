"""What a batch of outcomes means for the campaign: places given back, recipients tried again, trouble for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.campaigns.models import PauseReason
from app.campaigns.service import dispatch, retries
from app.campaigns.service.retries import Retry
from app.messaging.engine import guard, receipts
from app.messaging.engine.sender import Outcome, Verdict
from app.meta.errors import ErrorClass

# Before the first try after such an answer; doubled with each further one.
THROTTLED_SECONDS = 6
TRANSIENT_SECONDS = 15
# These concern every recipient: the campaign stops, and whoever met them first is not to lose by it.
PAUSES = {
    ErrorClass.TEMPLATE: PauseReason.TEMPLATE_PAUSED,
    ErrorClass.ACCOUNT: PauseReason.ACCOUNT_BLOCKED,
    ErrorClass.AUTH: PauseReason.ACCOUNT_BLOCKED,
}

Trouble = tuple[PauseReason, int | None]


@dataclass(frozen=True, slots=True)
class Place:
    """A place under the messaging limit: whose, and since when."""

    contact: str
    taken_at: datetime


def settle(plan: dispatch.Plan, outcomes: Sequence[Outcome], places: Mapping[int, Place]) -> Trouble | None:
    """Store a batch of outcomes; answers why the campaign must pause and Meta's code for it, if it must.

    Can be repeated after a rollback.
    """
    if any(outcome.has_failed for outcome in outcomes):
        guard.hold(plan.portfolio_id)
    _give_places_back(plan, outcomes, places)
    receipts.record_outcomes(outcomes)
    retries.requeue([retry for outcome in outcomes if (retry := _retry(outcome))])
    return next(((PAUSES[kind], outcome.code) for outcome in outcomes if (kind := _trouble_for_all(outcome))), None)


def _retry(outcome: Outcome) -> Retry | None:
    """When and how often the recipient is tried again; None when this attempt is the last word.

    Only what certainly did not arrive: an unknown outcome is never resent by itself.
    """
    if not outcome.has_failed:
        return None
    if _trouble_for_all(outcome):
        return Retry(outcome.message_id, 0, is_bounded=False)
    if outcome.verdict is Verdict.NOT_SENT or outcome.error_class is ErrorClass.THROTTLED:
        return Retry(outcome.message_id, THROTTLED_SECONDS, is_bounded=False)
    if outcome.error_class is ErrorClass.TRANSIENT:
        return Retry(outcome.message_id, TRANSIENT_SECONDS, is_bounded=True)
    return None


def _trouble_for_all(outcome: Outcome) -> ErrorClass | None:
    is_refusal = outcome.verdict is Verdict.REFUSED and outcome.error_class in PAUSES
    return outcome.error_class if is_refusal else None


def _give_places_back(plan: dispatch.Plan, outcomes: Sequence[Outcome], places: Mapping[int, Place]) -> None:
    """Whoever certainly got nothing does not count. First in the transaction: the guard is locked before rows."""
    unused: dict[datetime, list[str]] = defaultdict(list)
    for outcome in outcomes:
        place = places.get(outcome.message_id)
        if place and outcome.has_failed:
            unused[place.taken_at].append(place.contact)
    for taken_at, contacts in unused.items():
        guard.give_back(plan.portfolio_id, contacts, taken_at, plan.zone)
