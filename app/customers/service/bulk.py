"""Deeds for many customers at once: settled whom they are for, then done a step a transaction.

Killed anywhere and begun again, nobody is left out and nobody gets it twice. These verbs flush; the door commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, text

from app.auth import audit
from app.auth.models import User
from app.customers.models import BulkChange, BulkDeed, Customer
from app.customers.privacy import erasure
from app.customers.segments.people import bounds
from app.customers.service.profiles import MOST_TAGS
from app.extensions import db
from app.shared import clock
from app.shared.errors import Invalid, Refused

STEP = {BulkDeed.TAG: 2_000, BulkDeed.UNTAG: 2_000, BulkDeed.ERASE: 50}
MOST_ERASED = 10_000  # each is searched for in all that was ever said


@dataclass(frozen=True, slots=True)
class Step:
    """What one step left: whether it was the last."""

    is_last: bool


def ask(deed: BulkDeed, whom: Sequence[ColumnElement[bool]], by: User, tags: Sequence[str] = ()) -> BulkChange:
    """Settle whom it is for: everybody of whom this is true now. `start` begins it.

    Raises `Invalid` where there is nobody, or nothing to be done to them.
    """
    if deed is not BulkDeed.ERASE and not tags:
        raise Invalid("Write a tag first.", "tags")
    with bounds():
        ids = db.session.scalar(select(func.array_agg(Customer.id)).where(*whom)) or []
    if not ids:
        raise Invalid("Choose somebody first.", "chosen")
    if deed is BulkDeed.ERASE and len(ids) > MOST_ERASED:
        raise Invalid(f"At most {MOST_ERASED:,} people can be erased at once; narrow the list down first.", "chosen")
    change = BulkChange(deed=deed, tags=list(tags), customer_ids=sorted(ids), total=len(ids), asked_by=by.id)
    db.session.add(change)
    db.session.flush()
    return change


def start(change: BulkChange, by: User, typed: str = "") -> None:
    """Begin. Whoever erases has typed how many. Raises `Invalid` where that is wrong, `Refused` when it has begun."""
    db.session.refresh(change, with_for_update=True)
    if change.started_at:
        raise Refused("This has begun already.")
    if change.deed is BulkDeed.ERASE and typed.strip().replace(",", "") != str(change.total):
        raise Invalid(f"Type {change.total} to say that you mean it.", "typed")
    change.started_at = clock.now()
    audit.record(f"customers.{change.deed}", change, by=by, total=change.total, tags=change.tags)


def take_step(change_id: int) -> Step | None:
    """Do it for the next so many. None when it is done, has not begun, or is in other hands just now."""
    change = db.session.scalar(
        select(BulkChange)
        .where(BulkChange.id == change_id, BulkChange.started_at.is_not(None), BulkChange.finished_at.is_(None))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if change is None:
        return None
    ids = _next_ids(change)
    if change.deed is BulkDeed.ERASE:
        _erase(change, ids)
    else:
        _retag(change, ids)
    change.done += len(ids)
    if change.done >= change.total:
        change.finished_at, change.customer_ids = clock.now(), []
    db.session.flush()
    return Step(change.finished_at is not None)


def unfinished() -> Sequence[int]:
    """Those that somebody should ring for, the oldest first."""
    begun = select(BulkChange.id).where(BulkChange.started_at.is_not(None), BulkChange.finished_at.is_(None))
    return db.session.scalars(begun.order_by(BulkChange.id)).all()


def _next_ids(change: BulkChange) -> list[int]:
    """A slice of the list, which stays where it is: it may be long."""
    piece = text("SELECT customer_ids[:first : :last] FROM bulk_changes WHERE id = :id")
    bounds_ = {"first": change.done + 1, "last": change.done + STEP[change.deed], "id": change.id}
    return list(db.session.scalar(piece, bounds_) or [])


def _erase(change: BulkChange, ids: Sequence[int]) -> None:
    people = db.session.scalars(select(Customer).where(Customer.id.in_(ids)).order_by(Customer.id)).all()
    if people:
        change.changed += len(people)
        by = db.session.get(User, change.asked_by) if change.asked_by else None
        erasure.erase_many(people, by)


def _retag(change: BulkChange, ids: Sequence[int]) -> None:
    # In the order of ids, as whoever else locks several customers.
    locked = select(Customer.id).where(Customer.id.in_(ids)).order_by(Customer.id).with_for_update(key_share=True)
    parameters = {"ids": list(db.session.scalars(locked)), "tags": change.tags}
    change.changed += len(db.session.execute(_RETAG[change.deed], parameters).all())


_RETAG = {
    # Whoever has as many as there may be stays as they are.
    BulkDeed.TAG: text(
        f"""
        UPDATE customers SET updated_at = statement_timestamp(), tags = tags || ARRAY(
            SELECT tag FROM unnest(CAST(:tags AS text[])) WITH ORDINALITY n(tag, i) WHERE tag <> ALL (tags) ORDER BY i)
        WHERE id = ANY(CAST(:ids AS bigint[])) AND NOT tags @> CAST(:tags AS text[])
          AND cardinality(tags) + cardinality(CAST(:tags AS text[])) <= {MOST_TAGS}
        RETURNING id
        """
    ),
    BulkDeed.UNTAG: text(
        """
        UPDATE customers SET updated_at = statement_timestamp(), tags = ARRAY(
            SELECT tag FROM unnest(tags) WITH ORDINALITY n(tag, i) WHERE tag <> ALL (CAST(:tags AS text[])) ORDER BY i)
        WHERE id = ANY(CAST(:ids AS bigint[])) AND tags && CAST(:tags AS text[])
        RETURNING id
        """
    ),
}
