"""What a batch of outcomes means for the campaign: places given back, recipients tried again, trouble for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.campaigns.models import PauseReason
from app.campaigns.service import dispatch
from app.messaging.engine import guard, receipts
from app.messaging.engine.sender import Outcome, Verdict
from app.meta.errors import ErrorClass

# Seconds before the first try after such an answer; doubled with each further one.
WAITS = {ErrorClass.THROTTLED: 6, ErrorClass.TRANSIENT: 15}
# These concern every recipient: the campaign stops, and whoever met them first is not to lose by it.
PAUSES = {
    ErrorClass.TEMPLATE: PauseReason.TEMPLATE_PAUSED,
    ErrorClass.ACCOUNT: PauseReason.ACCOUNT_BLOCKED,
    ErrorClass.AUTH: PauseReason.ACCOUNT_BLOCKED,
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place under the messaging limit: whose, and since when."""

    contact: str
    taken_at: datetime


def settle(plan: dispatch.Plan, outcomes: Sequence[Outcome], places: dict[int, Place]) -> PauseReason | None:
    """Store a batch of outcomes; returns why the campaign must pause, if it must. Empties `places` of them."""
    _give_places_back(plan, outcomes, places)
    receipts.record_outcomes(outcomes)
    again = {outcome.message_id: wait for outcome in outcomes if (wait := _wait(outcome)) is not None}
    dispatch.requeue(list(again), list(again.values()))
    for outcome in outcomes:
        if outcome.verdict is Verdict.REFUSED and outcome.error_class in PAUSES:
            return PAUSES[outcome.error_class]
    return None


def _wait(outcome: Outcome) -> int | None:
    """Seconds until the recipient may be tried again; None when this attempt is the last word.

    Only what certainly did not arrive: an unknown outcome is never resent by itself.
    """
    if outcome.verdict not in (Verdict.REFUSED, Verdict.NOT_SENT) or outcome.error_class is None:
        return None
    if outcome.error_class in PAUSES:
        return 0
    return WAITS.get(outcome.error_class)


def _give_places_back(plan: dispatch.Plan, outcomes: Sequence[Outcome], places: dict[int, Place]) -> None:
    """Whoever certainly got nothing does not count. First in the transaction: the guard is locked before rows."""
    unused: dict[datetime, list[str]] = defaultdict(list)
    for outcome in outcomes:
        place = places.pop(outcome.message_id, None)
        if place and outcome.verdict in (Verdict.REFUSED, Verdict.NOT_SENT):
            unused[place.taken_at].append(place.contact)
    for taken_at, contacts in unused.items():
        guard.give_back(plan.portfolio_id, contacts, taken_at, plan.zone)
