"""What every door of imports does first: find the import, and lead away who is at the wrong one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug import Response

from app.auth import audit
from app.customers.imports import queries as import_queries
from app.customers.imports import service
from app.customers.imports.models import Import, ImportKind, ImportStatus
from app.customers.jobs import imports as jobs
from app.customers.routes import import_steps as steps
from app.extensions import db

EDITABLE = (ImportStatus.UPLOADED, ImportStatus.CHECKING)


def find(public_id: UUID) -> Import:
    """That import. Raises `Missing`."""
    return import_queries.by_public_id(public_id)


def find_locked(public_id: UUID) -> Import:
    """That import, locked until the commit, as it is now. Raises `Missing`."""
    query = select(Import).where(Import.id == find(public_id).id).with_for_update(of=Import, key_share=True)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def at_step(import_: Import, step: str) -> Import:
    """The import, if this step of the wizard is open; otherwise the browser is led where it may be."""
    if import_.status not in EDITABLE or import_.kind is ImportKind.RECIPIENTS or not import_.has_file:
        _lead_away(page_of(import_))
    if import_.status is ImportStatus.CHECKING and step != "check":
        _lead_away(url_of(import_, "check"), "The file is being checked; stop that first to change something.")
    if missing := steps.missing_before(import_, step):
        _lead_away(url_of(import_, missing.key), missing.wanted)
    return import_


def page_of(import_: Import) -> str:
    """The address of the import's page."""
    return url_for("customers.show_import", public_id=import_.public_id)


def url_of(import_: Import, step: str) -> str:
    """The address of a step of the wizard."""
    return url_for(f"customers.import_{step}", public_id=import_.public_id)


def committed(import_: Import, action: str, to: str, **details: Any) -> ResponseReturnValue:
    """Write the deed down, commit, and lead to `to`."""
    audit.record(action, import_, **details)
    db.session.commit()
    return redirect(to)


def ringing(import_: Import, action: str, to: str, **details: Any) -> ResponseReturnValue:
    """Write the deed down, commit, ring for whoever goes on with it, and lead to `to`."""
    answer = committed(import_, action, to, **details)
    if import_.status in jobs.DOORS:
        jobs.ring_for(import_)
    return answer


def step_page(import_: Import, step: str, **facts: Any) -> str:
    """The page of a step."""
    back = steps.before(step)
    return render_template(
        f"imports/{step}.html",
        import_=import_,
        trail=steps.trail(import_, step),
        back=url_of(import_, back.key) if back else None,
        earlier=next(iter(service.same_file(import_)), None),
        **facts,
    )


def _lead_away(to: str, sentence: str = "") -> None:
    db.session.rollback()
    if sentence:
        flash(sentence, "warning")
    answer: Response = redirect(to)
    abort(answer)
