"""The builder of segments. Without scripts every button posts the form, and it comes back as it was, one deed further;
with them its parts come alone."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth import audit
from app.auth.access import needs
from app.customers.routes.blueprint import bp
from app.customers.segments import queries as segment_queries
from app.customers.segments import tree as segment_tree
from app.customers.segments.models import Segment
from app.customers.segments.ready import READY
from app.customers.segments.sheet import Sheet
from app.customers.service import segments as service
from app.extensions import db
from app.shared.errors import Invalid, Missing


@bp.get("/segments/new")
@needs("customers.write")
def new_segment() -> ResponseReturnValue:
    """An empty form, or one filled with a ready segment (`?ready=`)."""
    if (number := request.args.get("ready", type=int)) is None:
        return _page(Sheet(), None)
    if not 0 <= number < len(READY):
        raise Missing("There is no such ready segment.")
    ready = READY[number]
    return _page(Sheet(segment_tree.of_json(ready.query), ready.name, ready.description), None)


@bp.post("/segments/new")
@needs("customers.write")
def create_segment() -> ResponseReturnValue:
    return _posted(None)


@bp.get("/segments/<uuid:public_id>/edit")
@needs("customers.write")
def edit_segment(public_id: UUID) -> ResponseReturnValue:
    segment = segment_queries.by_public_id(public_id)
    return _page(Sheet.of(segment), segment)


@bp.post("/segments/<uuid:public_id>/edit")
@needs("customers.write")
def change_segment(public_id: UUID) -> ResponseReturnValue:
    return _posted(segment_queries.by_public_id(public_id))


@bp.post("/segments/build")
@needs("customers.write")
def build_segment() -> ResponseReturnValue:
    """The conditions alone, after a button was pressed or another field was chosen; nothing is stored."""
    sheet = _sheet().after(request.form.get("do", "show"))
    return render_template("segments/_tree.html", **sheet.facts()), 200, {"HX-Trigger-After-Swap": "segment-shaped"}


@bp.post("/segments/look")
@needs("customers.write")
def look_at_segment() -> ResponseReturnValue:
    """The sentence, how many, five of them, and what is wrong at which condition; nothing is stored."""
    sheet = _sheet()
    return render_template("segments/_look.html", finding=sheet.finding(), faults=sheet.shown())


def _posted(segment: Segment | None) -> ResponseReturnValue:
    sheet, deed = _sheet(), request.form.get("do", "show")
    if deed != "save":
        return _page(sheet.after(deed), segment)
    is_new = segment is None
    try:
        if segment is None:
            segment = service.create(sheet.draft(), current_user)
        else:
            service.change(segment, sheet.draft())
    except Invalid as error:
        db.session.rollback()
        return _page(sheet.refused(error), None if is_new else segment), 422
    audit.record("segment.create" if is_new else "segment.change", segment)
    db.session.commit()
    flash(f"{segment.name} is saved.", "success")
    return redirect(url_for("customers.show_segment", public_id=segment.public_id))


def _sheet() -> Sheet:
    """The form as it was sent."""
    name, description = (request.form.get(it, "").replace("\x00", "") for it in ("name", "description"))
    return Sheet(segment_tree.of_form(request.form), name, description, is_tried="tried" in request.form)


def _page(sheet: Sheet, segment: Segment | None) -> str:
    finding = sheet.finding()
    return render_template(
        "segments/build.html",
        segment=segment,
        uses=service.used_by(segment) if segment else [],
        finding=finding,
        **sheet.facts(),
    )
