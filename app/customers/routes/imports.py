"""Imports: the history, and the beginning of a new one."""

from __future__ import annotations

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app import config
from app.auth.access import needs
from app.customers.imports import queries as import_queries
from app.customers.imports import service
from app.customers.imports.forms import KINDS, ImportUploadForm
from app.customers.imports.models import ImportKind, ImportStatus
from app.customers.routes import import_door as door
from app.customers.routes.blueprint import bp
from app.shared import csv_table
from app.shared.errors import Invalid, Missing
from app.shared.pagination import page_of

SAMPLES: dict[str, list[tuple[str, ...]]] = {
    ImportKind.CUSTOMERS: [
        ("Name", "Phone", "Email", "City", "Tags", "Opted in", "Anniversary"),
        ("Asha Rao", "+91 98200 12345", "asha@example.com", "Pune", "goa, family", "yes", "2019-02-14"),
        ("Ravi Shah", "098190 54321", "", "Mumbai", "", "no", ""),
    ],
    ImportKind.SALES: [
        ("Booking", "Phone", "Amount", "Currency", "Destination", "Product", "Booked on", "Starts on"),
        ("BK-1001", "+91 98200 12345", "62,500.00", "INR", "Bali", "Seven nights in Ubud", "2026-10-04", "2026-12-20"),
        ("BK-1002", "098190 54321", "18900", "INR", "Goa", "Weekend by the sea", "2026-10-11", "2026-11-07"),
    ],
    ImportKind.OPT_OUTS: [
        ("Phone", "Reason"),
        ("+91 98200 12345", "Asked by email on 3 October"),
        ("098190 54321", ""),
    ],
}


@bp.get("/imports")
@needs("customers.view")
def imports() -> ResponseReturnValue:
    asked = {name: request.args.get(name, "").replace("\x00", "") for name in ("kind", "status")}
    page = page_of(import_queries.history(**asked), request.args.get("page", 1, int), scalars=False)
    counts = import_queries.counts_by_kind()
    return render_template("imports/index.html", page=page, asked=asked, counts=counts, statuses=list(ImportStatus))


@bp.get("/imports/new")
@needs("customers.write")
def new_import() -> ResponseReturnValue:
    kind = request.args.get("kind", "")
    return _start_page(ImportUploadForm(formdata=None, kind=kind if kind in set(KINDS) else ImportKind.CUSTOMERS.value))


@bp.post("/imports/new")
@needs("customers.write")
def upload_import() -> ResponseReturnValue:
    form = ImportUploadForm()
    if not form.validate_on_submit():
        return _start_page(form), 422
    try:
        import_ = service.receive_upload(form.file.data, current_user, ImportKind(form.kind.data))
    except Invalid as error:
        form.file.errors = [str(error)]
        return _start_page(form), 422
    return door.committed(import_, "import.upload", door.url_of(import_, "reading"), kind=import_.kind.value)


@bp.get("/imports/samples/<kind>.csv")
@needs("customers.view")
def sample_import(kind: str) -> ResponseReturnValue:
    if kind not in SAMPLES:
        raise Missing("There is no sample of that kind.")
    header, *rows = SAMPLES[kind]
    answer = Response(csv_table.export(rows, header), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{kind}.csv")
    return answer


def _start_page(form: ImportUploadForm) -> str:
    fields = {kind: service.fields_of(kind) for kind in KINDS}
    most = config.current().max_upload
    return render_template("imports/new.html", form=form, fields=fields, max_upload=most)
