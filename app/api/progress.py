"""Calls that start, pause, resume and cancel a campaign, and that tell how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from app import config
from app.api.access import caller
from app.api.calls import call
from app.api.schemas.campaigns import FailureOut, Moved, Rates, ReasonOut, StatsOut, StatusOut
from app.api.whereabouts import campaign_of, locked_campaign
from app.auth import audit
from app.campaigns.jobs import rings
from app.campaigns.models import Campaign, CampaignStatus, TargetType
from app.campaigns.queries import figures, outlook, people
from app.campaigns.queries.figures import Figures
from app.campaigns.service import lifecycle, telling
from app.channels.limits import messaging_limit
from app.extensions import db
from app.messaging.engine import guard
from app.shared.errors import Invalid

TAG = "Sending"
CAMPAIGN = "/campaigns/<uuid:campaign_id>"
UNDER_WAY = (CampaignStatus.SCHEDULED, CampaignStatus.SENDING)


@call("POST", f"{CAMPAIGN}/start", "campaigns.send", tag=TAG, answer=Moved, refusals=(409,))
def start_campaign(campaign_id: UUID) -> Any:
    """Start sending: at once, or at its time when that lies ahead.

    A draft to customers gets its recipients first (`populating`) and starts by itself when they are there.
    """
    return _move(campaign_id, "start", _launch)


@call("POST", f"{CAMPAIGN}/send", "campaigns.send", tag=TAG, answer=Moved, refusals=(409,))
def send_campaign(campaign_id: UUID) -> Any:
    """Start sending; the same as `/start`."""
    return start_campaign(campaign_id)


@call("POST", f"{CAMPAIGN}/pause", "campaigns.send", tag=TAG, answer=Moved, refusals=(409,))
def pause_campaign(campaign_id: UUID) -> Any:
    """Send nothing more until it is resumed. What is on its way still lands."""
    return _move(campaign_id, "pause", lifecycle.pause)


@call("POST", f"{CAMPAIGN}/resume", "campaigns.send", tag=TAG, answer=Moved, refusals=(409,))
def resume_campaign(campaign_id: UUID) -> Any:
    """Go on where it stood."""
    return _move(campaign_id, "resume", lifecycle.resume)


@call("POST", f"{CAMPAIGN}/cancel", "campaigns.send", tag=TAG, answer=Moved, refusals=(409,))
def cancel_campaign(campaign_id: UUID) -> Any:
    """Stop for good. Whoever was not written to yet is skipped."""
    return _move(campaign_id, "cancel", lifecycle.cancel)


@call("GET", f"{CAMPAIGN}/status", "campaigns.view", tag=TAG, answer=StatusOut)
def campaign_status(campaign_id: UUID) -> Any:
    """How far a campaign is."""
    campaign = campaign_of(campaign_id)
    return _status(campaign, figures.of(campaign.id))


@call("GET", f"{CAMPAIGN}/stats", "campaigns.view", tag=TAG, answer=StatsOut)
def campaign_stats(campaign_id: UUID) -> Any:
    """What became of a campaign: figures, rates, and why messages failed or recipients were skipped."""
    campaign = campaign_of(campaign_id)
    now = figures.of(campaign.id)
    return StatsOut(
        id=campaign.public_id,
        figures=_status(campaign, now),
        rates=Rates(
            delivered=_part(now.delivered, now.accepted),
            read=_part(now.read, now.delivered),
            responded=_part(now.responded, now.total),
            failed=_part(now.failed, now.total),
            skipped=_part(now.skipped, now.total),
        ),
        failures=[_failure(group) for group in people.failure_groups(campaign)],
        skips=_reasons(people.skip_groups(campaign)),
    )


def _launch(campaign: Campaign) -> None:
    """A worker would find that nobody was picked; the caller learns it at once."""
    is_draft = campaign.status is CampaignStatus.DRAFT and campaign.target_type is TargetType.MANUAL
    if is_draft and not campaign.segment_query.get("customer_ids"):
        raise Invalid("Pick customers in segment_query, or add recipients, first.", "segment_query")
    lifecycle.launch(campaign)


def _move(campaign_id: UUID, deed: str, verb: Callable[[Campaign], None]) -> Moved:
    campaign = locked_campaign(campaign_id)
    verb(campaign)
    audit.record(f"campaign.{deed}", campaign, by=caller())
    db.session.commit()
    rings.ring_for(campaign)
    return Moved(id=campaign.public_id, status=campaign.status, estimated_completion=completion(campaign))


def completion(campaign: Campaign) -> datetime | None:
    """When it will be through, as far as anybody can know; of one that is, when it was."""
    if campaign.status not in UNDER_WAY or campaign.recurrence is not None:
        return campaign.completed_at
    starts_at = campaign.scheduled_for if campaign.status is CampaignStatus.SCHEDULED else None
    return outlook.forecast_of(campaign, figures.of(campaign.id).pending, starts_at).finishes_at


def _status(campaign: Campaign, now: Figures) -> StatusOut:
    limit = messaging_limit(campaign.channel, config.current().daily_limit).value
    return StatusOut(
        id=campaign.public_id,
        name=campaign.name,
        status=now.status,
        pause_reason=now.pause_reason,
        total_recipients=now.total,
        pending_count=now.pending,
        skipped_count=now.skipped,
        sent_count=now.accepted,
        delivered_count=now.delivered,
        read_count=now.read,
        failed_count=now.failed,
        unconfirmed_count=now.unconfirmed,
        responded_count=now.responded,
        progress=_part(now.settled, now.total),
        daily_limit=limit,
        daily_limit_remaining=guard.usage(campaign.channel.portfolio_id, limit).remaining,
    )


def _part(some: int, of_all: int) -> float:
    # Rounded down: 1 only when it is all.
    return min(10_000, 10_000 * some // of_all) / 10_000 if of_all else 0.0


def _failure(group: people.Group) -> FailureOut:
    words = telling.told(None if group.key == "none" else int(group.key))
    return FailureOut(
        reason=group.key,
        message=group.sentence,
        hint=group.hint,
        count=group.count,
        done=words.done,
        can_be_tried_again=words.can_be_tried_again,
    )


def _reasons(groups: Iterable[people.Group]) -> list[ReasonOut]:
    return [ReasonOut(reason=group.key, message=group.sentence, hint=group.hint, count=group.count) for group in groups]
