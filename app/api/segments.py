"""Calls on segments: keep them, ask who is in them, and learn what can be asked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.api import customers
from app.api.access import caller
from app.api.calls import call
from app.api.paging import Paging, paged
from app.api.schemas.customers import CustomerPage
from app.api.schemas.segments import (
    ChoiceOut,
    FieldOut,
    FieldsOut,
    OperatorOut,
    Preview,
    Seen,
    SegmentChange,
    SegmentDetail,
    SegmentFilter,
    SegmentIn,
    SegmentOut,
    SegmentPage,
)
from app.auth import audit
from app.customers.segments import people, reading, registry, sentences
from app.customers.segments import queries as segment_queries
from app.customers.segments.fields import Field
from app.customers.segments.models import Segment
from app.customers.service import segments
from app.customers.service.segments import Draft
from app.extensions import db
from app.shared.errors import Invalid
from app.shared.pagination import page_of

TAG = "Segments"
SEGMENT = "/segments/<uuid:segment_id>"


@call("GET", "/segments", "customers.view", tag=TAG, answer=SegmentPage)
def list_segments(query: SegmentFilter) -> Any:
    """List segments, by name."""
    found = segment_queries.all_by_name()
    if query.search.strip():
        found = found.where(Segment.name.icontains(query.search.strip(), autoescape=True))
    return paged(SegmentPage, page_of(found, query.page, query.limit), lambda one: SegmentOut(**_facts(one)))


@call("POST", "/segments", "customers.write", tag=TAG, answer=SegmentDetail, status=201)
def create_segment(json: SegmentIn) -> Any:
    """Keep a segment."""
    segment = segments.create(Draft(json.name, json.query, json.description), caller())
    return _committed(segment, "segment.create"), 201


@call("GET", "/segments/fields", "customers.view", tag=TAG, answer=FieldsOut)
def list_segment_fields() -> Any:
    """What segments can ask about: fields, their operators and kinds, and values to choose from."""
    return FieldsOut(items=[_field(it) for it in registry.FIELDS.values()])


@call("POST", "/segments/preview", "customers.view", tag=TAG, answer=Seen, refusals=(409,))
def preview_segment(json: Preview) -> Any:
    """Who answers to conditions now: how many, the newest of them, and the conditions in words. Nothing is kept."""
    group = reading.parse(json.query, "query")
    reading.check_names(group, "query")
    look = people.look(group)
    shown = [customers.shown(customer) for customer in look.sample]
    return Seen(sentence=sentences.sentence(group), count=look.count, sample=shown)


@call("GET", SEGMENT, "customers.view", tag=TAG, answer=SegmentDetail)
def show_segment(segment_id: UUID) -> Any:
    """Show a segment, and what uses it."""
    return _detail(segment_queries.by_public_id(segment_id))


@call("PUT", SEGMENT, "customers.write", tag=TAG, answer=SegmentDetail)
def change_segment(segment_id: UUID, json: SegmentChange) -> Any:
    """Change a segment; what is left out stays as it is. Campaigns that have begun keep the people they have."""
    segment = segment_queries.by_public_id(segment_id)
    said = json.model_dump(exclude_none=True)
    kept = {name: getattr(segment, name) for name in SegmentChange.model_fields}
    segments.change(segment, Draft(**kept | said))
    return _committed(segment, "segment.change", fields=sorted(said))


@call("POST", f"{SEGMENT}/copy", "customers.write", tag=TAG, answer=SegmentDetail, status=201)
def copy_segment(segment_id: UUID) -> Any:
    """Keep another segment with the same conditions, named after this one."""
    source = segment_queries.by_public_id(segment_id)
    return _committed(segments.copy(source, caller()), "segment.copy", of=source.id), 201


@call("DELETE", SEGMENT, "customers.write", tag=TAG, status=204, refusals=(409,))
def delete_segment(segment_id: UUID) -> Any:
    """Delete a segment. 409 while something uses it; the sentence says what."""
    segment = segment_queries.by_public_id(segment_id)
    audit.record("segment.delete", segment, by=caller(), name=segment.name)
    segments.delete(segment)
    db.session.commit()
    return "", 204


@call("GET", f"{SEGMENT}/customers", "customers.view", tag=TAG, answer=CustomerPage, refusals=(409,))
def list_segment_customers(segment_id: UUID, query: Paging) -> Any:
    """List who is in a segment now, the newest first."""
    group = segment_queries.conditions(segment_queries.by_public_id(segment_id))
    with people.bounds():
        page = page_of(people.matching(group), query.page, query.limit)
    return paged(CustomerPage, page, customers.shown)


def _committed(segment: Segment, deed: str, **details: Any) -> SegmentDetail:
    audit.record(deed, segment, by=caller(), **details)
    db.session.commit()
    return _detail(segment)


def _detail(segment: Segment) -> SegmentDetail:
    return SegmentDetail(**_facts(segment), used_by=segments.used_by(segment))


def _facts(segment: Segment) -> dict[str, Any]:
    told = {name: getattr(segment, name) for name in SegmentOut.model_fields if name not in ("id", "sentence")}
    return told | {"id": segment.public_id, "sentence": _sentence(segment)}


def _sentence(segment: Segment) -> str | None:
    try:
        return sentences.sentence(segment_queries.conditions(segment))
    except Invalid:
        return None


def _field(field: Field) -> FieldOut:
    return FieldOut(
        name=field.name,
        label=field.label,
        theme=field.theme,
        kind=field.kind,
        takes_since=field.takes_since,
        operators=[OperatorOut(name=it.name, label=it.label, takes=it.takes) for it in field.offers],
        choices=[ChoiceOut(value=value, label=label) for value, label in (field.choices() if field.choices else ())],
        parts=segment_queries.attribute_names() if field.has_parts else [],
    )
