"""Templates we write ourselves, before Meta knows them."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.auth.models import User
from app.channels.models import Channel
from app.extensions import db
from app.message_templates.models import MessageTemplate, Status
from app.meta.definition import type_of
from app.meta.foreign import text
from app.meta.template_limits import LANGUAGE, NAME, Problem
from app.meta.template_rules import check
from app.shared import clock
from app.shared.errors import Invalid, Refused

Definition = Mapping[str, Any]
HELD = "held"  # stands for a handle while the sample is still in our storage


def problems(definition: Definition, sample_key: str | None) -> list[Problem]:
    """What Meta would refuse; a kept sample counts as one."""
    return check(with_handle(definition, HELD) if sample_key else definition)


def with_handle(definition: Definition, handle: str) -> dict[str, Any]:
    """The definition with the sample's handle in its header; one without a media header stays as it is."""
    whole = deepcopy(dict(definition))
    for part in whole["components"]:
        if type_of(part) == "HEADER" and text(part.get("format")) in ("IMAGE", "VIDEO", "DOCUMENT"):
            part["example"] = {"header_handle": [handle]}
    return whole


def save(channel: Channel, definition: Definition, sample_key: str | None, by: User | None) -> MessageTemplate:
    """A new draft, however unfinished, if only it can be named. Raises Invalid at name or language."""
    draft = MessageTemplate(channel_id=channel.id, status=Status.DRAFT, created_by=by.id if by else None)
    return _write(draft, definition, sample_key)


def rewrite(draft: MessageTemplate, definition: Definition, sample_key: str | None) -> MessageTemplate:
    """The draft as it is now wanted. Raises Refused once it was submitted, Invalid at name or language."""
    if draft.status != Status.DRAFT:
        raise Refused("This template was submitted already. Look at its page.")
    return _write(draft, definition, sample_key)


def definition_of(draft: MessageTemplate) -> dict[str, Any]:
    """What Meta will be told, without the sample's handle."""
    return {
        "name": draft.name,
        "language": draft.language,
        "category": draft.category,
        "parameter_format": draft.parameter_format,
        "components": draft.components,
    }


def discard(draft: MessageTemplate) -> None:
    """Forget the draft. Raises Refused for what Meta knows, or may know."""
    if draft.status != Status.DRAFT:
        raise Refused("Meta may know this template; it is deleted there.")
    db.session.delete(draft)
    db.session.flush()


def _write(draft: MessageTemplate, definition: Definition, sample_key: str | None) -> MessageTemplate:
    _require_name(definition)
    draft.name, draft.language = definition["name"], definition["language"]
    draft.category, draft.parameter_format = definition["category"], definition["parameter_format"]
    draft.components, draft.sample_key = definition["components"], sample_key
    draft.synced_at = clock.now()
    _require_free(draft)
    try:
        with db.session.begin_nested():
            db.session.add(draft)
    except IntegrityError as error:  # two tabs at once
        raise Invalid("There is already a template of this name in this language.", "name") from error
    return draft


def _require_name(definition: Definition) -> None:
    if not NAME.fullmatch(definition["name"]):
        raise Invalid("Give it a name first; all else may wait.", "name")
    if not LANGUAGE.fullmatch(definition["language"]):
        raise Invalid("Choose a language.", "language")


def _require_free(draft: MessageTemplate) -> None:
    same = (MessageTemplate.name == draft.name, MessageTemplate.language == draft.language)
    taken = select(MessageTemplate).where(MessageTemplate.channel_id == draft.channel_id, *same)
    with db.session.no_autoflush:
        other = db.session.scalar(taken.where(MessageTemplate.id != (draft.id or 0)))
    if other is not None and other.status == Status.DELETED:
        raise Invalid("A deleted template had this name, and old campaigns still show it. Choose another.", "name")
    if other is not None:
        raise Invalid("There is already a template of this name in this language.", "name")
