"""What happens to message templates: Meta's list is taken over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.channels.models import Channel
from app.extensions import db
from app.message_templates import events
from app.message_templates.models import MessageTemplate, Status
from app.meta.definition import read_definition
from app.meta.foreign import mapping, sequence, storable, text

NOT_SAID = "UNKNOWN"
NO_REASON = "NONE"  # Meta's word where a template was not rejected
STILL_ARRIVING = timedelta(minutes=1)  # so long a submission without an answer may still reach Meta

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SyncResult:
    """How many templates were new, changed, gone at Meta, and as we knew them."""

    added: int
    changed: int
    removed: int
    unchanged: int

    def __str__(self) -> str:
        return f"{self.added} new, {self.changed} changed, {self.removed} gone, {self.unchanged} as before"


def sync(channel: Channel, fetched: Iterable[Mapping[str, object]], at: datetime) -> SyncResult:
    """Take over all that Meta has, read at this time. What is not among it becomes DELETED, no row goes away.

    An entry without a name or a language is passed over; parts we do not know are kept as they are.
    """
    _lock(channel)
    known, described = _known(channel), dict(entry for entry in map(_read, fetched) if all(entry[0]))
    for key in described.keys() & known.keys():
        if _is_another(known[key], described[key]):
            _step_aside(known.pop(key))
    new = [columns for key, columns in described.items() if key not in known]
    db.session.add_all(MessageTemplate(channel_id=channel.id, synced_at=at, **columns) for columns in new)
    kept = [(known[key], columns) for key, columns in described.items() if key in known]
    changed = sum(_update(template, columns, at) for template, columns in kept)
    removed = sum(_bury(template, at) for key, template in known.items() if key not in described)
    events.judge(known.values(), at)
    channel.templates_synced_at, channel.templates_sync_error = at, None
    db.session.flush()
    return SyncResult(len(new), changed, removed, len(kept) - changed)


def record_trouble(channel: Channel, sentence: str) -> None:
    """Keep why the templates could not be read; those we have stay as they are."""
    channel.templates_sync_error = sentence
    db.session.flush()


def _lock(channel: Channel) -> None:
    """One sync at a time, or two would add the same template; messages may still refer to the channel."""
    db.session.execute(select(Channel.id).where(Channel.id == channel.id).with_for_update(key_share=True))


def _known(channel: Channel) -> dict[Key, MessageTemplate]:
    found = db.session.scalars(select(MessageTemplate).where(MessageTemplate.channel_id == channel.id))
    return {(template.name, template.language): template for template in found}


def _read(entry: Mapping[str, object]) -> tuple[Key, dict[str, Any]]:
    """Meta's description of one template as our columns, whatever is missing or odd in it."""
    name, language = text(entry.get("name")) or "", text(entry.get("language")) or ""
    reason = text(entry.get("rejected_reason"))
    return (name, language), {
        "meta_id": text(entry.get("id")),
        "name": name,
        "language": language,
        "category": (text(entry.get("category")) or NOT_SAID).upper(),
        "status": (text(entry.get("status")) or NOT_SAID).upper(),
        "rejected_reason": None if reason == NO_REASON else reason,
        "quality": text(mapping(entry.get("quality_score")).get("score")),
        "parameter_format": (text(entry.get("parameter_format")) or "").upper() or "POSITIONAL",
        "components": storable(sequence(entry.get("components"))),
    }


def _update(template: MessageTemplate, columns: Mapping[str, Any], at: datetime) -> bool:
    """Set what differs; whether anything did."""
    news = {column: value for column, value in columns.items() if getattr(template, column) != value}
    events.note_news(template, news, at)
    for column, value in {**news, "synced_at": at}.items():
        setattr(template, column, value)
    return bool(news)


def _is_another(template: MessageTemplate, columns: Mapping[str, Any]) -> bool:
    """Whether Meta has something else under the name of a draft of ours, made elsewhere meanwhile."""
    return template.status == Status.DRAFT and _body_of(template.components) != _body_of(columns["components"])


def _body_of(components: object) -> str | None:
    return text(read_definition(components).body.get("text"))


def _step_aside(draft: MessageTemplate) -> None:
    """Nothing that somebody wrote is lost: the draft goes on under another name."""
    draft.name = f"{draft.name[:490]}_draft_{draft.id}"
    db.session.flush()


def _bury(template: MessageTemplate, at: datetime) -> bool:
    """Mark a template that Meta no longer has; whether that is news.

    A draft was never there. What was submitted since the list was read cannot be in it.
    """
    if template.status == Status.UNCONFIRMED and template.synced_at < at - STILL_ARRIVING:
        template.status = Status.DRAFT
    if template.status in (Status.DRAFT, Status.UNCONFIRMED) or template.synced_at > at:
        return False
    was_there = template.status != Status.DELETED
    if was_there:
        events.note_news(template, {"status": str(Status.DELETED)}, at)
    template.status = Status.DELETED
    return was_there


def adopt(template: MessageTemplate, node: Mapping[str, object], at: datetime) -> None:
    """Take over what Meta says of this one template, read at this time."""
    key, columns = _read(node)
    if key == (template.name, template.language):
        _update(template, columns, at)
        db.session.flush()
