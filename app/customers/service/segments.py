"""Segments that the team keeps: made, changed, copied, deleted. These verbs flush; the door commits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from app.auth.models import User
from app.customers.segments import people, reading
from app.customers.segments import queries as segment_queries
from app.customers.segments.models import Segment
from app.customers.segments.ready import READY
from app.extensions import db
from app.shared import clock
from app.shared.errors import Invalid, Refused

MAX_NAME, MAX_DESCRIPTION = 100, 1000
Uses = Callable[[Segment], Sequence[str]]
_uses: dict[str, Uses] = {}


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person gives a segment: `query` is its JSON as `reading.parse` takes it."""

    name: str
    query: object
    description: str = ""


def create(draft: Draft, by: User | None) -> Segment:
    """A new segment. Raises `Invalid` ("name", "description", or the path in "query")."""
    segment = Segment(created_by=by.id if by else None)
    change(segment, draft)
    return segment


def change(segment: Segment, draft: Draft) -> None:
    """Give it this name, description and conditions; how many it was no longer holds. Raises `Invalid`."""
    group = reading.parse(draft.query, "query")
    reading.check_names(group, "query")
    name = _plain(draft.name, "name", MAX_NAME)
    if not name:
        raise Invalid("Give the segment a name.", "name")
    description, query = _plain(draft.description, "description", MAX_DESCRIPTION), group.as_json()
    try:
        with db.session.begin_nested():
            if segment.query != query:
                segment.counted = segment.counted_at = None
            segment.name, segment.description, segment.query = name, description, query
            db.session.add(segment)
    except IntegrityError as error:
        raise Invalid(f"There is already a segment “{name}”.", "name") from error


def copy(segment: Segment, by: User | None) -> Segment:
    """Another one with the same conditions, named after it."""
    return create(Draft(_free_name(segment.name), segment.query, segment.description), by)


def delete(segment: Segment) -> None:
    """Remove it. Raises `Refused` while something uses it."""
    if users := used_by(segment):
        raise Refused(f"This segment is used by {', '.join(users)}. Let them use another one first.")
    db.session.delete(segment)
    db.session.flush()


def used_by(segment: Segment) -> list[str]:
    """What uses it, in words ("the campaign “Monsoon”"), as the rooms above tell."""
    return [user for tell in _uses.values() for user in tell(segment)]


def tell_uses(room: str, tell: Uses) -> None:
    """Let a room above tell what of its own uses a segment; said once, when the application is made."""
    _uses[room] = tell


def count(segment: Segment) -> int:
    """How many are in it now; remembered with the time."""
    segment.counted, segment.counted_at = people.count(segment_queries.conditions(segment)), clock.now()
    db.session.flush()
    return segment.counted


def ensure_ready() -> int:
    """Make the ready segments when there is none at all; how many were made."""
    if db.session.scalar(select(exists().where(Segment.id.is_not(None)))):
        return 0
    return len([create(Draft(it.name, it.query, it.description), None) for it in READY])


def _free_name(name: str) -> str:
    taken = set(db.session.scalars(select(Segment.name)))
    number = 1
    while (free := f"{name[: MAX_NAME - 12]} (copy{f' {number}' if number > 1 else ''})") in taken:
        number += 1
    return free


def _plain(written: str, field: str, most: int) -> str:
    found = written.strip()
    if len(found) > most:
        raise Invalid(f"Write at most {most} characters.", field)
    if "\x00" in found or any("\ud800" <= char <= "\udfff" for char in found):
        raise Invalid("This text holds characters that cannot be kept.", field)
    return found
