"""Failures that Meta reports after it took a message: they obey the same table as those that it answers at once.

Statuses are applied by the thousand and touch messages alone; what they mean for recipients waits in late_failures,
written in the same transaction. Any number of workers may heed it, also at once: what is done is done once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import exists, select, text

from app.campaigns.models import CAMPAIGN_STATES, Campaign, CampaignStatus
from app.campaigns.service import consequences, lifecycle
from app.campaigns.service.consequences import Failure
from app.campaigns.service.policy import STOPPED_MARKETING, Trouble
from app.extensions import db
from app.messaging.engine import choices, guard, inbound
from app.messaging.engine.choices import Stop
from app.messaging.engine.persons import Identity
from app.messaging.models import LateFailure
from app.shared import clock

REOPENS_WITHIN = timedelta(days=1)  # of its end: nobody expects a campaign of last week to go on


class Late(NamedTuple):
    """A failure that waits to be heeded, and whom it was for."""

    message_id: int
    campaign_id: int
    code: int | None
    at: datetime
    wamid: str | None
    phone: str | None
    user_id: str | None


def is_waiting() -> bool:
    """Whether any failure waits to be heeded."""
    return bool(db.session.scalar(select(exists().select_from(LateFailure))))


def waiting(most: int) -> list[Late]:
    """The next failures to heed, the oldest messages first; nothing is locked."""
    return [Late(*row) for row in db.session.execute(_WAITING, {"most": most})]


def opt_out(batch: Sequence[Late]) -> None:
    """Who stopped our marketing has said no, also when nobody knew them as a customer. A transaction of its own."""
    stopped = [late for late in batch if late.code == STOPPED_MARKETING]
    if stopped:
        inbound.hold()
        choices.take_stops([Stop(_identity(late), late.wamid) for late in stopped])


def by_campaign(batch: Sequence[Late]) -> Mapping[int, list[int]]:
    """The batch's message ids by their campaign."""
    found: dict[int, list[int]] = defaultdict(list)
    for late in batch:
        found[late.campaign_id].append(late.message_id)
    return found


def heed(campaign_id: int, message_ids: Sequence[int]) -> Trouble | None:
    """Obey these failures of a campaign; why it must pause, and Meta's code for it, if it must.

    Locks the campaign, the guard, then recipients and messages. A campaign that had just been completed goes on
    where somebody is to be written to again.
    """
    campaign = lifecycle.locked(campaign_id)
    guard.hold(campaign.channel.portfolio_id)
    rows = db.session.execute(_TAKE, {"ids": list(message_ids)}).all()
    fates = consequences.judge([Failure(row.id, row.error_code) for row in rows if row.has_failed])
    if consequences.brings_back(fates):
        _reopen(campaign)
    trouble = consequences.draw(campaign_id, fates)
    db.session.execute(_DONE, {"ids": [row.id for row in rows]})
    return trouble


def _reopen(campaign: Campaign) -> None:
    is_over = campaign.status is CampaignStatus.COMPLETED
    if is_over and campaign.completed_at and campaign.completed_at > clock.now() - REOPENS_WITHIN:
        CAMPAIGN_STATES.move(campaign, CampaignStatus.SENDING)
        campaign.completed_at = None
        db.session.flush()


def _identity(late: Late) -> Identity:
    """As a status names them: digits alone."""
    return Identity((late.phone or "").removeprefix("+") or None, late.user_id, late.at)


_WAITING = text(
    """
    SELECT m.id, m.campaign_id, m.error_code, coalesce(m.failed_at, m.updated_at), m.wamid, m.phone, r.user_id
    FROM late_failures l JOIN messages m ON m.id = l.message_id
    LEFT JOIN recipients r ON r.message_id = m.id
    ORDER BY m.id LIMIT :most
    """
)
# Locked before anything is written, so that whoever applies statuses never waits for us while we wait for them.
_TAKE = text(
    """
    WITH taken AS MATERIALIZED (
        SELECT r.id FROM late_failures l JOIN recipients r ON r.message_id = l.message_id
        WHERE l.message_id = ANY(CAST(:ids AS bigint[])) ORDER BY r.id FOR NO KEY UPDATE OF r)
    SELECT m.id, m.error_code, m.rank = 20 AS has_failed FROM late_failures l JOIN messages m ON m.id = l.message_id
    WHERE l.message_id = ANY(CAST(:ids AS bigint[])) AND (SELECT count(*) FROM taken) >= 0
    ORDER BY m.id FOR NO KEY UPDATE OF m
    """
)
_DONE = text("DELETE FROM late_failures WHERE message_id = ANY(CAST(:ids AS bigint[]))")
