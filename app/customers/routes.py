"""Pages of customers and of the imports that bring them."""

from __future__ import annotations

from pathlib import PurePath
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth import audit, workspace
from app.auth.access import needs
from app.customers import queries
from app.customers.forms import ConsentForm, ConsentWordsForm, CustomerForm
from app.customers.models import Customer
from app.customers.service import consent, consent_words, people
from app.extensions import db
from app.shared.errors import Invalid
from app.shared.pagination import page_of

bp = Blueprint("customers", __name__)


@bp.get("/customers")
@needs("customers.view")
def index() -> ResponseReturnValue:
    filters = {name: request.args.get(name, "") for name in ("search", "tag", "consent")}
    page = page_of(queries.matching(**filters), request.args.get("page", 1, int))
    return render_template("customers/index.html", page=page, filters=filters, tags=queries.tags_in_use())


@bp.get("/customers/new")
@needs("customers.write")
def new() -> ResponseReturnValue:
    return render_template("customers/edit.html", form=CustomerForm(), customer=None)


@bp.post("/customers/new")
@needs("customers.write")
def create() -> ResponseReturnValue:
    form = CustomerForm()
    if not form.validate_on_submit():
        return _form_again(form, None)
    try:
        customer = people.create_customer(form.details(), workspace.current().default_region)
    except Invalid as error:
        return _form_again(form, None, error)
    audit.record("customer.create", customer)
    db.session.commit()
    flash(f"{customer.name or 'The customer'} was added.", "success")
    return redirect(url_for("customers.show", public_id=customer.public_id))


@bp.get("/customers/<uuid:public_id>")
@needs("customers.view")
def show(public_id: UUID) -> ResponseReturnValue:
    return _customer_page(queries.by_public_id(public_id), ConsentForm())


@bp.get("/customers/<uuid:public_id>/live")
@needs("customers.view")
def live(public_id: UUID) -> str:
    customer = queries.by_public_id(public_id)
    ledger = queries.consent_ledger(customer)
    return render_template("customers/_live.html", customer=customer, ledger=ledger, is_news=True)


@bp.get("/customers/<uuid:public_id>/edit")
@needs("customers.write")
def edit(public_id: UUID) -> ResponseReturnValue:
    customer = queries.by_public_id(public_id)
    return render_template("customers/edit.html", form=CustomerForm.of(customer), customer=customer)


@bp.post("/customers/<uuid:public_id>/edit")
@needs("customers.write")
def change(public_id: UUID) -> ResponseReturnValue:
    customer = queries.by_public_id(public_id)
    form = CustomerForm()
    if not form.validate_on_submit():
        return _form_again(form, customer)
    try:
        people.change_customer(customer, form.details(), workspace.current().default_region)
    except Invalid as error:
        return _form_again(form, customer, error)
    audit.record("customer.change", customer)
    db.session.commit()
    flash("Saved.", "success")
    return redirect(url_for("customers.show", public_id=customer.public_id))


@bp.post("/customers/<uuid:public_id>/opt-in")
@needs("customers.write")
def opt_in(public_id: UUID) -> ResponseReturnValue:
    return _answer_consent(queries.by_public_id(public_id), granted=True)


@bp.post("/customers/<uuid:public_id>/opt-out")
@needs("customers.write")
def opt_out(public_id: UUID) -> ResponseReturnValue:
    return _answer_consent(queries.by_public_id(public_id), granted=False)


@bp.get("/customers/consent-words")
@needs("settings.write")
def words() -> ResponseReturnValue:
    return render_template("customers/consent_words.html", form=ConsentWordsForm.of(consent_words.rules()))


@bp.post("/customers/consent-words")
@needs("settings.write")
def change_words() -> ResponseReturnValue:
    form = ConsentWordsForm()
    try:
        if form.validate_on_submit():
            rules = consent_words.change_rules(**form.words())
            audit.record("consent_words.change", rules, stop=len(rules.stop_words), start=len(rules.start_words))
            db.session.commit()
            flash("Saved. From now on these words count.", "success")
            return redirect(url_for("customers.words"))
    except Invalid as error:
        form[error.field or "stop_words"].errors = [str(error)]
    return render_template("customers/consent_words.html", form=form), 422


@bp.post("/customers/consent-words/reset")
@needs("settings.write")
def reset_words() -> ResponseReturnValue:
    consent_words.reset_rules()
    audit.record("consent_words.reset")
    db.session.commit()
    flash("The words and answers we began with count again.", "success")
    return redirect(url_for("customers.words"))


@bp.get("/imports/<uuid:public_id>/progress")
@needs("customers.view")
def import_progress(public_id: UUID) -> ResponseReturnValue:
    import_ = queries.import_by_public_id(public_id)
    return render_template("customers/_import_progress.html", import_=import_)


@bp.get("/imports/<uuid:public_id>/errors.csv")
@needs("customers.view")
def import_errors(public_id: UUID) -> ResponseReturnValue:
    import_ = queries.import_by_public_id(public_id)
    response = Response(stream_with_context(queries.faults_csv(import_)), mimetype="text/csv")
    name = f"{PurePath(import_.file_name).stem} - not imported.csv"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _answer_consent(customer: Customer, *, granted: bool) -> ResponseReturnValue:
    form = ConsentForm()
    if not form.validate_on_submit():
        return _customer_page(customer, form), 422
    consent.record_consent(customer, granted, "form", form.wording.data, current_user)
    audit.record("customer.opt_in" if granted else "customer.opt_out", customer)
    db.session.commit()
    flash("Opted in to marketing." if granted else "Opted out: no more marketing messages.", "success")
    return redirect(url_for("customers.show", public_id=customer.public_id))


def _customer_page(customer: Customer, form: ConsentForm) -> str:
    return render_template("customers/show.html", customer=customer, ledger=queries.consent_ledger(customer), form=form)


def _form_again(form: CustomerForm, customer: Customer | None, error: Invalid | None = None) -> ResponseReturnValue:
    if error is not None:
        form[error.field or "phone"].errors = [str(error)]
    return render_template("customers/edit.html", form=form, customer=customer), 422
