"""Calls that make, show and change campaigns."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.api import drafting, showing
from app.api.access import caller
from app.api.calls import call
from app.api.paging import paged
from app.api.schemas.campaigns import CampaignChange, CampaignFilter, CampaignIn, CampaignOut, CampaignPage
from app.api.whereabouts import campaign_of, channel_or_refuse, locked_campaign
from app.auth import audit
from app.campaigns.service import drafts
from app.extensions import db
from app.shared.pagination import page_of

TAG = "Campaigns"


@call("POST", "/campaigns", "campaigns.write", tag=TAG, answer=CampaignOut, status=201, refusals=(409,))
def create_campaign(json: CampaignIn) -> Any:
    """Make a draft."""
    campaign = drafts.create(json.name, channel_or_refuse(), caller(), json.description or "")
    drafting.usual_hours(campaign, json)
    drafting.apply(campaign, json)
    audit.record("campaign.create", campaign, by=caller())
    db.session.commit()
    return showing.campaign(campaign), 201


@call("GET", "/campaigns", "campaigns.view", tag=TAG, answer=CampaignPage)
def list_campaigns(query: CampaignFilter) -> Any:
    """List campaigns, the newest first."""
    page = page_of(showing.newest(query.status), query.page, query.limit)
    return paged(CampaignPage, page, showing.campaigns(page.items).__getitem__)


@call("GET", "/campaigns/<uuid:campaign_id>", "campaigns.view", tag=TAG, answer=CampaignOut)
def show_campaign(campaign_id: UUID) -> Any:
    """Show a campaign."""
    return showing.campaign(campaign_of(campaign_id))


@call("PUT", "/campaigns/<uuid:campaign_id>", "campaigns.write", tag=TAG, answer=CampaignOut, refusals=(409,))
def change_campaign(campaign_id: UUID, json: CampaignChange) -> Any:
    """Change a campaign before it starts.

    Whom it goes to can be changed while it is a draft; the rest also while it is ready.
    """
    campaign = locked_campaign(campaign_id)
    drafts.require_editable(campaign)
    drafting.apply(campaign, json)
    audit.record("campaign.update", campaign, by=caller(), fields=sorted(json.model_fields_set))
    db.session.commit()
    return showing.campaign(campaign)


@call("DELETE", "/campaigns/<uuid:campaign_id>", "campaigns.write", tag=TAG, status=204, refusals=(409,))
def delete_campaign(campaign_id: UUID) -> Any:
    """Delete a campaign of which nothing was sent."""
    campaign = locked_campaign(campaign_id)
    audit.record("campaign.delete", campaign, by=caller(), name=campaign.name)
    drafts.discard(campaign)
    db.session.commit()
    return "", 204
