"""What the journal knows of a person: their part of what Meta posted. The parts of others stay as they came."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.customers.privacy.person import Person
from app.customers.privacy.register import Room, Rows
from app.customers.privacy.retention import Kind
from app.customers.privacy.traces import Traces
from app.extensions import db
from app.shared import clock
from app.webhooks import replay
from app.webhooks.models import WebhookEvent

DEEDS = ("messages", "user_preferences", "user_actions", "contacts", "message_echoes")
ADDRESSES = ("from", "from_user_id", "to", "wa_id", "user_id", "recipient_id", "recipient_user_id")
# Of a status stays what became of the message, by the id that we gave it.
PERSONAL = ("recipient_id", "recipient_user_id", "recipient_participant_id", "conversation")


def _export(person: Person) -> Mapping[str, Rows]:
    traces = Traces(person)
    found = select(WebhookEvent.created_at, WebhookEvent.body).where(_may_name(traces)).order_by(WebhookEvent.id)
    return {
        "webhook_events": [
            {"came_at": event.created_at, "part": name, "content": item}
            for event in db.session.execute(found)
            for name, item in _parts(event.body, traces)
        ]
    }


def _parts(body: bytes, traces: Traces) -> Iterator[tuple[str, Any]]:
    """Their items in a body, each with the name of its list."""
    envelope = _read(body)
    for value in _values(envelope):
        for name in (*DEEDS, "statuses"):
            yield from ((name, item) for item in _listed(value, name) if _is_theirs(item, traces))


def _erase(person: Person, traces: Traces) -> None:
    """What waits to be digested must not bring them back; the rest of the journal is searched afterwards.

    Before messaging's part: who digests holds the events when it asks for the lock.
    """
    waiting = select(WebhookEvent).where(WebhookEvent.digested_at.is_(None), _may_name(traces))
    for event in db.session.scalars(waiting.order_by(WebhookEvent.id).with_for_update()):
        event.body = scrubbed(traces, event.body)


def scrubbed(traces: Traces, body: bytes) -> bytes:
    """The body without the person. Its digest stays that of what came, so that the same post is known again."""
    envelope = _read(body)
    if envelope is None:
        return traces.scrubbed(body.decode(errors="surrogateescape")).encode(errors="surrogateescape")
    for value in _values(envelope):
        for name in DEEDS:
            if name in value:
                value[name] = [item for item in _listed(value, name) if not _is_theirs(item, traces)]
        if "statuses" in value:
            value["statuses"] = [_nameless(item, traces) for item in _listed(value, "statuses")]
    cleaned = traces.scrub(envelope)
    return body if cleaned == _read(body) else json.dumps(cleaned, separators=(",", ":")).encode()


def _nameless(status: Any, traces: Traces) -> Any:
    if not _is_theirs(status, traces):
        return status
    return {
        name: traces.pseudonym(str(part)) if name == "id" else part
        for name, part in status.items()
        if name not in PERSONAL
    }


def _is_theirs(item: Any, traces: Traces) -> bool:
    """By whom it is from or for; news of a changed number are about the number, whoever tells them."""
    if traces.is_theirs(item, *ADDRESSES):
        return True
    return isinstance(item, dict) and traces.is_theirs(item.get("system"), *ADDRESSES)


def _values(envelope: Any) -> Iterator[dict[str, Any]]:
    """The values of all changes, as far as the envelope has Meta's shape."""
    for entry in _listed(envelope, "entry"):
        for change in _listed(entry, "changes"):
            if isinstance(change, dict) and isinstance(change.get("value"), dict):
                yield change["value"]


def _listed(holder: Any, name: str) -> list[Any]:
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, list) else []


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _may_name(traces: Traces) -> ColumnElement[bool]:
    return traces.may_be_in(func.encode(WebhookEvent.body, "escape"))


def _count(before: datetime) -> int:
    old = select(func.count()).select_from(WebhookEvent)
    return db.session.scalar(old.where(WebhookEvent.created_at < before, WebhookEvent.digested_at.is_not(None))) or 0


def _purge(before: datetime, limit: int) -> int:
    return replay.purge_batch(clock.now() - before, limit)


KINDS = (Kind("webhook_events", "What Meta posted, as it came", _count, _purge, replay.KEPT.days),)
ROOM = Room("webhooks", _export, _erase, columns={WebhookEvent.body: scrubbed}, kinds=KINDS)
