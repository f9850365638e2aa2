"""A campaign's send window: the hours of its customers' own days, and the words for them."""

from __future__ import annotations

from collections.abc import Iterable

from app.campaigns.models import EVERY_DAY, WINDOW_CLOSES, WINDOW_OPENS, Campaign
from app.campaigns.recurrence import joined
from app.shared.hours import Hours

USUAL = Hours(WINDOW_OPENS, WINDOW_CLOSES, frozenset(EVERY_DAY))
DAYS = {1: "Mon", 2: "Tue", 3: "Wed", 4: "Thu", 5: "Fri", 6: "Sat", 7: "Sun"}


def hours_of(campaign: Campaign) -> Hours | None:
    """The hours in which it may write to a customer; None: at any time."""
    if campaign.window_opens is None or campaign.window_closes is None:
        return None
    return Hours(campaign.window_opens, campaign.window_closes, frozenset(campaign.weekdays))


def sentence(campaign: Campaign) -> str:
    """The window in words: "Between 09:00 and 21:00 on Mon and Tue, in each customer's own time zone"."""
    hours = hours_of(campaign)
    if hours is None:
        return "At any time of day"
    times = f"Between {hours.opens:%H:%M} and {hours.closes:%H:%M}"
    return f"{times}{_on(hours.weekdays)}, in each customer’s own time zone"


def _on(weekdays: Iterable[int]) -> str:
    days = sorted(weekdays)
    return "" if len(days) == len(EVERY_DAY) else f" on {joined([DAYS[day] for day in days])}"
