"""Reads of message templates: for the gallery, for campaigns, for the hourly sync."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONPATH

from app.auth.models import User
from app.channels.models import Channel
from app.extensions import db
from app.message_templates.models import MessageTemplate, Status
from app.meta.components import RenderedTemplate, TemplateVariable, compile_template, variables_of
from app.shared.errors import Missing
from app.shared.pagination import Page, page_of

GALLERY_PAGE = 24
SYNC_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the gallery can be filtered by: the words that occur in a channel's templates, in order."""

    statuses: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)


def gallery(
    channel: Channel,
    *,
    status: str = "",
    category: str = "",
    language: str = "",
    search: str = "",
    page: int = 1,
) -> Page:
    """The channel's templates by name; those deleted at Meta only when asked for by status."""
    query = _of(channel).order_by(MessageTemplate.name, MessageTemplate.language)
    by_status = MessageTemplate.status == status if status else MessageTemplate.status != Status.DELETED
    query = query.where(by_status)
    if category:
        query = query.where(MessageTemplate.category == category)
    if language:
        query = query.where(MessageTemplate.language == language)
    if words := search.strip():
        query = query.where(or_(*_holding(words)))
    return page_of(query, page, GALLERY_PAGE)


def choices(channel: Channel) -> Choices:
    """The statuses, categories and languages that the channel's templates have."""
    columns = (MessageTemplate.status, MessageTemplate.category, MessageTemplate.language)
    rows = db.session.execute(select(*columns).where(MessageTemplate.channel_id == channel.id).distinct())
    return Choices(*(sorted(set(words)) for words in zip(*rows, strict=True)))


def sendable_templates(channel: Channel) -> list[MessageTemplate]:
    """The approved templates that we can fill, by name."""
    query = _of(channel).where(MessageTemplate.status == Status.APPROVED)
    found = db.session.scalars(query.order_by(MessageTemplate.name, MessageTemplate.language))
    return [template for template in found if not unsupported(template)]


def by_name(channel: Channel, name: str, language: str | None = None) -> MessageTemplate | None:
    """The template of that name; without a language the approved one comes before the others."""
    query = _of(channel).where(MessageTemplate.name == name, MessageTemplate.status != Status.DELETED)
    if language is not None:
        query = query.where(MessageTemplate.language == language)
    is_not_approved = MessageTemplate.status != Status.APPROVED
    return db.session.scalar(query.order_by(is_not_approved, MessageTemplate.language).limit(1))


def by_public_id(public_id: UUID) -> MessageTemplate:
    """The template with this public id. Raises `Missing`."""
    query = select(MessageTemplate).where(MessageTemplate.public_id == public_id)
    if template := db.session.scalar(query):
        return template
    raise Missing("This message template does not exist.")


def variables(template: MessageTemplate) -> list[TemplateVariable]:
    """What the template needs to be told: header first, then body, then buttons."""
    return variables_of(template.components, template.parameter_format)


def unsupported(template: MessageTemplate) -> list[str]:
    """The parts we cannot fill, in Meta's words; empty for a template that campaigns can use."""
    return compile_template(template.components, template.parameter_format).unsupported


def names_of(user_ids: Iterable[int | None]) -> dict[int, str]:
    """Who these people are."""
    ids = {user_id for user_id in user_ids if user_id is not None}
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    return {row.id: row.name for row in rows} if ids else {}


def languages(channel: Channel) -> list[str]:
    """The languages of the channel's templates, the most used one first."""
    used = _of(channel).with_only_columns(MessageTemplate.language).where(MessageTemplate.status != Status.DELETED)
    by_use = used.group_by(MessageTemplate.language).order_by(func.count().desc(), MessageTemplate.language)
    return list(db.session.scalars(by_use))


def sample(template: MessageTemplate) -> RenderedTemplate:
    """The template as a customer would see it, with the samples it was submitted with."""
    compiled = compile_template(template.components, template.parameter_format)
    return compiled.render({variable.key: variable.sample or "" for variable in compiled.variables})


def channels_due_for_sync(now: datetime) -> list[int]:
    """The ids of the channels whose templates were last read from Meta an hour ago or more."""
    never = Channel.templates_synced_at.is_(None)
    due = or_(never, Channel.templates_synced_at <= now - SYNC_EVERY)
    return list(db.session.scalars(select(Channel.id).where(due).order_by(Channel.id)))


def _of(channel: Channel) -> Select[MessageTemplate]:
    return select(MessageTemplate).where(MessageTemplate.channel_id == channel.id)


def _holding(words: str) -> list[ColumnElement[bool]]:
    """Templates with the words in their name or in a text that customers read."""
    texts = cast(func.jsonb_path_query_array(MessageTemplate.components, cast("$[*].text", JSONPATH)), Text)
    return [
        MessageTemplate.name.icontains(words.replace(" ", "_"), autoescape=True),
        texts.icontains(words, autoescape=True),
    ]
