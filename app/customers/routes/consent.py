"""A yes or a no to marketing that somebody of the team writes down."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth import audit
from app.auth.access import needs
from app.customers.forms import ConsentForm
from app.customers.models import Customer
from app.customers.queries import people
from app.customers.routes.blueprint import bp
from app.customers.routes.show import customer_page
from app.customers.service import consent, suppression
from app.extensions import db

SUPPRESSED = "This person is on the suppression list and gets no marketing, whatever is said of them."


@bp.post("/customers/<uuid:public_id>/opt-in")
@needs("customers.write")
def opt_in(public_id: UUID) -> ResponseReturnValue:
    return _answer_consent(people.by_public_id(public_id), granted=True)


@bp.post("/customers/<uuid:public_id>/opt-out")
@needs("customers.write")
def opt_out(public_id: UUID) -> ResponseReturnValue:
    return _answer_consent(people.by_public_id(public_id), granted=False)


def _answer_consent(customer: Customer, *, granted: bool) -> ResponseReturnValue:
    form = ConsentForm()
    if not form.validate_on_submit():
        return customer_page(customer, form=form), 422
    if granted and suppression.is_suppressed(customer.phone, customer.user_id):
        form.wording.errors = [SUPPRESSED]
        return customer_page(customer, form=form), 422
    consent.record_consent(customer, granted, "form", form.wording.data, current_user)
    audit.record("customer.opt_in" if granted else "customer.opt_out", customer)
    db.session.commit()
    flash("Opted in to marketing." if granted else "Opted out: no more marketing messages.", "success")
    return redirect(url_for("customers.show", public_id=customer.public_id))
