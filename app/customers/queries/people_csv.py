"""Customers as CSV, to be opened in a spreadsheet and to be imported again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.customers.models import Customer
from app.customers.segments.people import bounds
from app.extensions import db
from app.shared import csv_table

AT_ONCE = 1000
MOST_ATTRIBUTES = 200
HEADER = ["Phone", "User id", "Name", "Email", "City", "Time zone", "Language", "Tags", "Opted in", "Opted in at"]
HEADER += ["Opted out at", "Last wrote", "Added"]


def as_csv(conditions: Sequence[ColumnElement[bool]]) -> Iterator[str]:
    """Everybody of whom this is true, line by line, the newest first; times in UTC, a column for each attribute."""
    names = _attribute_names(conditions)
    return csv_table.export(_lines(conditions, names), [*HEADER, *names])


def _attribute_names(conditions: Sequence[ColumnElement[bool]]) -> list[str]:
    known = select(Customer.attributes).where(*conditions, Customer.attributes != {}).subquery()
    name = func.jsonb_object_keys(known.c.attributes).label("name")
    with bounds():
        return sorted(db.session.scalars(select(name).distinct().limit(MOST_ATTRIBUTES)), key=str.lower)


def _lines(conditions: Sequence[ColumnElement[bool]], names: Sequence[str]) -> Iterator[list[Any]]:
    """Asked for at the first line and not before: a streamed answer has a session of its own."""
    query = select(Customer.__table__).where(*conditions).order_by(Customer.id.desc())
    for row in db.session.execute(query, execution_options={"yield_per": AT_ONCE}):
        yield [*_facts(row), *(_cell(row.attributes.get(name)) for name in names)]


def _facts(row: Any) -> list[Any]:
    told = [row.phone, row.user_id, row.name, row.email, row.city, row.zone, row.locale, ", ".join(row.tags)]
    times = (row.marketing_opt_in_at, row.marketing_opt_out_at, row.last_inbound_at, row.created_at)
    return [*told, "yes" if row.marketing_opt_in else "no", *map(_stamp, times)]


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _stamp(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
