"""What a batch of outcomes means for the campaign: places given back, recipients tried again, trouble for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.campaigns.service import consequences, dispatch
from app.campaigns.service.consequences import Failure
from app.campaigns.service.policy import Trouble
from app.messaging.engine import guard, receipts
from app.messaging.engine.sender import Outcome

__all__ = ["Place", "Trouble", "settle"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place under the messaging limit: whose, and since when."""

    contact: str
    taken_at: datetime


def settle(plan: dispatch.Plan, outcomes: Sequence[Outcome], places: Mapping[int, Place]) -> Trouble | None:
    """Store a batch of outcomes; answers why the campaign must pause and Meta's code for it, if it must.

    Can be repeated after a rollback.
    """
    failed = [outcome for outcome in outcomes if outcome.has_failed]
    if failed:
        guard.hold(plan.portfolio_id)
    _give_places_back(plan, failed, places)
    receipts.record_outcomes(outcomes)
    if not failed:
        return None
    fates = consequences.judge([Failure(outcome.message_id, outcome.code, outcome.verdict) for outcome in failed])
    return consequences.draw(plan.campaign_id, fates)


def _give_places_back(plan: dispatch.Plan, failed: Sequence[Outcome], places: Mapping[int, Place]) -> None:
    """Whoever certainly got nothing does not count. First in the transaction: the guard is locked before rows."""
    unused: dict[datetime, list[str]] = defaultdict(list)
    for outcome in failed:
        if place := places.get(outcome.message_id):
            unused[place.taken_at].append(place.contact)
    for taken_at, contacts in unused.items():
        guard.give_back(plan.portfolio_id, contacts, taken_at, plan.zone)
