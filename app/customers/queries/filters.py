"""What a list of customers is narrowed down to, as it stands in the address of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from app.customers.imports import queries as import_queries
from app.customers.imports.models import Import
from app.customers.models import Customer
from app.customers.queries import search
from app.customers.segments import compiling, reading
from app.customers.segments import queries as segment_queries
from app.customers.segments.models import Segment
from app.shared.errors import Missing

CONSENTS = {"in": "Opted in", "out": "Opted out", "unknown": "Never asked", "suppressed": "Suppressed"}
ACTIVE = {
    "7 days": "Wrote in the last 7 days",
    "30 days": "Wrote in the last 30 days",
    "90 days": "Wrote in the last 90 days",
    "not 90 days": "Did not write in the last 90 days",
    "never": "Never wrote",
}
NOT = "not "


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in words, and the filters without it."""

    words: str
    without: Filters


@dataclass(frozen=True, slots=True)
class Filters:
    """What was asked for; an empty text asks for nothing. `segment` and `imported` are public ids."""

    search: str = ""
    tag: str = ""
    consent: str = ""
    active: str = ""
    city: str = ""
    attribute: str = ""
    value: str = ""
    segment: str = ""
    imported: str = ""

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Filters:
        """The filters of a request's arguments; choices that there are not ask for nothing."""
        told = {one.name: " ".join(said.get(one.name, "").replace("\x00", "").split()) for one in fields(cls)}
        for name, choices in (("consent", CONSENTS), ("active", ACTIVE)):
            told[name] = told[name] if told[name] in choices else ""
        if not told["attribute"]:
            told["value"] = ""
        return cls(**told)

    def as_args(self) -> dict[str, str]:
        """As they stand in an address."""
        return {one.name: value for one in fields(self) if (value := getattr(self, one.name))}

    def __bool__(self) -> bool:
        return bool(self.as_args())


def conditions(filters: Filters, *, one_by_one: bool = False) -> list[ColumnElement[bool]]:
    """The SQL of what is asked; `one_by_one` as is best for a query that comes past people anyway.

    Raises `Invalid` for what cannot be asked, `Missing` for a segment that is gone.
    """
    asked: list[ColumnElement[bool]] = []
    if told := list(_told(filters)):
        asked.append(compiling.where(reading.parse({"logic": "AND", "conditions": told})))
    if filters.segment:
        asked.append(compiling.where(segment_queries.conditions(_segment(filters.segment))))
    if filters.imported:
        asked.append(Customer.import_id == _import(filters.imported).id)
    if not filters.search:
        return asked
    return [*asked, search.is_meant(filters.search)] if one_by_one else [search.found_by(filters.search, asked)]


def chips(filters: Filters) -> list[Chip]:
    """Each filter that is set, in words."""
    told = {
        "search": lambda: f"“{filters.search}”",
        "tag": lambda: f"Tag: {filters.tag}",
        "consent": lambda: CONSENTS[filters.consent],
        "active": lambda: ACTIVE[filters.active],
        "city": lambda: f"City: {filters.city}",
        "attribute": lambda: f"{filters.attribute}: {filters.value or 'anything'}",
        "segment": lambda: f"Segment: {_segment(filters.segment).name}",
        "imported": lambda: f"Import: {_import(filters.imported).file_name}",
    }
    both = {"attribute": {"attribute": "", "value": ""}}
    set_ = [name for name in told if getattr(filters, name)]
    return [Chip(told[name](), replace(filters, **both.get(name, {name: ""}))) for name in set_]


def _told(filters: Filters) -> Iterator[dict[str, Any]]:
    """As a segment would ask it."""
    if filters.tag:
        yield {"field": "tags", "operator": "has", "value": filters.tag}
    if filters.consent:
        yield {"field": "consent", "operator": "is", "value": filters.consent}
    if filters.active == "never":
        yield {"field": "last_inbound_at", "operator": "is_not_set"}
    elif filters.active:
        operator = "not_in_last" if filters.active.startswith(NOT) else "in_last"
        yield {"field": "last_inbound_at", "operator": operator, "value": filters.active.removeprefix(NOT)}
    if filters.city:
        yield {"field": "city", "operator": "is", "value": filters.city}
    if filters.attribute:
        asked = {"operator": "is", "value": filters.value} if filters.value else {"operator": "is_set"}
        yield {"field": f"attributes.{filters.attribute}", **asked}


def _segment(public_id: str) -> Segment:
    return segment_queries.by_public_id(_uuid(public_id))


def _import(public_id: str) -> Import:
    return import_queries.by_public_id(_uuid(public_id))


def _uuid(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError as error:
        raise Missing("There is nothing under this address.") from error
