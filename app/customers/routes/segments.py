"""Pages of segments: the list, one with its people, and what is done with them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth import audit
from app.auth.access import needs
from app.customers.routes.blueprint import bp
from app.customers.segments import export as segment_csv
from app.customers.segments import people, sentences
from app.customers.segments import queries as segment_queries
from app.customers.segments.models import Segment
from app.customers.service import segments as service
from app.extensions import db
from app.shared import clock
from app.shared.errors import Invalid, Refused
from app.shared.pagination import page_of

AT_ONCE = 50
NEWEST = 2**63 - 1


@bp.get("/segments")
@needs("customers.view")
def segments() -> ResponseReturnValue:
    page = page_of(segment_queries.all_by_name(), request.args.get("page", 1, int))
    return render_template(
        "segments/index.html",
        page=page,
        sentences={segment.id: sentence_of(segment) for segment in page.items},
        uses={segment.id: service.used_by(segment) for segment in page.items},
        ready=segment_queries.ready_missing(),
    )


@bp.post("/segments/ready")
@needs("customers.write")
def make_ready_segments() -> ResponseReturnValue:
    made = service.ensure_ready()
    audit.record("segment.ready", made=made)
    db.session.commit()
    flash(f"{made} segments are there to be used and changed." if made else "There are segments already.", "success")
    return redirect(url_for("customers.segments"))


@bp.get("/segments/<uuid:public_id>")
@needs("customers.view")
def show_segment(public_id: UUID) -> ResponseReturnValue:
    segment = segment_queries.by_public_id(public_id)
    return render_template(
        "segments/show.html",
        segment=segment,
        sentence=sentence_of(segment),
        uses=service.used_by(segment),
        **_people(segment, request.args.get("before", type=int)),
    )


@bp.get("/segments/<uuid:public_id>/count")
@needs("customers.view")
def count_segment(public_id: UUID) -> ResponseReturnValue:
    """How many it is now, for the list."""
    segment = segment_queries.by_public_id(public_id)
    trouble = ""
    try:
        service.count(segment)
        db.session.commit()
    except (Invalid, Refused) as error:
        db.session.rollback()
        segment, trouble = segment_queries.by_public_id(public_id), str(error)
    return render_template("segments/_count.html", segment=segment, trouble=trouble)


@bp.post("/segments/<uuid:public_id>/copy")
@needs("customers.write")
def copy_segment(public_id: UUID) -> ResponseReturnValue:
    source = segment_queries.by_public_id(public_id)
    copy = service.copy(source, current_user)
    audit.record("segment.copy", copy, of=source.id)
    db.session.commit()
    flash("This is a copy; give it its own name.", "success")
    return redirect(url_for("customers.edit_segment", public_id=copy.public_id))


@bp.post("/segments/<uuid:public_id>/delete")
@needs("customers.write")
def delete_segment(public_id: UUID) -> ResponseReturnValue:
    segment = segment_queries.by_public_id(public_id)
    name = segment.name
    try:
        audit.record("segment.delete", segment, name=name)
        service.delete(segment)
    except Refused as refusal:
        db.session.rollback()
        flash(str(refusal), "warning")
        return redirect(url_for("customers.show_segment", public_id=public_id))
    db.session.commit()
    flash(f"{name} is deleted. Its people stay.", "success")
    return redirect(url_for("customers.segments"))


@bp.get("/segments/<uuid:public_id>/people.csv")
@needs("customers.write")
def export_segment(public_id: UUID) -> ResponseReturnValue:
    segment = segment_queries.by_public_id(public_id)
    lines = segment_csv.people(segment_queries.conditions(segment))
    audit.record("segment.export", segment)
    db.session.commit()
    answer = Response(stream_with_context(lines), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{' '.join(segment.name.split())}.csv")
    return answer


def sentence_of(segment: Segment) -> str:
    """What it asks for in words; of one that asks for what is no more, that."""
    try:
        return sentences.sentence(segment_queries.conditions(segment))
    except Invalid as error:
        return f"This segment must be mended: {error}"


def _people(segment: Segment, before: int | None) -> dict[str, Any]:
    """A page of who is in it, the newest first; and how many they are, which the list remembers."""
    before = before if before is not None and 0 < before < NEWEST else None
    try:
        found = people.look(segment_queries.conditions(segment), AT_ONCE + 1, before)
    except (Invalid, Refused) as error:
        return {"trouble": str(error), "found": [], "older": None, "is_first": True}
    segment.counted, segment.counted_at = found.count, clock.now()
    db.session.commit()
    shown = list(found.sample)[:AT_ONCE]
    older = shown[-1].id if len(found.sample) > AT_ONCE else None
    return {"trouble": "", "found": shown, "older": older, "is_first": before is None}
