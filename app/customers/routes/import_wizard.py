"""The import wizard: how the file reads, what its columns become, which rules hold."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth import audit, workspace
from app.auth.access import needs
from app.customers.imports import given_back, guessing, mappings, service
from app.customers.imports import queries as import_queries
from app.customers.imports.forms import ImportColumnsForm, ImportReadingForm, ImportRulesForm, mapping_asked
from app.customers.imports.models import Import, ImportKind
from app.customers.routes import import_door as door
from app.customers.routes.blueprint import bp
from app.extensions import db
from app.shared.csv_table import Row, Unreadable
from app.shared.errors import Invalid, Refused

FIRST_ROWS = 20
HEAD = 100  # rows that a guess looks at


@bp.get("/imports/<uuid:public_id>/reading")
@needs("customers.write")
def import_reading(public_id: UUID) -> ResponseReturnValue:
    import_ = door.at_step(door.find(public_id), "reading")
    return _reading_page(import_, ImportReadingForm.of(import_.reading))


@bp.post("/imports/<uuid:public_id>/reading")
@needs("customers.write")
def change_import_reading(public_id: UUID) -> ResponseReturnValue:
    import_ = door.at_step(door.find_locked(public_id), "reading")
    form = ImportReadingForm.of(import_.reading)
    if not form.validate_on_submit():
        return _reading_page(import_, form), 422
    try:
        service.change_reading(import_, **form.changes())
    except Invalid as error:
        return _reading_page(import_, form, str(error)), 422
    return door.committed(import_, "import.reading", door.url_of(import_, "reading"))


@bp.get("/imports/<uuid:public_id>/columns")
@needs("customers.write")
def import_columns(public_id: UUID) -> ResponseReturnValue:
    import_ = door.at_step(door.find(public_id), "columns")
    return _columns_page(import_, ImportColumnsForm(formdata=None), _mapping_to_show(import_))


@bp.post("/imports/<uuid:public_id>/columns")
@needs("customers.write")
def change_import_columns(public_id: UUID) -> ResponseReturnValue:
    import_, form = door.at_step(door.find_locked(public_id), "columns"), ImportColumnsForm()
    asked = mapping_asked(request.form, import_.reading["columns"])
    if not form.validate_on_submit():
        return _columns_page(import_, form, asked), 422
    try:
        if "consent" in asked.values():  # then the column says who agreed, and no rule beside it
            service.change_rules(import_, {name: rule for name, rule in import_.rules.items() if name != "consent"})
        service.change_mapping(import_, asked)
        if form.remember.data:
            mappings.remember(import_, form.remember.data, current_user)
    except Invalid as error:
        db.session.rollback()
        if error.field == "name":
            form.remember.errors = [str(error)]
        return _columns_page(door.find(public_id), form, asked, None if error.field == "name" else error), 422
    return door.committed(import_, "import.mapping", door.url_of(import_, "rules"))


@bp.post("/imports/<uuid:public_id>/columns/forget")
@needs("customers.write")
def forget_mapping(public_id: UUID) -> ResponseReturnValue:
    import_ = door.at_step(door.find(public_id), "columns")
    saved = mappings.named(import_.kind, request.form.get("name", ""))
    audit.record("import_mapping.delete", saved, name=saved.name)
    mappings.forget(saved)
    db.session.commit()
    flash("The saved mapping is gone. Imports that used it stay as they are.", "success")
    return redirect(door.url_of(import_, "columns"))


@bp.get("/imports/<uuid:public_id>/rules")
@needs("customers.write")
def import_rules(public_id: UUID) -> ResponseReturnValue:
    import_ = door.at_step(door.find(public_id), "rules")
    return _rules_page(import_, _rules_form(import_))


@bp.post("/imports/<uuid:public_id>/rules")
@needs("customers.write")
def change_import_rules(public_id: UUID) -> ResponseReturnValue:
    import_ = door.at_step(door.find_locked(public_id), "rules")
    form = _rules_form(import_)
    if not form.validate_on_submit():
        return _rules_page(import_, form), 422
    try:
        service.change_rules(import_, form.rules())
        service.start_check(import_)
    except Invalid as error:
        db.session.rollback()
        return _rules_page(door.find(public_id), form, form.blame(error)), 422
    return door.ringing(import_, "import.check", door.url_of(import_, "check"))


@bp.get("/imports/<uuid:public_id>/check")
@needs("customers.write")
def import_check(public_id: UUID) -> ResponseReturnValue:
    import_ = door.at_step(door.find(public_id), "check")
    return door.step_page(import_, "check", pace=import_queries.pace(import_))


def _reading_page(import_: Import, form: ImportReadingForm, trouble: str = "") -> str:
    rows, unreadable = _first_rows(import_, FIRST_ROWS)
    return door.step_page(import_, "reading", form=form, rows=rows, trouble=trouble or unreadable)


def _columns_page(
    import_: Import, form: ImportColumnsForm, mapping: dict[str, str], trouble: Invalid | None = None
) -> str:
    columns = import_.reading["columns"]
    rows, unreadable = _first_rows(import_, HEAD)
    return door.step_page(
        import_,
        "columns",
        form=form,
        mapping=mapping,
        fields=service.fields_of(import_.kind),
        values=import_queries.values_of(rows, len(columns)),
        saved=mappings.saved(import_.kind),
        chosen=request.args.get("saved", ""),
        trouble=trouble or (Invalid(unreadable) if unreadable else None),
    )


def _mapping_to_show(import_: Import) -> dict[str, str]:
    """What was saved under the name one asked for, else what was chosen before, else a guess."""
    columns = import_.reading["columns"]
    if name := request.args.get("saved", ""):
        return mappings.applied(mappings.named(import_.kind, name), columns)
    if import_.mapping:
        return import_.mapping
    fitting = mappings.fitting(import_.kind, columns)
    return mappings.applied(fitting, columns) if fitting else _guess(import_)


def _guess(import_: Import) -> dict[str, str]:
    """What the columns seem to be. Those that we put in front of the rows we gave back are skipped."""
    columns = import_.reading["columns"]
    ours = given_back.ours_of(columns)
    rows = [cells[ours:] for cells in _cells(import_)]
    return {str(int(at) + ours): field for at, field in guessing.guess(import_.kind, columns[ours:], rows).items()}


def _rules_form(import_: Import) -> ImportRulesForm:
    usual = {"region": workspace.current().default_region}
    if import_.kind is ImportKind.SALES:
        usual |= _ways_of_writing(import_)
    return ImportRulesForm.of(import_, usual)


def _ways_of_writing(import_: Import) -> dict[str, str]:
    """How the file seems to write its dates and amounts."""
    rows = _cells(import_)
    dates = guessing.guess_dates(import_.mapping, rows)
    ways: dict[str, str] = {"decimals": guessing.guess_decimals(import_.mapping, rows)}
    return ways | {"dates": dates.order} if dates else ways


def _cells(import_: Import) -> list[list[str]]:
    return [row.cells for row in _first_rows(import_, HEAD)[0] if not row.problem]


def _rules_page(import_: Import, form: ImportRulesForm, trouble: str = "") -> str:
    return door.step_page(import_, "rules", form=form, trouble=trouble)


def _first_rows(import_: Import, most: int) -> tuple[list[Row], str]:
    """The file's first rows, or why there are none."""
    try:
        rows = service.preview(import_, most)
    except (Refused, Unreadable) as error:
        return [], str(error)
    return rows, "" if rows else "No row can be read like this."
