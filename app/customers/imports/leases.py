"""Who works on an import: one worker at a time, by a lease that it renews with each chunk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from app.customers.imports.models import IMPORT_STATES, Import, ImportKind, ImportStatus
from app.extensions import db
from app.shared import clock

# A worker renews it with each chunk, which takes about a second; so a minute means that it died.
LEASE = timedelta(seconds=60)
UNDER_WAY = (ImportStatus.CHECKING, ImportStatus.IMPORTING, ImportStatus.UNDOING)


def claim(import_id: int, status: ImportStatus) -> Import | None:
    """The import, ours to work on for `LEASE` from now; None when it is in other hands, or not in that state."""
    import_ = locked(import_id)
    if import_.status is not status or not _is_free(import_):
        return None
    return _renewed(import_)


def hold(import_id: int, status: ImportStatus, at_row: int | None = None) -> Import | None:
    """The import locked and its lease renewed, if it still is in that state and, if given, at that row.

    None means that somebody cancelled it, or went on with it after our lease ran out: then we must stop.
    """
    import_ = locked(import_id)
    if import_.status is not status or at_row not in (None, import_.last_row):
        return None
    return _renewed(import_)


def release(import_id: int) -> None:
    """Let another worker go on at once."""
    locked(import_id).lease_until = None
    db.session.flush()


def end(import_: Import, status: ImportStatus, error: str | None = None) -> None:
    """The work is over, well or not; `error` tells people why not."""
    IMPORT_STATES.move(import_, status)
    import_.error = error
    import_.lease_until, import_.finished_at = None, clock.now()
    db.session.flush()


def locked(import_id: int) -> Import:
    """The import as it is now, locked until the commit."""
    query = select(Import).where(Import.id == import_id).with_for_update(of=Import, key_share=True)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def stalled(now: datetime) -> Sequence[Import]:
    """Imports under way that no worker works on: ring for them again. Those of campaigns their campaigns see to."""
    return db.session.scalars(
        select(Import)
        .where(Import.status.in_(UNDER_WAY), Import.kind != ImportKind.RECIPIENTS)
        .where(or_(Import.lease_until.is_(None), Import.lease_until < now))
        .order_by(Import.id)
    ).all()


def _is_free(import_: Import) -> bool:
    return import_.lease_until is None or import_.lease_until < clock.now()


def _renewed(import_: Import) -> Import:
    import_.lease_until = clock.now() + LEASE
    db.session.flush()
    return import_
