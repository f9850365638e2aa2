"""What can be done with an import: check, start, cancel, throw away, undo."""

from __future__ import annotations

from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.auth import audit
from app.auth.access import can, needs
from app.customers.imports import outlook, service
from app.customers.imports.forms import ImportUndoForm
from app.customers.imports.models import Import
from app.customers.routes import import_door as door
from app.customers.routes.blueprint import bp
from app.extensions import db
from app.shared.errors import Invalid


@bp.post("/imports/<uuid:public_id>/check")
@needs("customers.write")
def check_import(public_id: UUID) -> ResponseReturnValue:
    import_ = door.find_locked(public_id)
    service.start_check(import_)
    return door.ringing(import_, "import.check", door.url_of(import_, "check"))


@bp.post("/imports/<uuid:public_id>/start")
@needs("customers.write")
def start_import(public_id: UUID) -> ResponseReturnValue:
    import_ = door.find_locked(public_id)
    service.start(import_)
    return door.ringing(import_, "import.start", door.page_of(import_), file=import_.file_name, rules=import_.rules)


@bp.post("/imports/<uuid:public_id>/cancel")
@needs("customers.write")
def cancel_import(public_id: UUID) -> ResponseReturnValue:
    import_ = door.find_locked(public_id)
    service.cancel(import_)
    return door.ringing(import_, "import.cancel", door.page_of(import_))


@bp.post("/imports/<uuid:public_id>/discard")
@needs("customers.write")
def discard_import(public_id: UUID) -> ResponseReturnValue:
    import_ = door.find_locked(public_id)
    audit.record("import.discard", import_, file=import_.file_name)
    service.discard(import_)
    db.session.commit()
    flash("The file was thrown away; nothing of it was imported.", "success")
    return redirect(url_for("customers.imports"))


@bp.get("/imports/<uuid:public_id>/undo")
@needs("customers.erase")
def ask_undo(public_id: UUID) -> ResponseReturnValue:
    import_ = door.find(public_id)
    _demand(outlook.needed_to_undo(import_))
    return _undo_page(import_, ImportUndoForm(formdata=None))


@bp.post("/imports/<uuid:public_id>/undo")
@needs("customers.erase")
def undo_import(public_id: UUID) -> ResponseReturnValue:
    import_, form = door.find_locked(public_id), ImportUndoForm()
    _demand(outlook.needed_to_undo(import_))
    if not form.validate_on_submit():
        return _undo_page(import_, form), 422
    reason = (form.reason.data or "").strip()
    try:
        service.start_undo(import_, reason)
    except Invalid as error:
        form.reason.errors = [str(error)]
        return _undo_page(import_, form), 422
    why = {"reason": reason} if reason else {}
    return door.ringing(import_, "import.undo", door.page_of(import_), file=import_.file_name, **why)


def _demand(permission: str) -> None:
    if not can(permission):
        abort(403)


def _undo_page(import_: Import, form: ImportUndoForm) -> str:
    outlook.require_undoable(import_)
    return render_template("imports/undo.html", import_=import_, outlook=outlook.of(import_), form=form)
