"""The door of sending: a worker takes a slot of a campaign, sends for its turn, and rings for who comes next."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from uuid import UUID, uuid4

import structlog

from app import config
from app.auth import workspace
from app.campaigns.jobs import endings
from app.campaigns.jobs.tick import TICK_SECONDS, TROUBLES, Stop, Tick, limit_of
from app.campaigns.models import Campaign, CampaignStatus
from app.campaigns.queries import rivals
from app.campaigns.service import dispatch, slots, turns
from app.campaigns.service.obstacles import obstacle
from app.channels.queries import transport_for
from app.extensions import db, redis_connection
from app.messaging.engine import guard
from app.messaging.engine.sender import Sender
from app.messaging.engine.throttle import Pace, Throttle
from app.shared import queues

__all__ = ["TICK_SECONDS", "Stop", "send_campaign"]

GOES_ON = frozenset({Stop.TIME, Stop.TURN, Stop.TOLD})


def send_campaign(campaign_id: int) -> None:
    """Send the campaign for a worker's turn; then ring for the next one while anything is due."""
    owner = uuid4()
    number = slots.acquire(campaign_id, owner, config.current().send_slots)
    has_room = number is not None and slots.has_free(campaign_id, config.current().send_slots)
    db.session.commit()
    if number is None:
        return
    structlog.contextvars.bind_contextvars(campaign_id=campaign_id)
    if has_room:
        queues.ring(queues.SENDS, send_campaign, campaign_id)
    try:
        stop = _tick(campaign_id, number, owner)
    finally:
        _let_go(campaign_id, number, owner)
    if stop in GOES_ON:
        queues.ring(queues.SENDS, send_campaign, campaign_id)


def _let_go(campaign_id: int, number: int, owner: UUID) -> None:
    """Release the slot; where the database is away, its lease runs out by itself."""
    with suppress(*TROUBLES):
        db.session.rollback()
        slots.release(campaign_id, number, owner)
        db.session.commit()


def _tick(campaign_id: int, number: int, owner: UUID) -> Stop:
    campaign = db.session.get(Campaign, campaign_id)
    if campaign is None or campaign.status is not CampaignStatus.SENDING:
        db.session.rollback()
        return Stop.NOT_SENDING
    if found := obstacle(campaign):
        db.session.rollback()
        endings.pause(campaign_id, found.reason, found.ends_at)
        return Stop.NOT_SENDING
    tick = _prepare(campaign, number, owner)
    db.session.commit()
    with tick.sender:
        stop = tick.run()
    return endings.conclude(tick.plan, stop, tick.has_given_back)


def _prepare(campaign: Campaign, number: int, owner: UUID) -> Tick:
    threads, here = config.current().sender_threads, workspace.current()
    plan = dispatch.plan_of(campaign, limit_of(campaign.channel_id, here.limit_reserve), here.zone)
    transport = replace(transport_for(campaign.channel), pool_size=threads)
    sender = Sender(transport, campaign.channel.phone_number_id, threads)
    throttle = Throttle(redis_connection(), _paces(campaign))
    return Tick(plan, sender, throttle, number, owner, here.limit_reserve, _turn(campaign, plan.limit))


def _turn(campaign: Campaign, limit: int | None) -> int | None:
    """How many places this tick may take where several campaigns want more than there are."""
    mine, others = rivals.shares(campaign.id)
    if not others:
        return None
    return turns.turn(guard.usage(campaign.channel.portfolio_id, limit).remaining, mine, others)


def _paces(campaign: Campaign) -> list[Pace]:
    paces = [Pace(f"channel:{campaign.channel_id}", campaign.channel.messages_per_second)]
    if campaign.rate_limit:
        paces.append(Pace(f"campaign:{campaign.id}", campaign.rate_limit / 60))
    return paces
