"""The messaging limit as people look at it: how full, who used it, when places come back, what each day cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, literal_column, or_, select, text

from app import config
from app.auth import workspace
from app.campaigns.models import Campaign
from app.channels import limits
from app.channels.models import Channel
from app.channels.queries import the_channel
from app.customers.models import Customer
from app.extensions import db
from app.messaging.engine import guard
from app.messaging.models import DailyCounter, LimitContact
from app.shared import clock

DAYS = 7


@dataclass(frozen=True, slots=True)
class Meter:
    """The limit now. Numbers are customers; None in `limit`, `for_campaigns` and what is left of them: no limit."""

    used: int
    limit: int | None
    for_campaigns: int | None
    why: str
    opens_at: datetime | None  # when the next place is free; None: one is now
    opens_for_campaigns_at: datetime | None

    @property
    def remaining(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used)

    @property
    def remaining_for_campaigns(self) -> int | None:
        return None if self.for_campaigns is None else max(0, self.for_campaigns - self.used)

    @property
    def kept(self) -> int:
        """Places that campaigns leave to replies and order notices."""
        return 0 if self.limit is None or self.for_campaigns is None else self.limit - self.for_campaigns

    @property
    def percent(self) -> int:
        return 100 * self.used // self.limit if self.limit else 0


@dataclass(frozen=True, slots=True)
class Opening:
    """So many places come back in the hour that ends at `at`; `together` counts from now on."""

    at: datetime
    places: int
    together: int


@dataclass(frozen=True, slots=True)
class Use:
    """Places that a campaign took, or single messages (`campaign_id` None). A deleted campaign is only its id."""

    campaign_id: int | None
    campaign: Campaign | None
    places: int

    @property
    def name(self) -> str:
        if self.campaign_id is None:
            return "Single messages"
        return self.campaign.name if self.campaign else "A deleted campaign"


@dataclass(frozen=True, slots=True)
class Day:
    """What a calendar day of the workspace's zone cost, and the limit as it was then."""

    day: date
    count: int
    limit: int | None


def meter(channel: Channel) -> Meter:
    """How full the limit is."""
    daily_limit, portfolio = config.current().daily_limit, channel.portfolio_id
    limit = limits.messaging_limit(channel, daily_limit)
    for_campaigns = limits.for_campaigns(channel, daily_limit, workspace.current().limit_reserve)
    used = guard.usage(portfolio, limit.value).used
    opening, later = _opening(portfolio, limit.value, used), _opening(portfolio, for_campaigns, used)
    return Meter(used, limit.value, for_campaigns, limit.why, opening, later)


def percent_used() -> int:
    """How full the limit was at the last count, in O(1): for every page."""
    channel = the_channel()
    limit = limits.messaging_limit(channel, config.current().daily_limit).value if channel else None
    return 100 * guard.last_count(channel.portfolio_id) // limit if channel and limit else 0


def openings(portfolio_id: str) -> list[Opening]:
    """When the places that are taken come back, by the hour of the workspace's zone."""
    found: list[Opening] = []
    for row in db.session.execute(_OPENINGS, {"portfolio": portfolio_id, "zone": workspace.current().zone}):
        found.append(Opening(row.at, row.places, row.places + (found[-1].together if found else 0)))
    return found


def users(portfolio_id: str) -> list[Use]:
    """Who took the places that are taken, most first."""
    rows = db.session.execute(_USERS, {"portfolio": portfolio_id}).all()
    ids = [row.taken_by for row in rows if row.taken_by]
    campaigns = {it.id: it for it in db.session.scalars(select(Campaign).where(Campaign.id.in_(ids)))}
    return [Use(row.taken_by, campaigns.get(row.taken_by), row.places) for row in rows]


def people(portfolio_id: str, taken_by: int | None) -> Select[LimitContact, datetime]:
    """The places of the window that this campaign took (None: single messages), each with when it comes back."""
    window: ColumnElement[timedelta] = literal_column(guard.WINDOW)
    mine = LimitContact.taken_by.is_(None) if taken_by is None else LimitContact.taken_by == taken_by
    return (
        select(LimitContact, (LimitContact.granted_at + window).label("opens_at"))
        .where(LimitContact.portfolio_id == portfolio_id, mine)
        .where(LimitContact.granted_at > func.statement_timestamp() - window)
        .order_by(LimitContact.granted_at.desc(), LimitContact.contact)
    )


def known(contacts: Sequence[str]) -> dict[str, Customer]:
    """The customers behind these numbers and WhatsApp ids, as far as we know them."""
    query = select(Customer).where(or_(Customer.phone.in_(contacts), Customer.user_id.in_(contacts)))
    found = db.session.scalars(query).all()
    return {key: customer for customer in found for key in (customer.user_id, customer.phone) if key}


def days(portfolio_id: str) -> list[Day]:
    """The last days, today first; a day without a message cost nothing."""
    today = clock.now().astimezone(workspace.zone()).date()
    first = today - timedelta(days=DAYS - 1)
    query = select(DailyCounter).where(DailyCounter.portfolio_id == portfolio_id, DailyCounter.day >= first)
    kept = {row.day: row for row in db.session.scalars(query)}
    wanted = (today - timedelta(days=back) for back in range(DAYS))
    return [Day(day, kept[day].count, kept[day].limit) if day in kept else Day(day, 0, None) for day in wanted]


def _opening(portfolio_id: str, limit: int | None, used: int) -> datetime | None:
    return None if limit is None or used < limit else guard.opening(portfolio_id, limit, 1)


_TAKEN = f"portfolio_id = :portfolio AND granted_at > statement_timestamp() - {guard.WINDOW}"
_OPENINGS = text(
    f"""SELECT date_trunc('hour', granted_at + {guard.WINDOW}, :zone) + interval '1 hour' AS at, count(*) AS places
        FROM limit_contacts WHERE {_TAKEN} GROUP BY 1 ORDER BY 1"""
)
_USERS = text(f"SELECT taken_by, count(*) AS places FROM limit_contacts WHERE {_TAKEN} GROUP BY 1 ORDER BY 2 DESC, 1")
