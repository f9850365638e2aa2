"""One deed for many customers: those ticked, or all who fit the filters."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth import audit
from app.auth.access import needs
from app.customers.jobs import bulk as jobs
from app.customers.models import BulkChange, BulkDeed
from app.customers.queries import people, people_csv
from app.customers.routes.blueprint import bp
from app.customers.routes.selection import selected, way_back
from app.customers.service import bulk
from app.customers.service.people import tags_in
from app.extensions import db
from app.shared import clock, queues
from app.shared.errors import Invalid, Refused

DONE = {BulkDeed.TAG: "got the tag", BulkDeed.UNTAG: "lost the tag", BulkDeed.ERASE: "erased"}


@bp.post("/customers/tag")
@needs("customers.write")
def tag_many() -> ResponseReturnValue:
    return _retag(BulkDeed.TAG)


@bp.post("/customers/untag")
@needs("customers.write")
def untag_many() -> ResponseReturnValue:
    return _retag(BulkDeed.UNTAG)


@bp.post("/customers/erase")
@needs("customers.erase")
def erase_many() -> ResponseReturnValue:
    """Settle whom it is for; their erasure begins when somebody has typed how many they are."""
    try:
        change = bulk.ask(BulkDeed.ERASE, selected(), current_user)
    except Invalid as error:
        return _back(error)
    db.session.commit()
    return redirect(url_for("customers.show_bulk", public_id=change.public_id))


@bp.post("/customers/export")
@needs("customers.write")
def export_many() -> ResponseReturnValue:
    conditions = selected()
    if "all" not in request.form and not request.form.getlist("chosen"):
        return _back(Invalid("Choose somebody first."))
    audit.record("customers.export", is_all="all" in request.form)
    db.session.commit()
    response = Response(stream_with_context(people_csv.as_csv(conditions)), mimetype="text/csv")
    name = f"customers {clock.now():%Y-%m-%d}.csv"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@bp.get("/customers/bulk/<uuid:public_id>")
@needs("customers.write")
def show_bulk(public_id: UUID) -> ResponseReturnValue:
    return render_template("customers/bulk.html", change=people.bulk_change(public_id))


@bp.get("/customers/bulk/<uuid:public_id>/progress")
@needs("customers.write")
def bulk_progress(public_id: UUID) -> ResponseReturnValue:
    return render_template("customers/_bulk_progress.html", change=people.bulk_change(public_id))


@bp.post("/customers/bulk/<uuid:public_id>/start")
@needs("customers.erase")
def start_bulk(public_id: UUID) -> ResponseReturnValue:
    change = people.bulk_change(public_id)
    try:
        bulk.start(change, current_user, request.form.get("typed", ""))
    except Invalid as error:
        return render_template("customers/bulk.html", change=change, error=str(error)), 422
    except Refused as error:
        db.session.rollback()
        flash(str(error), "warning")
        return redirect(url_for("customers.show_bulk", public_id=public_id))
    return _begun(change, url_for("customers.show_bulk", public_id=public_id))


def _retag(deed: BulkDeed) -> ResponseReturnValue:
    try:
        change = bulk.ask(deed, selected(), current_user, tags_in(request.form.get("tags", "").replace("\x00", "")))
    except Invalid as error:
        return _back(error)
    bulk.start(change, current_user)
    return _begun(change, way_back())


def _begun(change: BulkChange, to: str) -> ResponseReturnValue:
    """The first step at once: for few people it is the last, and nobody has to wait for a worker."""
    db.session.commit()
    step = jobs.take_step(change.id)
    if step and step.is_last:
        flash(f"Done: {change.changed:,} of {change.total:,} {DONE[change.deed]}.", "success")
        return redirect(to)
    queues.ring(queues.SYNC, jobs.go_on, change.id)
    return redirect(url_for("customers.show_bulk", public_id=change.public_id))


def _back(error: Invalid) -> ResponseReturnValue:
    db.session.rollback()
    flash(str(error), "warning")
    return redirect(way_back())
