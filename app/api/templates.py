"""Calls on message templates: list them, read them anew from Meta."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, false, select

from app.api.access import caller
from app.api.calls import call
from app.api.paging import paged
from app.api.refusals import refuse
from app.api.schemas.common import Error
from app.api.schemas.setup import Synced, TemplateFilter, TemplateOut, TemplatePage, TemplateVariableOut
from app.api.whereabouts import channel_or_refuse
from app.auth import audit
from app.channels.queries import the_channel
from app.extensions import db
from app.message_templates import jobs, queries
from app.message_templates.models import MessageTemplate, Status
from app.shared.pagination import page_of

TAG = "Templates"


@call("GET", "/templates", "templates.view", tag=TAG, answer=TemplatePage)
def list_templates(query: TemplateFilter) -> Any:
    """List the message templates, by name."""
    return paged(TemplatePage, page_of(_matching(query), query.page, query.limit), _shown)


@call("POST", "/templates/sync", "templates.sync", tag=TAG, answer=Synced, also={502: Error}, refusals=(409,))
def sync_templates() -> Any:
    """Read the templates from Meta, now; takes some seconds."""
    channel = channel_or_refuse()
    result = jobs.sync_templates_now(channel.id)
    audit.record("templates.sync", channel, by=caller(), result=str(result or channel.templates_sync_error))
    db.session.commit()
    if result is None:
        refuse(502, "meta_failed", channel.templates_sync_error or "Meta could not be read.")
    return Synced(added=result.added, changed=result.changed, removed=result.removed, unchanged=result.unchanged)


def _matching(query: TemplateFilter) -> Select[MessageTemplate]:
    channel = the_channel()
    found = select(MessageTemplate).order_by(MessageTemplate.name, MessageTemplate.language)
    found = found.where(MessageTemplate.channel_id == channel.id if channel else false())
    if query.status:
        found = found.where(MessageTemplate.status == query.status.upper())
    else:
        found = found.where(MessageTemplate.status != Status.DELETED)
    if query.category:
        found = found.where(MessageTemplate.category == query.category.upper())
    if query.language:
        found = found.where(MessageTemplate.language == query.language)
    return found


def _shown(template: MessageTemplate) -> TemplateOut:
    gaps = queries.variables(template)
    return TemplateOut(
        id=template.public_id,
        name=template.name,
        language=template.language,
        category=template.category,
        status=template.status,
        quality=template.quality,
        rejected_reason=template.rejected_reason,
        variables=[TemplateVariableOut(key=gap.key, kind=gap.kind, sample=gap.sample) for gap in gaps],
        components=template.components,
        synced_at=template.synced_at,
    )
