"""What undoing an import would take back and what it would leave, before anything is done."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from app.auth import workspace
from app.customers.imports import journal, opt_outs_sql
from app.customers.imports.models import IMPORT_STATES, Import, ImportKind, ImportStatus
from app.customers.imports.opt_outs import facts_of
from app.customers.models import Customer, Sale
from app.extensions import Base, db
from app.shared.errors import Refused
from app.shared.state import words

SUBJECTS: dict[ImportKind, tuple[type[Base], str]] = {
    ImportKind.CUSTOMERS: (Customer, "customer"),
    ImportKind.SALES: (Sale, "sale"),
}


class Outlook(NamedTuple):
    """How many rows the import created and would go, how many it changed and would become as they were, and how
    many stay because they were touched since.

    Of opt-outs: addresses that leave the list, customers whose no is taken back, addresses that another list names,
    too; and how many of the customers had said yes before or since.
    """

    created: int
    changed: int
    left: int
    reachable: int = 0


def require_undoable(import_: Import) -> None:
    """Raises `Refused` where there is nothing that could be undone, or no longer: half of it is none."""
    if import_.kind is ImportKind.RECIPIENTS or not IMPORT_STATES.allows(import_.status, ImportStatus.UNDOING):
        raise Refused(f"This import is {words(import_.status)}; there is nothing to undo.")
    if at := import_.changes_forgotten_at:
        day = f"{at.astimezone(workspace.zone()):%-d %b %Y}"
        raise Refused(f"What this import changed was forgotten on {day} by the retention rule; it cannot be undone.")


def needed_to_undo(import_: Import) -> str:
    """The permission that it takes: whoever may lift a suppression makes people reachable again."""
    return "settings.write" if import_.kind is ImportKind.OPT_OUTS else "customers.erase"


def of(import_: Import) -> Outlook:
    """The outlook now; who touches a row meanwhile keeps it."""
    if import_.kind is ImportKind.OPT_OUTS:
        return Outlook(*db.session.execute(text(opt_outs_sql.OUTLOOK), facts_of(import_)).one())
    model, subject = SUBJECTS[import_.kind]
    created, untouched = db.session.execute(text(_created(model)), {"import": import_.id}).one()
    asked = {"import": import_.id, "subject": subject}
    changed, unchanged_since = db.session.execute(text(_changed(model)), asked).one()
    return Outlook(untouched, unchanged_since, created - untouched + changed - unchanged_since)


def _created(model: type[Base]) -> str:
    return f"""
    SELECT (SELECT count(*) FROM {model.__tablename__} WHERE import_id = :import),
           (SELECT count(*) FROM {model.__tablename__} t WHERE t.import_id = :import AND {journal.untouched(model)})
    """  # noqa: S608  names of our own tables and columns


def _changed(model: type[Base]) -> str:
    return f"""
    SELECT count(*), count(*) FILTER (WHERE t.updated_at = j.changed_at)
    FROM import_changes j LEFT JOIN {model.__tablename__} t ON t.id = j.subject_id
    WHERE j.import_id = :import AND j.subject = :subject AND j.before <> '{{}}'
    """  # noqa: S608  names of our own tables and columns
