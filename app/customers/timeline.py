"""All that happened with one customer, newest first, a page at a time. Rooms above add what they know of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, tuple_

from app.customers.models import Customer

PAGE = 30


@dataclass(frozen=True, slots=True)
class Link:
    """A way on from a moment."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened. `key` tells it apart within its source; `badge` is a word and its colour."""

    at: datetime
    key: int
    icon: str
    title: str
    text: str = ""
    by: str = ""
    badge: tuple[str, str] | None = None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the timeline a page ends: at this moment of this source."""

    at: datetime
    source: str
    key: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.source}_{self.key}"

    @classmethod
    def read(cls, written: str | None) -> Place | None:
        """What `str` of a place says; None for all else."""
        try:
            at, source, key = (written or "").split("_")
            place = cls(datetime.fromisoformat(at), source, int(key))
        except ValueError:
            return None
        return place if place.at.tzinfo and abs(place.key) < 2**63 else None

    def is_after(self, source: str, at: SQLColumnExpression[Any], key: SQLColumnExpression[Any]) -> ColumnElement[bool]:
        """The SQL that a moment of `source` comes after this one, further down."""
        if source == self.source:
            return tuple_(at, key) < tuple_(self.at, self.key)
        return at <= self.at if source < self.source else at < self.at


Read = Callable[[Customer, Place | None, int], Sequence[Moment]]


@dataclass(frozen=True, slots=True)
class Source:
    """What tells of moments: `read` answers the so many newest that come after a place. No "_" in its name."""

    name: str
    label: str
    read: Read


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of moments, each with its source; `end` is the place the next one begins at, None after the last."""

    moments: Sequence[tuple[Source, Moment]]
    end: Place | None


SOURCES: dict[str, Source] = {}


def register(*sources: Source) -> None:
    """Let timelines tell of these, too. Registering a name again replaces it."""
    SOURCES.update({source.name: source for source in sources})


def timeline(customer: Customer, place: Place | None = None, kind: str = "", size: int = PAGE) -> Timeline:
    """The newest moments after that place, of one source or of all."""
    told = [SOURCES[kind]] if kind in SOURCES else list(SOURCES.values())
    found = [(source, moment) for source in told for moment in source.read(customer, place, size + 1)]
    found.sort(key=lambda it: (it[1].at, it[0].name, it[1].key), reverse=True)
    shown = found[:size]
    if len(found) <= size:
        return Timeline(shown, None)
    source, moment = shown[-1]
    return Timeline(shown, Place(moment.at, source.name, moment.key))
