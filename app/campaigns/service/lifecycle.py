"""A campaign's life: launch, pause, resume, cancel, finish. Each verb locks the row first, so that pressed twice,
from two tabs or at once it has one effect; the second press gets a sentence."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, text

from app.campaigns import fitness, variables
from app.campaigns.models import CAMPAIGN_STATES, Campaign, CampaignStatus, PauseReason, TargetType
from app.campaigns.service import drafts, freezing, missed, recurrences
from app.campaigns.service.obstacles import not_sendable, obstacle
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.messaging.engine import guard
from app.meta.components import compile_template
from app.shared import clock
from app.shared.errors import Invalid, Refused


def locked(campaign_id: int) -> Campaign:
    """The campaign, locked until the commit, as it is now and not as it was read before.

    Not against references to its key: a claim's foreign keys would wait for us, and we for its recipients.
    """
    query = select(Campaign).where(Campaign.id == campaign_id).with_for_update(of=Campaign, key_share=True)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def launch(campaign: Campaign) -> None:
    """Start sending: now, at its time when that lies ahead, or as soon as its audience is there."""
    _check_complete(campaign)
    missed.answered(campaign)
    if campaign.status is CampaignStatus.DRAFT and campaign.target_type is not TargetType.IMPORTED:
        _populate_first(campaign)
    elif campaign.status is CampaignStatus.DRAFT:
        raise Refused("This campaign has no recipients yet; upload a CSV file first.")
    elif campaign.recurrence is not None:
        recurrences.begin(campaign)
    elif campaign.status is CampaignStatus.READY and _lies_ahead(campaign.scheduled_for):
        CAMPAIGN_STATES.move(campaign, CampaignStatus.SCHEDULED)
    elif campaign.status in (CampaignStatus.READY, CampaignStatus.SCHEDULED):
        _check_obstacles(campaign)
        _start(campaign)
    else:
        raise Refused(_LAUNCHED[campaign.status])


_LAUNCHED = {
    CampaignStatus.POPULATING: "The recipients are still being imported; start when they are in.",
    CampaignStatus.SENDING: "This campaign is being sent already.",
    CampaignStatus.PAUSED: "This campaign is paused; resume it instead.",
    CampaignStatus.COMPLETED: "This campaign is completed; copy it to send again.",
    CampaignStatus.CANCELLED: "This campaign was cancelled; copy it to send again.",
    CampaignStatus.FAILED: "This campaign failed; look at its import first.",
}


def populated(campaign: Campaign) -> bool:
    """The audience is there; True when the campaign was waiting for it and is now being sent."""
    CAMPAIGN_STATES.move(campaign, CampaignStatus.READY)
    if not campaign.launch_when_ready:
        return False
    try:
        if campaign.scheduled_for is not None and not _lies_ahead(campaign.scheduled_for):
            CAMPAIGN_STATES.move(campaign, CampaignStatus.SCHEDULED)
            begin_scheduled(campaign)
        else:
            launch(campaign)
    finally:
        campaign.launch_when_ready = False
    return campaign.status is CampaignStatus.SENDING


def begin_scheduled(campaign: Campaign) -> None:
    """Its time has come; if that was hours ago, a person is asked.

    Where Meta forbids it now, it waits as a paused one does and goes on by itself.
    """
    if campaign.scheduled_for is not None and missed.is_long_ago(campaign.scheduled_for):
        CAMPAIGN_STATES.move(campaign, CampaignStatus.READY)
        missed.ask(campaign, campaign.scheduled_for)
    elif found := obstacle(campaign):
        pause(campaign, found.reason, found.ends_at)
    elif _wants_filling(campaign):
        _fill_and_launch(campaign)
    else:
        _begin(campaign)


def unschedule(campaign: Campaign) -> None:
    """Back to ready, to be changed or started by hand. A series gets recipients to look at again."""
    if campaign.status is not CampaignStatus.SCHEDULED:
        raise Refused(f"This campaign is {campaign.status.value}, not scheduled.")
    if campaign.recurrence is not None:
        CAMPAIGN_STATES.move(campaign, CampaignStatus.POPULATING)
    else:
        CAMPAIGN_STATES.move(campaign, CampaignStatus.READY)
        campaign.scheduled_for = None


def pause(campaign: Campaign, reason: PauseReason = PauseReason.BY_HAND, resumes_at: datetime | None = None) -> None:
    """Claim nothing more. What is in flight still lands."""
    CAMPAIGN_STATES.move(campaign, CampaignStatus.PAUSED)
    campaign.pause_reason, campaign.resumes_at = reason, resumes_at


def resume(campaign: Campaign) -> None:
    """Go on where it stood: sending, or waiting for its time when that still lies ahead."""
    if campaign.status is not CampaignStatus.PAUSED:
        raise Refused(f"This campaign is {campaign.status.value}, not paused.")
    if campaign.recurrence is not None:
        recurrences.go_on(campaign)
    elif campaign.started_at is None and _lies_ahead(campaign.scheduled_for):
        CAMPAIGN_STATES.move(campaign, CampaignStatus.SCHEDULED)
        campaign.pause_reason = campaign.resumes_at = None
    else:
        _check_template(campaign)
        _check_obstacles(campaign)
        _start(campaign)


def cancel(campaign: Campaign) -> None:
    """Stop for good: whoever was not written to yet is skipped, with that reason."""
    CAMPAIGN_STATES.move(campaign, CampaignStatus.CANCELLED)
    campaign.pause_reason = campaign.resumes_at = None
    campaign.launch_when_ready = False
    campaign.completed_at = clock.now()
    missed.answered(campaign)
    guard.hold(campaign.channel.portfolio_id)
    db.session.execute(_SKIP_PENDING, {"campaign": campaign.id})


def complete_if_done(campaign_id: int) -> bool:
    """Completed when nobody is pending and nothing is in flight; unconfirmed messages do not hold it up."""
    campaign = locked(campaign_id)  # before the guard, as everywhere
    guard.hold(campaign.channel.portfolio_id)  # a settlement under way may make somebody pending again
    return db.session.execute(_COMPLETE, {"campaign": campaign_id}).first() is not None


def _populate_first(campaign: Campaign) -> None:
    if not _lies_ahead(campaign.scheduled_for):
        campaign.scheduled_for = None  # somebody wants it now, however late that is
    _fill_and_launch(campaign)


def _fill_and_launch(campaign: Campaign) -> None:
    campaign.launch_when_ready = True
    campaign.pause_reason = campaign.resumes_at = campaign.failure = None
    CAMPAIGN_STATES.move(campaign, CampaignStatus.POPULATING)


def _start(campaign: Campaign) -> None:
    if _wants_filling(campaign):
        _populate_first(campaign)
    else:
        _begin(campaign)


def _wants_filling(campaign: Campaign) -> bool:
    """Before the first message whoever belongs to it by now is found, unless that was just done."""
    is_filled = campaign.started_at is not None or campaign.launch_when_ready
    return not is_filled and freezing.is_stale(campaign)


def _begin(campaign: Campaign) -> None:
    CAMPAIGN_STATES.move(campaign, CampaignStatus.SENDING)
    campaign.started_at = campaign.started_at or clock.now()
    campaign.pause_reason = campaign.resumes_at = campaign.failure = None
    if campaign.template is not None:
        campaign.template.last_used_at = clock.now()


def _check_complete(campaign: Campaign) -> None:
    """A campaign that could not send must not start. Raises with the first thing that is missing."""
    template = _check_template(campaign)
    compiled = compile_template(template.components, template.parameter_format)
    if parts := ", ".join(compiled.unsupported):
        raise Refused(f"The template {template.name} needs parts that cannot be filled yet: {parts}.")
    if campaign.target_type is None:
        raise Invalid("Choose the recipients first.", "recipients")
    drafts.require_repeatable(campaign)
    if gaps := variables.missing(compiled.variables, campaign.template_variables):
        raise Invalid(f"Say what to fill in for {', '.join(gaps)}.", "variables")
    starts_at = campaign.scheduled_for if _lies_ahead(campaign.scheduled_for) else None
    fitness.require(compiled, campaign.template_variables, starts_at, "template_variables.")


def _check_template(campaign: Campaign) -> MessageTemplate:
    template = campaign.template
    if template is None:
        raise Invalid("Choose a message template first.", "template")
    if not template.is_sendable:
        raise Refused(not_sendable(template))
    return template


def _check_obstacles(campaign: Campaign) -> None:
    """What Meta forbids must not start or go on. Raises with the reason."""
    if found := obstacle(campaign):
        raise Refused(found.sentence)


def _lies_ahead(moment: datetime | None) -> bool:
    return moment is not None and moment > clock.now()


_SKIP_PENDING = text(
    """UPDATE recipients SET state = 'skipped', skip_reason = 'cancelled', updated_at = statement_timestamp()
       WHERE campaign_id = :campaign AND state = 'pending'"""
)
# A scalar with ORDER BY and LIMIT: as NOT EXISTS it was once planned as a walk over all recipients of all campaigns.
_COMPLETE = text(
    """UPDATE campaigns
       SET status = 'completed', completed_at = statement_timestamp(), updated_at = statement_timestamp()
       WHERE id = :campaign AND status = 'sending'
         AND (SELECT 1 FROM recipients WHERE campaign_id = :campaign AND state = 'pending'
              ORDER BY due_at, position LIMIT 1) IS NULL
         AND NOT EXISTS (SELECT 1 FROM messages WHERE campaign_id = :campaign AND state = 'sending')
       RETURNING id"""
)
