"""What the team writes about a customer."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth import audit
from app.auth.access import needs
from app.customers.forms import NoteForm
from app.customers.models import Customer
from app.customers.queries import people
from app.customers.routes.blueprint import bp
from app.customers.routes.show import customer_page
from app.customers.service import notes
from app.extensions import db

NOTE = f"/customers/<uuid:public_id>/notes/<int(max={2**63 - 1}):note_id>"


@bp.post("/customers/<uuid:public_id>/notes")
@needs("customers.write")
def add_note(public_id: UUID) -> ResponseReturnValue:
    customer, form = people.by_public_id(public_id), NoteForm()
    if not form.validate_on_submit():
        return customer_page(customer, note_form=form), 422
    notes.add(customer, form.body.data or "", current_user)
    audit.record("customer.note", customer)
    return _saved(customer, "The note was kept.")


@bp.get(NOTE)
@needs("customers.write")
def edit_note(public_id: UUID, note_id: int) -> ResponseReturnValue:
    customer = people.by_public_id(public_id)
    note = people.note_of(customer, note_id)
    return render_template("customers/note.html", customer=customer, note=note, form=NoteForm(body=note.body))


@bp.post(NOTE)
@needs("customers.write")
def change_note(public_id: UUID, note_id: int) -> ResponseReturnValue:
    customer, form = people.by_public_id(public_id), NoteForm()
    note = people.note_of(customer, note_id)
    if not form.validate_on_submit():
        return render_template("customers/note.html", customer=customer, note=note, form=form), 422
    notes.change(note, form.body.data or "", current_user)
    audit.record("customer.note_change", customer)
    return _saved(customer, "Saved.")


@bp.post(f"{NOTE}/delete")
@needs("customers.write")
def delete_note(public_id: UUID, note_id: int) -> ResponseReturnValue:
    customer = people.by_public_id(public_id)
    notes.delete(people.note_of(customer, note_id), current_user)
    audit.record("customer.note_delete", customer)
    return _saved(customer, "The note was deleted.")


def _saved(customer: Customer, words: str) -> ResponseReturnValue:
    db.session.commit()
    flash(words, "success")
    return redirect(url_for("customers.show", public_id=customer.public_id))
