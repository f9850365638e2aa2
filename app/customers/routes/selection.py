"""Whom a page of the list means: those ticked on it, or all who fit its filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import request, url_for
from sqlalchemy import ColumnElement

from app.customers.models import Customer
from app.customers.queries import filters as narrowed
from app.customers.queries.filters import Filters


def selected() -> Sequence[ColumnElement[bool]]:
    """The SQL of whom this request's form means."""
    if "all" in request.form:
        return narrowed.conditions(Filters.of(request.form))
    return [Customer.public_id.in_(request.form.getlist("chosen", type=UUID))]


def address(filters: Filters, **more: object) -> str:
    """The address of the list with these filters."""
    arguments: dict[str, Any] = {**filters.as_args(), **{key: value for key, value in more.items() if value}}
    return url_for("customers.index", **arguments)


def way_back() -> str:
    """The list this request's form came from."""
    return address(Filters.of(request.form), sort=request.form.get("sort"))
