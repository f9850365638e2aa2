"""How far an import came, and the rows it could not use."""

from __future__ import annotations

from pathlib import PurePath
from uuid import UUID

from flask import Response, render_template, stream_with_context
from flask.typing import ResponseReturnValue

from app.auth.access import needs
from app.customers.imports import given_back
from app.customers.imports import queries as import_queries
from app.customers.routes.blueprint import bp


@bp.get("/imports/<uuid:public_id>/progress")
@needs("customers.view")
def import_progress(public_id: UUID) -> ResponseReturnValue:
    import_ = import_queries.by_public_id(public_id)
    return render_template("customers/_import_progress.html", import_=import_)


@bp.get("/imports/<uuid:public_id>/errors.csv")
@needs("customers.view")
def import_errors(public_id: UUID) -> ResponseReturnValue:
    import_ = import_queries.by_public_id(public_id)
    response = Response(stream_with_context(given_back.as_csv(import_)), mimetype="text/csv")
    name = f"{PurePath(import_.file_name).stem} - not imported.csv"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
