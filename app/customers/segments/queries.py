"""Reads of segments: one, all, and what there is to ask about."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, func, select

from app.customers.models import Customer
from app.customers.segments import reading
from app.customers.segments.conditions import Group
from app.customers.segments.models import Segment
from app.customers.segments.ready import READY, Ready
from app.extensions import db
from app.shared.errors import Missing

LOOKED_AT = 5000  # customers: everybody's attributes would take seconds
MOST_NAMES = 200


def by_public_id(public_id: UUID) -> Segment:
    """That segment. Raises `Missing`."""
    segment = db.session.scalar(select(Segment).where(Segment.public_id == public_id))
    if segment is None:
        raise Missing("There is no such segment.")
    return segment


def conditions(segment: Segment) -> Group:
    """What it asks. Raises `Invalid` when it asks about something that is no more."""
    return reading.parse(segment.query, "query")


def all_by_name() -> Select[Segment]:
    """Every segment, by name."""
    return select(Segment).order_by(func.lower(Segment.name), Segment.id)


def ready_missing() -> list[tuple[int, Ready]]:
    """The ready segments whose name none has, with their number."""
    taken = set(db.session.scalars(select(Segment.name)))
    return [(number, ready) for number, ready in enumerate(READY) if ready.name not in taken]


def attribute_names() -> list[str]:
    """The attributes that the newest customers have, by name."""
    newest = select(Customer.attributes).order_by(Customer.id.desc()).limit(LOOKED_AT).subquery()
    name = func.jsonb_object_keys(newest.c.attributes).label("name")
    return sorted(db.session.scalars(select(name).distinct().limit(MOST_NAMES)), key=str.lower)
