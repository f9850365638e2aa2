"""An import's own page: how it goes, what came of its rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.auth.access import can, needs
from app.customers.imports import queries as import_queries
from app.customers.imports import service
from app.customers.imports.forms import KINDS
from app.customers.imports.models import Import
from app.customers.routes import import_door as door
from app.customers.routes import import_steps as steps
from app.customers.routes.blueprint import bp
from app.shared import phone
from app.shared.errors import Missing
from app.shared.pagination import page_of

# What a number counts, and the words above its rows.
BROUGHT = {"new": "New", "updated": "Changed"}
FAULTS = {"invalid": "Unusable rows", "duplicates": "Duplicates"}


@bp.get("/imports/<uuid:public_id>")
@needs("customers.view")
def show_import(public_id: UUID) -> ResponseReturnValue:
    """The import's page; while it is being prepared, for those who may, the step where it stands."""
    import_ = door.find(public_id)
    is_prepared = import_.status in door.EDITABLE and import_.kind in KINDS and import_.has_file
    if is_prepared and can("customers.write"):
        return redirect(door.url_of(import_, steps.first_open(import_).key))
    labels = {field.name: field.label for field in service.fields_of(import_.kind)}
    country = phone.country(import_.rules.get("region", ""))
    return _page(import_, "show", labels=labels, country=country, by=import_queries.by_whom(import_))


@bp.get("/imports/<uuid:public_id>/live")
@needs("customers.view")
def import_live(public_id: UUID) -> ResponseReturnValue:
    return _page(door.find(public_id), "_live")


@bp.get("/imports/<uuid:public_id>/rows/<what>")
@needs("customers.view")
def import_rows(public_id: UUID, what: str) -> ResponseReturnValue:
    """The rows behind one of the import's numbers."""
    import_, number = door.find(public_id), request.args.get("page", 1, int)
    if what in FAULTS:
        page = page_of(import_queries.faults(import_, is_duplicate=what == "duplicates"), number)
        return render_template("imports/faults.html", import_=import_, page=page, title=FAULTS[what])
    if what not in BROUGHT:
        raise Missing("An import has no such rows.")
    page = import_queries.brought(import_, what, number)
    return render_template("imports/brought.html", import_=import_, page=page, title=BROUGHT[what], what=what)


def _page(import_: Import, name: str, **facts: Any) -> str:
    return render_template(f"imports/{name}.html", import_=import_, pace=import_queries.pace(import_), **facts)
