"""A customer's sales, told by hand."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.auth import audit, workspace
from app.auth.access import needs
from app.customers.forms import SaleForm
from app.customers.models import Customer, Sale
from app.customers.queries import people
from app.customers.queries import sales as sale_queries
from app.customers.routes.blueprint import bp
from app.customers.service import sales
from app.extensions import db
from app.shared import clock
from app.shared.errors import Invalid, Missing

SOURCE = "form"
SALE = "/customers/<uuid:public_id>/sales/<uuid:sale_id>"


@bp.get("/customers/<uuid:public_id>/sales/new")
@needs("customers.write")
def new_sale(public_id: UUID) -> ResponseReturnValue:
    form = SaleForm.new(workspace.current().currency, clock.now(), workspace.zone())
    return _page(people.by_public_id(public_id), None, form)


@bp.post("/customers/<uuid:public_id>/sales/new")
@needs("customers.write")
def add_sale(public_id: UUID) -> ResponseReturnValue:
    customer, form = people.by_public_id(public_id), SaleForm()
    if not form.validate_on_submit():
        return _page(customer, None, form), 422
    try:
        sale = _add(customer, form)
    except Invalid as error:
        return _again(customer, None, form, error)
    return _saved("sale.create", sale, customer, "The sale was kept.")


@bp.get(SALE)
@needs("customers.write")
def edit_sale(public_id: UUID, sale_id: UUID) -> ResponseReturnValue:
    customer = people.by_public_id(public_id)
    sale = _sale_of(customer, sale_id)
    return _page(customer, sale, SaleForm.of(sale, workspace.zone()))


@bp.post(SALE)
@needs("customers.write")
def change_sale(public_id: UUID, sale_id: UUID) -> ResponseReturnValue:
    customer, form = people.by_public_id(public_id), SaleForm()
    sale = _sale_of(customer, sale_id)
    if not form.validate_on_submit():
        return _page(customer, sale, form), 422
    try:
        sales.change(sale, form.sold(customer, workspace.zone()))
    except Invalid as error:
        return _again(customer, sale, form, error)
    return _saved("sale.change", sale, customer, "Saved.")


@bp.post(f"{SALE}/delete")
@needs("customers.write")
def delete_sale(public_id: UUID, sale_id: UUID) -> ResponseReturnValue:
    customer = people.by_public_id(public_id)
    sale = _sale_of(customer, sale_id)
    audit.record("sale.delete", sale, source=sale.source)
    sales.delete(sale)
    db.session.commit()
    flash("The sale was deleted.", "success")
    return redirect(url_for("customers.show", public_id=public_id))


def _add(customer: Customer, form: SaleForm) -> Sale:
    [done] = sales.record([form.sold(customer, workspace.zone())], SOURCE)
    if not done.is_new:
        raise Invalid("Another sale has this booking number.", "external_id")
    return done.sale


def _sale_of(customer: Customer, sale_id: UUID) -> Sale:
    sale = sale_queries.sale_by_public_id(sale_id)
    if sale.customer_id != customer.id:
        raise Missing("There is no such sale.")
    return sale


def _page(customer: Customer, sale: Sale | None, form: SaleForm) -> str:
    return render_template("customers/sale.html", customer=customer, sale=sale, form=form, zone=workspace.zone())


def _again(customer: Customer, sale: Sale | None, form: SaleForm, error: Invalid) -> ResponseReturnValue:
    db.session.rollback()
    form[error.field or "amount"].errors = [str(error)]
    return _page(customer, sale, form), 422


def _saved(action: str, sale: Sale, customer: Customer, words: str) -> ResponseReturnValue:
    audit.record(action, sale)
    db.session.commit()
    flash(words, "success")
    return redirect(url_for("customers.show", public_id=customer.public_id))
