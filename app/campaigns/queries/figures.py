"""Reads of progress: what the trigger-kept counter rows say, each in one statement and so in one snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, literal, select

from app.campaigns import words
from app.campaigns.models import Campaign, CampaignProgress, CampaignStatus, PauseReason
from app.extensions import db
from app.messaging.models import Direction, Message, MessageState, Rank
from app.shared import clock

UNDER_WAY = (CampaignStatus.POPULATING, CampaignStatus.SENDING, CampaignStatus.PAUSED)


@dataclass(frozen=True, slots=True)
class Figures:
    """A campaign's figures together with the status they belong to.

    `accepted` is everything Meta took (also what failed afterwards); `delivered` includes the read.
    """

    status: CampaignStatus
    pause_reason: PauseReason | None
    total: int = 0
    pending: int = 0
    waiting: int = 0  # of the pending: for what heals by itself
    skipped: int = 0
    sending: int = 0
    unconfirmed: int = 0
    accepted: int = 0
    failed: int = 0
    delivered: int = 0
    read: int = 0
    responded: int = 0
    clicked: int = 0
    opted_out: int = 0

    @property
    def sent_count(self) -> int:
        """Everything Meta accepted."""
        return self.accepted

    @property
    def settled(self) -> int:
        """Recipients about whom nothing is left to do: neither pending nor on their way."""
        return self.total - self.pending - self.sending

    @property
    def progress(self) -> int:
        """Whole percent of the recipients that are settled; 100 only when all are."""
        return 100 * self.settled // self.total if self.total else 0

    @property
    def paused_for(self) -> str:
        """Why it is paused, in a few words; empty when it is not."""
        return words.PAUSED[self.pause_reason] if self.pause_reason else ""

    @property
    def is_live(self) -> bool:
        """Whether these figures may change by themselves soon: it runs, or waits for a reason that passes."""
        if self.status is CampaignStatus.PAUSED:
            return self.pause_reason is not PauseReason.BY_HAND or self.sending > 0
        return self.status in (CampaignStatus.POPULATING, CampaignStatus.SENDING)


COUNTS = tuple(field.name for field in fields(Figures))[2:]


@dataclass(frozen=True, slots=True)
class Today:
    """What became of the messages written since midnight."""

    sent: int
    delivered: int
    read: int
    failed: int


@dataclass(frozen=True, slots=True)
class Running:
    """A campaign that is under way, with its figures."""

    campaign: Campaign
    figures: Figures


def of(campaign_id: int) -> Figures:
    """The campaign's figures now, in O(1)."""
    return of_many([campaign_id])[campaign_id]


def of_many(campaign_ids: Iterable[int]) -> dict[int, Figures]:
    """The figures of each of these campaigns, all from one snapshot."""
    rows = db.session.execute(_figures().where(Campaign.id.in_(list(campaign_ids))))
    return {row[0]: Figures(*row[1:]) for row in rows}


def running() -> list[Running]:
    """The campaigns that are under way, the latest first."""
    campaigns = db.session.scalars(
        select(Campaign).where(Campaign.status.in_(UNDER_WAY)).order_by(Campaign.started_at.desc(), Campaign.id.desc())
    ).all()
    figures = of_many(campaign.id for campaign in campaigns)
    return [Running(campaign, figures[campaign.id]) for campaign in campaigns]


def today(zone: ZoneInfo) -> Today:
    """What became of the outgoing messages written since midnight in `zone`."""
    midnight = datetime.combine(clock.now().astimezone(zone).date(), time(), zone)
    query = select(
        _how_many(Message.state == MessageState.ACCEPTED),
        _how_many(Message.rank >= Rank.DELIVERED),
        _how_many(Message.rank >= Rank.READ),
        _how_many(Message.rank == Rank.FAILED),
    ).where(Message.created_at >= midnight, Message.direction == Direction.OUT, ~Message.is_superseded)
    return Today(*db.session.execute(query).one())


def sent_last_minute(campaign: Campaign) -> int:
    """Messages of the campaign that Meta accepted within the last minute.

    Looks at no more of them than the channel can send in that time, from the newest back: a page that polls
    must not walk through all messages of a large campaign.
    """
    latest = (
        select(Message.sent_at)
        .where(Message.campaign_id == campaign.id)
        .order_by(Message.id.desc())
        .limit(campaign.channel.messages_per_second * 60 + 100)
        .subquery()
    )
    minute_ago = func.statement_timestamp() - func.make_interval(0, 0, 0, 0, 0, 1)
    return db.session.scalar(select(func.count()).where(latest.c.sent_at > minute_ago)) or 0


def _figures() -> Select[*tuple[Any, ...]]:
    sums: list[Any] = [func.coalesce(func.sum(getattr(CampaignProgress, name)), literal(0)) for name in COUNTS]
    return (
        select(Campaign.id, Campaign.status, Campaign.pause_reason, *sums)
        .outerjoin(CampaignProgress, CampaignProgress.campaign_id == Campaign.id)
        .group_by(Campaign.id)
    )


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)
