"""Adding a customer, and changing one."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.auth import audit, workspace
from app.auth.access import needs
from app.customers.forms import CustomerForm
from app.customers.models import Customer
from app.customers.queries import people
from app.customers.routes.blueprint import bp
from app.customers.service import profiles, suppression
from app.extensions import db
from app.shared.errors import Invalid


@bp.get("/customers/new")
@needs("customers.write")
def new() -> ResponseReturnValue:
    return render_template("customers/edit.html", form=CustomerForm.of(None), customer=None)


@bp.post("/customers/new")
@needs("customers.write")
def create() -> ResponseReturnValue:
    form = CustomerForm()
    if not form.validate_on_submit():
        return _form_again(form, None)
    try:
        customer = profiles.create(form.said(), workspace.current().default_region)
    except Invalid as error:
        return _form_again(form, None, error)
    audit.record("customer.create", customer)
    db.session.commit()
    flash(f"{customer.name or 'The customer'} was added.", "success")
    if suppression.is_suppressed(customer.phone, customer.user_id):
        flash("They are on the suppression list: they get no marketing, whatever is noted here.", "warning")
    return redirect(url_for("customers.show", public_id=customer.public_id))


@bp.get("/customers/<uuid:public_id>/edit")
@needs("customers.write")
def edit(public_id: UUID) -> ResponseReturnValue:
    customer = people.by_public_id(public_id)
    return render_template("customers/edit.html", form=CustomerForm.of(customer), customer=customer)


@bp.post("/customers/<uuid:public_id>/edit")
@needs("customers.write")
def change(public_id: UUID) -> ResponseReturnValue:
    customer = people.by_public_id(public_id)
    form = CustomerForm()
    if not form.validate_on_submit():
        return _form_again(form, customer)
    try:
        profiles.change(customer, form.said(customer), workspace.current().default_region)
    except Invalid as error:
        return _form_again(form, customer, error)
    audit.record("customer.change", customer)
    db.session.commit()
    flash("Saved.", "success")
    return redirect(url_for("customers.show", public_id=customer.public_id))


def _form_again(form: CustomerForm, customer: Customer | None, error: Invalid | None = None) -> ResponseReturnValue:
    if error is not None:
        db.session.rollback()  # of what was changed before the fault was found
        form[error.field or "phone"].errors = [str(error)]
    return render_template("customers/edit.html", form=form, customer=customer), 422
