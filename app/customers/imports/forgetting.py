"""Forgetting what imports changed once its time is over, batch by batch: from the first batch on it stays changed.

Lists of opt-outs keep their notes: these hold nobody's values, and say who else said no when another list is undone.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, select, text, update

from app.customers.imports.leases import UNDER_WAY
from app.customers.imports.models import Import, ImportChange, ImportKind, ImportStatus
from app.extensions import db
from app.shared import clock


def count(before: datetime) -> int:
    """How many rows of the journal are of imports that ended before that."""
    old = select(func.count()).select_from(ImportChange).join(Import, Import.id == ImportChange.import_id)
    return db.session.scalar(old.where(_is_over(before))) or 0


def forget(before: datetime, limit: int) -> int:
    """Delete up to so many of them, those of one import, and note there that it cannot be undone; how many."""
    import_ = _oldest(before)
    if import_ is None:
        return 0
    gone = db.session.execute(_FORGETTING, {"import": import_.id, "most": limit}).scalars().all()
    # What was found unchanged is not missed, but for an import that may still go on: so it knows who came before.
    if import_.changes_forgotten_at is None and (any(gone) or import_.status is ImportStatus.FAILED):
        # Nobody changed the import: the days of its file go on.
        noted = {"changes_forgotten_at": clock.now(), "updated_at": Import.updated_at}
        db.session.execute(update(Import).where(Import.id == import_.id).values(noted))
    return len(gone)


def _oldest(before: datetime) -> Import | None:
    """The first to end of those that are over, locked: whoever wants to undo it comes before us, or is refused."""
    is_journaled = exists().where(ImportChange.import_id == Import.id)
    query = select(Import).where(_is_over(before), is_journaled).order_by(Import.finished_at).limit(1)
    locked = query.with_for_update(of=Import, key_share=True, skip_locked=True)
    return db.session.scalar(locked.execution_options(populate_existing=True))


def _is_over(before: datetime) -> ColumnElement[bool]:
    at_rest = and_(Import.kind != ImportKind.OPT_OUTS, Import.status.not_in(UNDER_WAY))
    return and_(at_rest, Import.finished_at < before)


# The journal has no time of its own to go by: imports are few, and its key begins with theirs, which finds the rows.
_FORGETTING = text(
    """
    DELETE FROM import_changes WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM import_changes WHERE import_id = :import ORDER BY subject, subject_id LIMIT :most))
    RETURNING before <> '{}'
    """
)
