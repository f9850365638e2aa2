"""A series and its campaigns, for the pages of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from app.campaigns import recurrence
from app.campaigns.models import Campaign, CampaignStatus
from app.campaigns.queries import figures
from app.campaigns.queries.figures import Figures
from app.campaigns.recurrence import Rule
from app.extensions import db
from app.shared import clock

LATEST = 20
NEXT = 5
_GOES_ON = (CampaignStatus.DRAFT, CampaignStatus.READY, CampaignStatus.SCHEDULED, CampaignStatus.PAUSED)


@dataclass(frozen=True, slots=True)
class Series:
    """How a campaign repeats: the rule in words, its next dates, its latest campaigns with their figures, how many."""

    sentence: str
    dates: Sequence[datetime]
    children: Sequence[tuple[Campaign, Figures]]
    total: int


def of(campaign: Campaign, zone: ZoneInfo) -> Series | None:
    """The series this campaign is; None for one that is sent once."""
    if campaign.recurrence is None:
        return None
    rule = Rule.from_json(campaign.recurrence)
    goes_on = campaign.status in _GOES_ON
    dates = list(islice(recurrence.upcoming(rule, zone, clock.now()), NEXT)) if goes_on else []
    total = db.session.scalar(select(func.count()).where(Campaign.parent_id == campaign.id)) or 0
    return Series(recurrence.sentence(rule), dates, _latest(campaign), total)


def _latest(series: Campaign) -> list[tuple[Campaign, Figures]]:
    made = select(Campaign).where(Campaign.parent_id == series.id).order_by(Campaign.occurrence_at.desc())
    children = list(db.session.scalars(made.limit(LATEST)))
    now = figures.of_many(child.id for child in children)
    return [(child, now[child.id]) for child in children]
