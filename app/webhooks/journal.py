"""The journal: what of Meta's posts is looked for, newest first. It may hold millions; no page counts them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select

from app.extensions import db
from app.shared.errors import Missing
from app.webhooks.models import WebhookEvent

PAGE_SIZE = 50
LAST_ID = 2**63 - 1  # whatever an address says, it must fit PostgreSQL's integers
STATUSES = "messages.statuses"
# Ids are given a moment before their row's time is seen by others; a page is bounded by both.
SLACK = timedelta(minutes=1)
ONLY = {"errors": WebhookEvent.error.is_not(None), "undigested": WebhookEvent.digested_at.is_(None)}
FACTS = (
    WebhookEvent.id,
    WebhookEvent.public_id,
    WebhookEvent.created_at,
    WebhookEvent.kinds,
    func.octet_length(WebhookEvent.body).label("size"),
    WebhookEvent.digested_at,
    WebhookEvent.replayed_at,
    WebhookEvent.error,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which events: of a `kind`, `only` those with "errors" or "undigested" ones, `since` (inclusive) `until`."""

    kind: str = ""
    only: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def of(cls, words: Mapping[str, str]) -> Asked:
        """What `words()` wrote down."""
        moments = {name: datetime.fromisoformat(words[name]) for name in ("since", "until") if words.get(name)}
        return cls(words.get("kind", ""), words.get("only", ""), **moments)

    def words(self) -> dict[str, str]:
        """The same as texts, for a job. Empty when everything is asked for."""
        found = {name: value for name, value in asdict(self).items() if value}
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in found.items()}

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same as SQL."""
        found = [*self._of_kind(), *self._of_time()]
        return [*found, ONLY[self.only]] if self.only in ONLY else found

    def _of_kind(self) -> list[ColumnElement[bool]]:
        if not self.kind:
            return []
        wanted: ColumnElement[bool] = WebhookEvent.kinds.contains([self.kind])
        if self.kind == STATUSES or self.only == "undigested":
            return [wanted]
        # In the words of the index of all that is no mere status.
        return [wanted, WebhookEvent.digested_at.is_not(None), WebhookEvent.kinds != [STATUSES]]

    def _of_time(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.since:
            first = _edge(WebhookEvent.created_at >= self.since - SLACK, newest=False)
            found += [WebhookEvent.created_at >= self.since, WebhookEvent.id >= func.coalesce(first, 0)]
        if self.until:
            last = _edge(WebhookEvent.created_at < self.until + SLACK, newest=True)
            found += [WebhookEvent.created_at < self.until, WebhookEvent.id <= func.coalesce(last, 0)]
        return found


@dataclass(frozen=True, slots=True)
class Page:
    """Some events, newest first; `older` is where the next page begins, None at the end."""

    events: Sequence[Row[Any]]
    older: int | None


def page(asked: Asked, before: int | None = None) -> Page:
    """The newest events asked for; with `before`, those whose id is smaller."""
    conditions = asked.conditions() + ([WebhookEvent.id < min(before, LAST_ID)] if before else [])
    query = select(*FACTS).where(*conditions).order_by(WebhookEvent.id.desc()).limit(PAGE_SIZE + 1)
    found = db.session.execute(query).all()
    return Page(found[:PAGE_SIZE], found[PAGE_SIZE - 1].id if len(found) > PAGE_SIZE else None)


def count(asked: Asked, most: int) -> int:
    """How many events are asked for; counting stops at `most`."""
    some = select(WebhookEvent.id).where(*asked.conditions()).limit(most).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def is_empty() -> bool:
    """Whether Meta has never posted."""
    return db.session.scalar(select(WebhookEvent.id).limit(1)) is None


def event(public_id: UUID) -> WebhookEvent:
    """That event. Raises Missing."""
    found = db.session.scalar(select(WebhookEvent).where(WebhookEvent.public_id == public_id))
    if found is None:
        raise Missing("This webhook event is not in the journal; events are kept for some months only.")
    return found


def _edge(condition: ColumnElement[bool], *, newest: bool) -> Any:
    order = (
        (WebhookEvent.created_at.desc(), WebhookEvent.id.desc())
        if newest
        else (WebhookEvent.created_at, WebhookEvent.id)
    )
    return select(WebhookEvent.id).where(condition).order_by(*order).limit(1).scalar_subquery()
