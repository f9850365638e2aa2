"""What this room and those below need not keep for ever: files, traces of imports, the audit log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.auth.models import AuditEntry, DeviceSession
from app.customers.imports import forgetting
from app.customers.imports.leases import UNDER_WAY
from app.customers.imports.models import Import, ImportFault
from app.customers.privacy import register
from app.customers.privacy.retention import Kind
from app.extensions import Base, db
from app.storage import files, lost

PURGED = ""  # the key of a file that is gone


def kind_of_rows(
    name: str, label: str, model: type[Base], moment: InstrumentedAttribute[datetime], days: int | None
) -> Kind:
    """A kind whose rows are deleted when their `moment` is past."""

    def count(before: datetime) -> int:
        return db.session.scalar(select(func.count()).select_from(model).where(moment < before)) or 0

    def purge(before: datetime, limit: int) -> int:
        key = model.__table__.c.id
        oldest = select(key).where(moment < before).order_by(moment).limit(limit).with_for_update(skip_locked=True)
        gone = delete(model).where(key.in_(oldest)).returning(key)
        return len(db.session.execute(gone, execution_options={"synchronize_session": False}).all())

    return Kind(name, label, count, purge, days)


def _has_old_file(before: datetime) -> ColumnElement[bool]:
    """Those of uploads that nobody went on with are old, too; not what a campaign has still to read."""
    needed = (Import.id.in_(room.uploads) for room in register.rooms() if room.uploads is not None)
    is_idle = and_(Import.status.not_in(UNDER_WAY), *(~is_needed for is_needed in needed))
    return and_(is_idle, Import.file_key != PURGED, Import.updated_at < before)


def _count_files(before: datetime) -> int:
    return db.session.scalar(select(func.count()).select_from(Import).where(_has_old_file(before))) or 0


def _purge_files(before: datetime, limit: int) -> int:
    """The file first: an import that names a file which is gone says so, a file that nobody names stays for ever."""
    oldest = select(Import).where(_has_old_file(before)).order_by(Import.id).limit(limit)
    found = db.session.scalars(oldest.with_for_update(skip_locked=True)).all()
    for import_ in found:
        files.delete(import_.file_key)
        import_.file_key = PURGED
    db.session.flush()
    return len(found)


KINDS = (
    Kind("import_files", "Uploaded files", _count_files, _purge_files, 90),
    Kind(
        "import_changes",
        "Earlier values that undoing an import would bring back",
        forgetting.count,
        forgetting.forget,
        90,
    ),
    kind_of_rows("import_errors", "Rows that could not be imported", ImportFault, ImportFault.created_at, 180),
    kind_of_rows("audit_entries", "The audit log", AuditEntry, AuditEntry.created_at, None),
    kind_of_rows("device_sessions", "Sessions that have ended", DeviceSession, DeviceSession.expires_at, 90),
    # A file named only by a form that somebody left open in a browser is not lost yet.
    Kind("lost_files", "Files that nothing uses", lost.count, lost.purge, 7, least=2),
)
