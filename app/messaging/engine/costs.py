"""What a message costs, by the price class that Meta reports and the rates that people keep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from app.auth import workspace
from app.messaging import pricing
from app.meta.payloads import StatusEvent

FREE = "free_"
REGULAR = "regular"
# Meta's names for a price class that is another's.
CATEGORIES = {"marketing_lite": "marketing"}


def cost_of(events: Sequence[StatusEvent]) -> list[Decimal | None]:
    """What each event's message costs in the workspace's currency when it is delivered; None where nobody can say."""
    wanted = {(_category(event), event.at.date()) for event in events if event.pricing_type == REGULAR}
    currency = workspace.current().currency if wanted else ""
    rates = {(category, on): pricing.rates_on(on, category, currency) for category, on in wanted}
    return [_cost(event, rates) for event in events]


def _cost(event: StatusEvent, rates: dict[tuple[str, date], dict[str, Decimal]]) -> Decimal | None:
    if event.pricing_type is None:
        return None
    if event.pricing_type.startswith(FREE):
        return Decimal(0)
    of_market = rates.get((_category(event), event.at.date())) if event.pricing_type == REGULAR else None
    if not of_market:
        return None
    return of_market.get(_market(event), of_market.get(pricing.EVERYWHERE))


def _category(event: StatusEvent) -> str:
    name = (event.pricing_category or "").lower()
    return CATEGORIES.get(name, name)


def _market(event: StatusEvent) -> str:
    """By the number; of somebody whose number is hidden, by the country their user id begins with."""
    if event.recipient_id:
        return _market_of(event.recipient_id[:4])
    return (event.recipient_user_id or "").partition(".")[0]


@lru_cache(maxsize=10_000)
def _market_of(prefix: str) -> str:
    return pricing.market_of(prefix)
