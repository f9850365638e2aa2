"""Which campaigns a template is in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.campaigns.models import EDITABLE, FINAL, Campaign
from app.extensions import db
from app.message_templates.models import MessageTemplate, Status

LATEST = 10


def latest(template: MessageTemplate) -> Sequence[Campaign]:
    """The latest campaigns with this template."""
    query = select(Campaign).where(Campaign.template_id == template.id)
    return db.session.scalars(query.order_by(Campaign.id.desc()).limit(LATEST)).all()


def needing(template: MessageTemplate, *, everywhere: bool) -> Sequence[Campaign]:
    """The campaigns that still want to send this template, or with `everywhere` its name in any language."""
    same = (
        (MessageTemplate.channel_id == template.channel_id, MessageTemplate.name == template.name)
        if everywhere
        else (MessageTemplate.id == template.id,)
    )
    # A draft leaves no row behind that a campaign could go on to name.
    over = () if template.status == Status.DRAFT else (*EDITABLE, *FINAL)
    query = select(Campaign).join(MessageTemplate, MessageTemplate.id == Campaign.template_id).where(*same)
    return db.session.scalars(query.where(Campaign.status.not_in(over)).order_by(Campaign.id)).all()
