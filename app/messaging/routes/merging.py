"""The pages on which two customers are made one."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth import audit
from app.auth.access import needs
from app.customers.models import Customer
from app.customers.queries import duplicates
from app.customers.queries.people import by_public_id, matching
from app.extensions import db
from app.messaging import merging
from app.messaging.routes.blueprint import bp

FOUND_AT_ONCE = 20
PAIR = "/customers/<uuid:public_id>/merge/<uuid:other_id>"


@bp.get("/customers/<uuid:public_id>/merge")
@needs("customers.write")
def find_double(public_id: UUID) -> ResponseReturnValue:
    customer, search = by_public_id(public_id), request.args.get("search", "").strip()
    found = matching(search).where(Customer.id != customer.id).limit(FOUND_AT_ONCE) if search else None
    return render_template(
        "messaging/find_double.html",
        customer=customer,
        search=search,
        found=db.session.scalars(found).all() if found is not None else [],
        suggestions=duplicates.suggestions(customer),
    )


@bp.get(PAIR)
@needs("customers.write")
def compare(public_id: UUID, other_id: UUID) -> ResponseReturnValue:
    into, gone = by_public_id(public_id), by_public_id(other_id)
    return render_template("messaging/compare.html", into=into, gone=gone, preview=merging.preview(into, gone))


@bp.post(PAIR)
@needs("customers.write")
def merge(public_id: UUID, other_id: UUID) -> ResponseReturnValue:
    into, gone = by_public_id(public_id), by_public_id(other_id)
    merging.merge(into, gone)
    audit.record("customer.merge", into)
    db.session.commit()
    flash("They are one customer now.", "success")
    return redirect(url_for("customers.show", public_id=public_id))
