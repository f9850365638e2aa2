"""Calls on message templates: list them, read them anew from Meta, submit a new one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from sqlalchemy import Select, false, select

from app.api.access import caller
from app.api.calls import call
from app.api.paging import paged
from app.api.refusals import refuse
from app.api.schemas.common import Error
from app.api.schemas.setup import Synced, TemplateFilter, TemplateIn, TemplateOut, TemplatePage, TemplateVariableOut
from app.api.whereabouts import channel_or_refuse
from app.auth import audit
from app.channels.queries import the_channel
from app.extensions import db
from app.message_templates import drafts
from app.message_templates.jobs import reading, submitting
from app.message_templates.models import MessageTemplate, Status
from app.message_templates.refusals import problem_of
from app.meta.components import TemplateVariable, compile_template
from app.meta.foreign import storable
from app.meta.template_rules import Problem, check
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
    result = reading.sync_templates_now(channel.id)
    audit.record("templates.sync", channel, by=caller(), result=str(result or channel.templates_sync_error))
    db.session.commit()
    if result is None:
        refuse(502, "meta_failed", channel.templates_sync_error or "Meta could not be read.")
    return Synced(added=result.added, changed=result.changed, removed=result.removed, unchanged=result.unchanged)


@call(
    "POST",
    "/templates",
    "templates.write",
    tag=TAG,
    answer=TemplateOut,
    status=201,
    also={202: TemplateOut, 502: Error},
    refusals=(409,),
)
def create_template(json: TemplateIn) -> Any:
    """Submit a new message template to Meta for review.

    Checked by Meta's own rules first: 422 names every field that breaks one. 202 when Meta gave no clear answer: its
    status is UNCONFIRMED then, and a sync tells.
    """
    channel, definition = channel_or_refuse(), {**json.model_dump(), "components": storable(json.components)}
    if found := check(definition):
        refuse(422, "invalid", found[0].sentence, fields=_by_field(found))
    template = drafts.save(channel, definition, None, caller())
    audit.record("template.submit", template, by=caller(), name=template.name, language=template.language)
    db.session.commit()
    failure = submitting.submit(template.id, caller())
    if failure is not None and template.status != Status.UNCONFIRMED:
        _give_up(template, problem_of(failure))
    return _shown(template), 201 if failure is None else 202


def _give_up(template: MessageTemplate, problem: Problem) -> NoReturn:
    """Leave no draft behind, so that the call can be made again."""
    drafts.discard(template)
    db.session.commit()
    refuse(502, "meta_refused", problem.sentence, fields=_by_field([problem] if problem.field else []))


def _by_field(problems: Iterable[Problem]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for problem in problems:
        fields.setdefault(problem.field, []).append(problem.sentence)
    return fields


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
    compiled = compile_template(template.components, template.parameter_format)
    return TemplateOut(
        id=template.public_id,
        name=template.name,
        language=template.language,
        category=template.category,
        status=template.status,
        quality=template.quality,
        rejected_reason=template.rejected_reason,
        variables=[_gap(variable) for variable in compiled.variables],
        options=[_gap(option) for option in compiled.options],
        components=template.components,
        synced_at=template.synced_at,
    )


def _gap(variable: TemplateVariable) -> TemplateVariableOut:
    return TemplateVariableOut(key=variable.key, kind=variable.kind, card=variable.card, sample=variable.sample)
