"""The tick: everything that is due, lost or has run out, found in PostgreSQL and rung for again."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from app import config
from app.auth import workspace
from app.campaigns.jobs import rings
from app.campaigns.jobs.heed import ring_for_failures
from app.campaigns.jobs.populate import populate
from app.campaigns.jobs.send import send_campaign
from app.campaigns.models import Campaign, CampaignStatus, PauseReason
from app.campaigns.queries import due as campaigns
from app.campaigns.service import heeding, lifecycle, recurrences, stops
from app.campaigns.service.audience import stalled
from app.channels import changes
from app.channels.jobs import refresh_channel, ring_for_alerts
from app.channels.limits import for_campaigns
from app.channels.queries import the_channel
from app.customers.jobs.bulk import ring_for_bulk_changes
from app.customers.jobs.erasures import ring_for_erasures
from app.customers.jobs.imports import ring_for_stalled
from app.customers.jobs.retention import ring_daily
from app.extensions import db
from app.message_templates.jobs.reading import sync_templates
from app.message_templates.queries import channels_due_for_sync
from app.messaging.engine import guard, receipts
from app.messaging.jobs import ring_for_waiting, settle_late, watch_limit
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
    """Campaigns whose time has come start; a series whose date has makes a campaign of it."""
    for campaign_id in campaigns.due_scheduled(clock.now()):
        _do_and_ring(campaign_id, _begin_due)


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
        limit = for_campaigns(campaign.channel, config.current().daily_limit, workspace.current().limit_reserve)
        if limit is not None and guard.opening(campaign.channel.portfolio_id, limit, guard.worthwhile(limit)):
            continue
        _do_and_ring(campaign.id, _reopen)
    db.session.commit()


def reopen_in_the_morning() -> None:
    """Campaigns that wait for the send window go on when it opens for the first of their customers."""
    for campaign_id in campaigns.opened(clock.now()):
        _do_and_ring(campaign_id, _reopen)


def attend_campaigns() -> None:
    for campaign_id, free_slots in campaigns.unattended(config.current().send_slots):
        for number in range(free_slots):
            key = f"send:{campaign_id}:{number}"
            queues.ring_once(queues.SENDS, key, RING_AGAIN, send_campaign, campaign_id)
    for campaign_id in campaigns.finished_candidates():
        lifecycle.complete_if_done(campaign_id)
        db.session.commit()


def attend_imports() -> None:
    for campaign_id in stalled(clock.now()):
        queues.ring_once(queues.IMPORTS, f"populate:{campaign_id}", RING_AGAIN, populate, campaign_id)
    ring_for_stalled()


def attend_webhooks() -> None:
    if has_undigested():
        queues.ring_once(queues.RECEIPTS, "digest", RING_AGAIN, digest_events)


def attend_failures() -> None:
    """Failures that Meta reported later and that no campaign has acted on yet."""
    if heeding.is_waiting():
        ring_for_failures()


def attend_messages() -> None:
    """Texts that wait to leave; and what crossed the record of its own message, so that neither saw the other."""
    ring_for_waiting()
    queues.ring_once(queues.RECEIPTS, "settle_late", MINUTELY, settle_late)


def attend_alerts() -> None:
    """Watch the messaging limit, and send alerts on to whoever wants to know."""
    if channel := the_channel():
        queues.ring_once(queues.SYNC, f"limit:{channel.id}", MINUTELY, watch_limit, channel.id)
    ring_for_alerts()


def ask_meta_hourly() -> None:
    channel = the_channel()
    if channel is not None:
        queues.ring_once(queues.SYNC, f"channel:{channel.id}", HOURLY, refresh_channel, channel.id)
    for channel_id in channels_due_for_sync(clock.now()):
        queues.ring_once(queues.SYNC, f"templates:{channel_id}", HOURLY, sync_templates, channel_id)


def attend_bulk_changes() -> None:
    """What was asked for many customers at once and is not done."""
    ring_for_bulk_changes()


def attend_privacy() -> None:
    """Whoever asked to be forgotten is; and once a day goes what has been kept for long enough."""
    ring_for_erasures()
    ring_daily()


def _do_and_ring(campaign_id: int, deed: Callable[[Campaign], Campaign | None]) -> None:
    """Do it with the locked campaign, commit, ring for what comes of it. One that cannot be done holds up no other."""
    try:
        changed = deed(lifecycle.locked(campaign_id))
        db.session.commit()
    except Exception:
        db.session.rollback()
        log.exception("tick.campaign_failed", campaign_id=campaign_id, deed=deed.__name__)
    else:
        if changed is not None:
            rings.ring_for(changed)


def _begin_due(campaign: Campaign) -> Campaign | None:
    if campaign.recurrence is not None:
        return recurrences.occur(campaign)
    if campaign.status is CampaignStatus.SCHEDULED:
        lifecycle.begin_scheduled(campaign)
    return campaign


def _reopen(campaign: Campaign) -> Campaign:
    if campaign.pause_reason in (PauseReason.MESSAGING_LIMIT, PauseReason.SEND_WINDOW):
        stops.resume_or_hold(campaign)
    return campaign


STEPS: tuple[Callable[[], None], ...] = (
    begin_due_campaigns,
    heed_meta,
    settle_expired_leases,
    reopen_at_the_limit,
    reopen_in_the_morning,
    attend_campaigns,
    attend_imports,
    attend_webhooks,
    attend_failures,
    attend_messages,
    attend_alerts,
    ask_meta_hourly,
    attend_bulk_changes,
    attend_privacy,
)
