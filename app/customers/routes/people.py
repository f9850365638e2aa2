"""The list of customers, narrowed down and sorted by what stands in its address."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.auth.access import needs
from app.customers.queries import filters as narrowed
from app.customers.queries import listing, people
from app.customers.queries.filters import Filters
from app.customers.queries.listing import ORDERS
from app.customers.routes.blueprint import bp
from app.customers.routes.selection import address
from app.customers.segments import queries as segment_queries
from app.extensions import db

MOST_SEGMENTS = 200  # in a list to choose from


@bp.get("/customers")
@needs("customers.view")
def index() -> ResponseReturnValue:
    filters, order = Filters.of(request.args), request.args.get("sort", "")
    order = order if order in ORDERS else next(iter(ORDERS))
    after, before = (request.args.get(name, type=UUID) for name in ("after", "before"))
    tests = narrowed.conditions(filters, one_by_one=True)
    part = listing.part(narrowed.conditions(filters), ORDERS[order], after, before, tests=tests)
    return render_template(
        "customers/index.html",
        part=part,
        filters=filters,
        chips=narrowed.chips(filters),
        order=order,
        address=address,
        **_choices(),
    )


@bp.get("/customers/count")
@needs("customers.view")
def count() -> ResponseReturnValue:
    found = listing.count(narrowed.conditions(Filters.of(request.args)))
    return render_template("customers/_count.html", count=found)


def _choices() -> dict[str, Any]:
    return {
        "orders": ORDERS,
        "consents": narrowed.CONSENTS,
        "active": narrowed.ACTIVE,
        "tags": people.tags_in_use(),
        "attributes": segment_queries.attribute_names(),
        "segments": db.session.scalars(segment_queries.all_by_name().limit(MOST_SEGMENTS)).all(),
    }
