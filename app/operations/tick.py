"""The tick: everything that is due, lost or has run out, found in PostgreSQL and rung for again."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from app import config
from app.campaigns.jobs.populate import populate
from app.campaigns.jobs.send import send_campaign
from app.campaigns.models import CampaignStatus, PauseReason
from app.campaigns.queries import due as campaigns
from app.campaigns.service import lifecycle, stops
from app.campaigns.service.audience import stalled
from app.channels import changes
from app.channels.jobs import refresh_channel
from app.channels.limits import messaging_limit
from app.channels.queries import the_channel
from app.extensions import db
from app.message_templates.jobs.reading import sync_templates
from app.message_templates.queries import channels_due_for_sync
from app.messaging.engine import guard, receipts
from app.messaging.jobs import ring_for_waiting, settle_late
from app.shared import clock, queues
from app.webhooks.jobs import digest_events
from app.webhooks.queries import has_undigested

RING_AGAIN = 10  # seconds during which a second ring for the same thing is not worth a place in the queue
MINUTELY = 60
HOURLY = 3600

log = structlog.get_logger()


def tick() -> None:
    """Do or ring for all that is due. Each step stands alone: one that fails is logged and holds up no other."""
    for step in STEPS:
        try:
            step()
        except Exception:
            db.session.rollback()
            log.exception("tick.step_failed", step=step.__name__)


def begin_due_campaigns() -> None:
    for campaign_id in campaigns.due_scheduled(clock.now()):
        campaign = lifecycle.locked(campaign_id)
        if campaign.status is CampaignStatus.SCHEDULED:
            lifecycle.begin_scheduled(campaign)
        db.session.commit()
        queues.ring(queues.SENDS, send_campaign, campaign_id)


def heed_meta() -> None:
    """Restrictions that ran out; campaigns that Meta forbids, and those whose reason to stand still is gone."""
    changes.lift_expired(clock.now())
    stops.stop_hindered()
    resumed = stops.resume_cleared()
    db.session.commit()
    for campaign_id in resumed:
        queues.ring(queues.SENDS, send_campaign, campaign_id)


def settle_expired_leases() -> None:
    released = receipts.release_expired_leases()
    db.session.commit()
    if released:
        log.warning("messages.unconfirmed", count=released)


def reopen_at_the_limit() -> None:
    """Campaigns that wait for the messaging limit go on as soon as a worthwhile number of places is free."""
    for campaign in campaigns.paused_for(PauseReason.MESSAGING_LIMIT):
        limit = messaging_limit(campaign.channel, config.current().daily_limit).value
        if limit is not None and guard.opening(campaign.channel.portfolio_id, limit, guard.worthwhile(limit)):
            continue
        campaign = lifecycle.locked(campaign.id)
        if campaign.pause_reason is PauseReason.MESSAGING_LIMIT:
            stops.resume_or_hold(campaign)
        db.session.commit()
        queues.ring(queues.SENDS, send_campaign, campaign.id)
    db.session.commit()


def attend_campaigns() -> None:
    for campaign_id in campaigns.unattended():
        queues.ring_once(queues.SENDS, f"send:{campaign_id}", RING_AGAIN, send_campaign, campaign_id)
    for campaign_id in campaigns.finished_candidates():
        lifecycle.complete_if_done(campaign_id)
        db.session.commit()


def attend_imports() -> None:
    for campaign_id in stalled(clock.now()):
        queues.ring_once(queues.IMPORTS, f"populate:{campaign_id}", RING_AGAIN, populate, campaign_id)


def attend_webhooks() -> None:
    if has_undigested():
        queues.ring_once(queues.RECEIPTS, "digest", RING_AGAIN, digest_events)


def attend_messages() -> None:
    """Texts that wait to leave; and what crossed the record of its own message, so that neither saw the other."""
    ring_for_waiting()
    queues.ring_once(queues.RECEIPTS, "settle_late", MINUTELY, settle_late)


def ask_meta_hourly() -> None:
    channel = the_channel()
    if channel is not None:
        queues.ring_once(queues.SYNC, f"channel:{channel.id}", HOURLY, refresh_channel, channel.id)
    for channel_id in channels_due_for_sync(clock.now()):
        queues.ring_once(queues.SYNC, f"templates:{channel_id}", HOURLY, sync_templates, channel_id)


STEPS: tuple[Callable[[], None], ...] = (
    begin_due_campaigns,
    heed_meta,
    settle_expired_leases,
    reopen_at_the_limit,
    attend_campaigns,
    attend_imports,
    attend_webhooks,
    attend_messages,
    ask_meta_hourly,
)
