"""Campaigns that Meta stops, and that go on when it lets them: by a template's status, by the account's.

Every verb locks its campaigns one by one, in the order of their ids, and answers the ids that it changed; those
that go on are to be rung for after the commit. Call them after the alerts were written: the sender, who meets a
refusal, takes the same locks in the same order.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, select

from app.campaigns.models import Campaign, CampaignStatus, PauseReason
from app.campaigns.service import lifecycle
from app.campaigns.service.obstacles import is_cleared, obstacle
from app.channels import alerts, changes
from app.channels.models import Channel, Severity
from app.extensions import db
from app.message_templates.events import STATUS_ALERT
from app.message_templates.models import MessageTemplate
from app.meta.errors import meaning_of
from app.shared import clock

log = structlog.get_logger()

# Refusals that the usual way of sending would not meet. Nothing changes over by itself: its price is another.
OF_MARKETING_SERVICE = frozenset({131055, 134100, 134102})
_THE_OTHER_WAY = "Or let marketing messages leave the usual way: see the channel's page."

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
    """The sender met a refusal that concerns every recipient: the alert first, then the campaign's pause."""
    campaign = db.session.get_one(Campaign, campaign_id)
    meaning, template = meaning_of(code), campaign.template
    of_template = reason is PauseReason.TEMPLATE_PAUSED and template is not None
    kind, subject = (STATUS_ALERT, str(template.public_id)) if of_template and template else (changes.REFUSED, "")
    about = f"the template {template.name}" if of_template and template else "to send"
    title = f"Meta refused {about}: {meaning.sentence}"
    details = f"{meaning.hint} {_THE_OTHER_WAY}" if code in OF_MARKETING_SERVICE else meaning.hint
    alerts.raise_alert(campaign.channel, kind, subject, Severity.CRITICAL, title, details, clock.now())
    _pause_one(campaign_id, reason, None)


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
