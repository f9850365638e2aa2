"""Finding what a call speaks of, by public id, or refusing."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.auth import workspace
from app.campaigns.models import Campaign
from app.campaigns.service import lifecycle
from app.channels.models import Channel
from app.channels.queries import the_channel
from app.customers.imports import queries as import_queries
from app.customers.imports.models import Import
from app.extensions import db
from app.message_templates import queries
from app.message_templates.models import MessageTemplate
from app.shared import phone
from app.shared.errors import Invalid, Missing, Refused


def campaign_of(public_id: UUID) -> Campaign:
    """That campaign. Raises `Missing`."""
    campaign = db.session.scalar(select(Campaign).where(Campaign.public_id == public_id))
    if campaign is None:
        raise Missing("There is no such campaign.")
    return campaign


def locked_campaign(public_id: UUID) -> Campaign:
    """That campaign, locked until the commit. Raises `Missing`."""
    return lifecycle.locked(campaign_of(public_id).id)


def locked_import(public_id: UUID) -> Import:
    """That import, locked until the commit, as it is now. Raises `Missing`."""
    query = select(Import).where(Import.id == import_queries.by_public_id(public_id).id)
    query = query.with_for_update(of=Import, key_share=True).execution_options(populate_existing=True)
    return db.session.scalars(query).one()


def channel_or_refuse() -> Channel:
    """The connected number. Raises `Refused` in an empty house."""
    channel = the_channel()
    if channel is None:
        raise Refused("No WhatsApp number is connected yet.")
    return channel


def template_of(channel: Channel, name: str, language: str | None) -> MessageTemplate:
    """The message template of that name. Raises `Invalid` at template_name."""
    template = queries.by_name(channel, name, language)
    if template is None:
        where = f" in {language}" if language else ""
        raise Invalid(f"There is no message template {name}{where}; POST /templates/sync reads them.", "template_name")
    return template


def number_of(written: str, field: str) -> str:
    """The E.164 number that was written, read in the workspace's region. Raises `Invalid` at `field`."""
    try:
        return phone.parse(written, workspace.current().default_region)
    except phone.Unusable as reason:
        raise Invalid(f"This phone number cannot be used: {reason}.", field) from reason
