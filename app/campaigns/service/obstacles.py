"""What stands in a campaign's way by Meta's word: a template that is not approved, an account that may not send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.campaigns.models import Campaign, PauseReason
from app.channels import alerts, refusals
from app.channels.service import blocked
from app.message_templates.events import STATUS_ALERT
from app.message_templates.models import MessageTemplate


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a campaign cannot send now, as a reason for its pause and as a sentence; when it ends where that is known."""

    reason: PauseReason
    sentence: str
    ends_at: datetime | None = None


def obstacle(campaign: Campaign) -> Obstacle | None:
    """What Meta told us that forbids this campaign; None when nothing does. A campaign without a template has none."""
    if sentence := blocked(campaign.channel):
        return Obstacle(PauseReason.ACCOUNT_BLOCKED, sentence, campaign.channel.restricted_until)
    if campaign.template is not None and not campaign.template.is_sendable:
        return Obstacle(PauseReason.TEMPLATE_PAUSED, not_sendable(campaign.template))
    return None


def not_sendable(template: MessageTemplate) -> str:
    """Why this template cannot be sent, as a sentence."""
    word = template.status.replace("_", " ").lower()
    return f"The template {template.name} is {word}; only approved ones can be sent."


def is_cleared(campaign: Campaign) -> bool:
    """Whether a campaign that stopped by itself may go on by itself.

    A refusal that the sender met stands as an alert until a reading of Meta's, younger than it, says all is well;
    a person may resume before.
    """
    template = campaign.template
    if template is None or obstacle(campaign) is not None:
        return False
    refused_template = alerts.stands(campaign.channel, STATUS_ALERT, str(template.public_id))
    return not refused_template and not refusals.stands(campaign.channel)
