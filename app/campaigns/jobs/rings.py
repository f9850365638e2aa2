"""What to ring for after a campaign's status changed. Call it after the commit."""

from __future__ import annotations

from app.campaigns.jobs.populate import populate
from app.campaigns.jobs.send import send_campaign
from app.campaigns.models import Campaign, CampaignStatus
from app.shared import queues

_BELLS = {
    CampaignStatus.SENDING: (queues.SENDS, send_campaign),
    CampaignStatus.POPULATING: (queues.IMPORTS, populate),
}


def ring_for(campaign: Campaign) -> None:
    """Wake the worker that this campaign waits for, if it waits for one."""
    if bell := _BELLS.get(campaign.status):
        queue, job = bell
        queues.ring(queue, job, campaign.id)
