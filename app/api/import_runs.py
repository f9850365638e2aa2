"""Calls that check, start, cancel, undo and throw away an import, and list the rows it could not use."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import PurePath
from typing import Any
from uuid import UUID

from flask import Response, stream_with_context

from app.api import imports
from app.api.access import admit, caller
from app.api.calls import call
from app.api.imports import IMPORT, TAG
from app.api.paging import paged
from app.api.schemas.imports import FaultFilter, FaultOut, FaultPage, ImportDetail, UndoIn
from app.api.whereabouts import locked_import
from app.auth import audit
from app.customers.imports import given_back, outlook, service
from app.customers.imports import queries as import_queries
from app.customers.imports.models import Import, ImportFault, ImportStatus
from app.customers.jobs import imports as jobs
from app.extensions import db
from app.shared import queues
from app.shared.pagination import page_of

# Who goes on with an import in that state.
JOBS = {ImportStatus.CHECKING: jobs.check, ImportStatus.IMPORTING: jobs.run, ImportStatus.UNDOING: jobs.undo}


@call("POST", f"{IMPORT}/check", "customers.write", tag=TAG, answer=ImportDetail, status=202, refusals=(409,))
def check_import(import_id: UUID) -> Any:
    """See what a file would bring; nothing is imported. Its `findings` are there when it is `uploaded` again."""
    return _done(import_id, "check", service.start_check), 202


@call("POST", f"{IMPORT}/start", "customers.write", tag=TAG, answer=ImportDetail, status=202, refusals=(409,))
def start_import(import_id: UUID) -> Any:
    """Bring the file's rows in. Follow it with `GET /imports/{id}`."""
    return _done(import_id, "start", service.start), 202


@call("POST", f"{IMPORT}/cancel", "customers.write", tag=TAG, answer=ImportDetail, refusals=(409,))
def cancel_import(import_id: UUID) -> Any:
    """Stop a check, or an import where it stands. What was brought in stays until it is undone."""
    return _done(import_id, "cancel", service.cancel)


@call("POST", f"{IMPORT}/undo", "customers.erase", tag=TAG, answer=ImportDetail, status=202, refusals=(409,))
def undo_import(import_id: UUID, json: UndoIn) -> Any:
    """Take back what an import made or changed, unless it was touched since.

    That of opt-outs makes people reachable again: it is for owners, and needs a `reason`.
    """
    admit(outlook.needed_to_undo(import_queries.by_public_id(import_id)))
    reason = (json.reason or "").strip()
    verb = partial(service.start_undo, reason=reason)
    return _done(import_id, "undo", verb, **({"reason": reason} if reason else {})), 202


@call("DELETE", IMPORT, "customers.write", tag=TAG, status=204, refusals=(409,))
def discard_import(import_id: UUID) -> Any:
    """Throw away a file of which nothing was imported."""
    import_ = locked_import(import_id)
    audit.record("import.discard", import_, by=caller(), file=import_.file_name)
    service.discard(import_)
    db.session.commit()
    return "", 204


@call("GET", f"{IMPORT}/errors", "customers.view", tag=TAG, answer=FaultPage)
def list_import_errors(import_id: UUID, query: FaultFilter) -> Any:
    """List the rows that were not used, in the file's order."""
    faults = import_queries.faults(import_queries.by_public_id(import_id), is_duplicate=query.is_duplicate)
    return paged(FaultPage, page_of(faults, query.page, query.limit), _fault)


@call("GET", f"{IMPORT}/errors.csv", "customers.view", tag=TAG)
def import_errors(import_id: UUID) -> Any:
    """The rows that were not used, as CSV: row number, reason, then the file's own columns."""
    import_ = import_queries.by_public_id(import_id)
    answer = Response(stream_with_context(given_back.as_csv(import_)), mimetype="text/csv")
    name = f"{PurePath(import_.file_name).stem} - not imported.csv"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _done(import_id: UUID, deed: str, verb: Callable[[Import], None], **details: str) -> ImportDetail:
    import_ = locked_import(import_id)
    verb(import_)
    audit.record(f"import.{deed}", import_, by=caller(), file=import_.file_name, **details)
    db.session.commit()
    if job := JOBS.get(import_.status):
        queues.ring(queues.IMPORTS, job, import_.id)
    return imports.detail(import_)


def _fault(fault: ImportFault) -> FaultOut:
    return FaultOut(row=fault.row_number, reason=fault.reason, is_duplicate=fault.is_duplicate, original=fault.original)
