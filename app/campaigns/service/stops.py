"""Campaigns that stop because of Meta's word (of a template, of the account) or of their own failures.

What Meta stopped goes on when it lets it; what failed too often, when somebody has looked.

Every verb locks its campaigns one by one, in the order of their ids, and answers the ids that it changed; those
that go on are to be rung for after the commit. Call them after the alerts were written: the sender, who meets a
refusal, takes the same locks in the same order.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, select

from app.campaigns.models import Campaign, CampaignStatus, PauseReason
from app.campaigns.service import circuit, lifecycle
from app.campaigns.service.obstacles import is_cleared, obstacle
from app.channels import alerts, refusals
from app.channels.models import Alert, Channel, Severity
from app.extensions import db
from app.message_templates.events import STATUS_ALERT
from app.message_templates.models import MessageTemplate
from app.meta.errors import meaning_of
from app.shared import clock

log = structlog.get_logger()

ERRORS = "campaign.errors"  # the alert of a campaign that stopped for its failures

BY_META = (PauseReason.TEMPLATE_PAUSED, PauseReason.ACCOUNT_BLOCKED)


def template_stopped(template: MessageTemplate, resumes_at: datetime | None = None) -> list[int]:
    """Pause what is sending this template. `resumes_at` is a forecast: Meta's word ends the pause, not the clock."""
    return _pause(Campaign.template_id == template.id, PauseReason.TEMPLATE_PAUSED, resumes_at)


def template_back(template: MessageTemplate) -> list[int]:
    """Let those go on that Meta had stopped and that send this template, unless another reason is left."""
    return _resume(Campaign.template_id == template.id)


def account_stopped(channel: Channel) -> list[int]:
    """Pause all that the channel is sending, until its restriction ends as far as that is known."""
    return _pause(Campaign.channel_id == channel.id, PauseReason.ACCOUNT_BLOCKED, channel.restricted_until)


def account_back(channel: Channel) -> list[int]:
    """Let those go on that Meta had stopped on this channel, unless another reason is left."""
    return _resume(Campaign.channel_id == channel.id)


def resume_cleared() -> list[int]:
    """Let all go on whose reason is gone, however we learned of it: a reading of Meta's, an end that came."""
    _resolve_errors_seen()
    return _resume()


def stop_hindered() -> list[int]:
    """Pause what is sending although Meta forbids it: the hourly reading told us, and no webhook did."""
    stopped = []
    for campaign_id in _ids(Campaign.status == CampaignStatus.SENDING):
        found = obstacle(db.session.get_one(Campaign, campaign_id))
        if found is not None and _pause_one(campaign_id, found.reason, found.ends_at):
            stopped.append(campaign_id)
    return stopped


def resume_or_hold(campaign: Campaign) -> bool:
    """Let a locked, paused campaign go on; where Meta forbids it now, it stays paused, for that reason."""
    found = obstacle(campaign)
    if found is None:
        lifecycle.resume(campaign)
        return True
    campaign.pause_reason, campaign.resumes_at = found.reason, found.ends_at
    return False


def refused(campaign_id: int, reason: PauseReason, code: int | None) -> None:
    """What a campaign's messages met concerns every recipient: the alert first, then the pause.

    A number that may not send stops all its campaigns; a template, or failures of its own, this one.
    """
    campaign = db.session.get_one(Campaign, campaign_id)
    if reason is PauseReason.ACCOUNT_BLOCKED:
        refusals.raise_alert(campaign.channel, code, clock.now())
        _pause(Campaign.channel_id == campaign.channel_id, reason, None)
    elif reason is not PauseReason.TOO_MANY_ERRORS:
        _tell_of_template(campaign, code)
        _pause_one(campaign_id, reason, None)
    elif campaign.status is CampaignStatus.SENDING:
        _tell_of_errors(campaign, code)
        _pause_one(campaign_id, reason, None)
        circuit.start_anew(campaign_id)


def _tell_of_template(campaign: Campaign, code: int | None) -> None:
    """Of the template, where the campaign still has one: its next good news ends the alert."""
    template = campaign.template
    if template is None:
        return
    title = f"Meta refused the template {template.name}: {meaning_of(code).sentence}"
    subject, helps = str(template.public_id), refusals.what_helps(code)
    alerts.raise_alert(campaign.channel, STATUS_ALERT, subject, Severity.CRITICAL, title, helps, clock.now())


def _tell_of_errors(campaign: Campaign, code: int | None) -> None:
    title = f"{campaign.name} paused itself because too many of its messages failed. {meaning_of(code).sentence}"
    helps = f"{meaning_of(code).hint} Then resume the campaign; nobody who is left has been lost."
    subject = str(campaign.public_id)
    alerts.raise_alert(campaign.channel, ERRORS, subject, Severity.CRITICAL, title, helps, clock.now())


def _resolve_errors_seen() -> None:
    """Whoever let the campaign go on, or ended it, has seen why it had stopped."""
    for alert in db.session.scalars(select(Alert).where(Alert.kind == ERRORS, Alert.resolved_at.is_(None))):
        stands = select(Campaign.id).where(
            Campaign.public_id == alert.subject,
            Campaign.status == CampaignStatus.PAUSED,
            Campaign.pause_reason == PauseReason.TOO_MANY_ERRORS,
        )
        if db.session.scalar(stands) is None:
            channel = db.session.get_one(Channel, alert.channel_id)
            alerts.resolve(channel, ERRORS, alert.subject, clock.now())


def _pause(which: ColumnElement[bool], reason: PauseReason, resumes_at: datetime | None) -> list[int]:
    ids = _ids(which, Campaign.status == CampaignStatus.SENDING)
    return [campaign_id for campaign_id in ids if _pause_one(campaign_id, reason, resumes_at)]


def _pause_one(campaign_id: int, reason: PauseReason, resumes_at: datetime | None) -> bool:
    campaign = lifecycle.locked(campaign_id)
    if campaign.status is not CampaignStatus.SENDING:
        return False
    lifecycle.pause(campaign, reason, resumes_at)
    log.warning("campaign.paused", campaign_id=campaign_id, reason=reason.value)
    return True


def _resume(*which: ColumnElement[bool]) -> list[int]:
    ids = _ids(*which, Campaign.status == CampaignStatus.PAUSED, Campaign.pause_reason.in_(BY_META))
    return [campaign_id for campaign_id in ids if _resume_one(campaign_id)]


def _resume_one(campaign_id: int) -> bool:
    """Only when the reason is gone: asked before the lock, so that the tick's look at those that wait locks nobody."""
    if not is_cleared(db.session.get_one(Campaign, campaign_id)):
        return False
    campaign = lifecycle.locked(campaign_id)
    if campaign.status is not CampaignStatus.PAUSED or campaign.pause_reason not in BY_META:
        return False
    log.info("campaign.resumed", campaign_id=campaign_id, reason=campaign.pause_reason)
    return resume_or_hold(campaign)


def _ids(*which: ColumnElement[bool]) -> list[int]:
    return list(db.session.scalars(select(Campaign.id).where(*which).order_by(Campaign.id)))
