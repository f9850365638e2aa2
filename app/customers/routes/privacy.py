"""A person's data: what the law lets them ask for, from their page. To be told what is known, and to be forgotten."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import Any
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from jinja2_fragments.flask import render_block

from app.auth import audit
from app.auth.access import needs
from app.customers.jobs.erasures import erase_on
from app.customers.models import Customer
from app.customers.privacy import erasure, export
from app.customers.privacy import queries as privacy_queries
from app.customers.privacy.forms import LAST, EraseForm
from app.customers.privacy.person import by_name_too, person_of
from app.customers.queries import people
from app.customers.routes.blueprint import bp
from app.customers.service import suppression
from app.extensions import db
from app.shared import queues

IN_MEMORY = 8 * 1024 * 1024  # of an archive; the rest of it goes through a temporary file


@bp.get("/customers/<uuid:public_id>/privacy")
@needs("customers.view")
def privacy(public_id: UUID) -> Response:
    customer = people.by_public_id(public_id)
    shown: dict[str, Any] = {
        "customer": customer,
        "entry": next(iter(suppression.find(person_of(customer).addresses)), None),
        "reasons": suppression.REASONS,
    }
    is_part = "HX-Request" in request.headers
    page = (
        render_block("customers/privacy.html", "card", **shown)
        if is_part
        else render_template("customers/privacy.html", **shown)
    )
    # Else a browser that comes Back shows the part instead of the page.
    return make_response(page, {"Vary": "HX-Request"})


@bp.get("/customers/<uuid:public_id>/data.json")
@needs("customers.write")
def data_json(public_id: UUID) -> Response:
    exported = _exported(people.by_public_id(public_id), "JSON")
    answer = Response(export.as_json(exported), mimetype="application/json")
    answer.headers.set("Content-Disposition", "attachment", filename="person.json")
    return _private(answer)


@bp.get("/customers/<uuid:public_id>/data.zip")
@needs("customers.write")
def data_csv(public_id: UUID) -> Response:
    exported = _exported(people.by_public_id(public_id), "CSV")
    archive = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (read to its end after this)
    export.write_archive(exported, archive)
    archive.seek(0)
    return _private(send_file(archive, "application/zip", as_attachment=True, download_name="person.zip"))


@bp.get("/customers/<uuid:public_id>/erase")
@needs("customers.erase")
def erase(public_id: UUID) -> str:
    customer = people.by_public_id(public_id)
    return _erase_page(customer, EraseForm(by_name=True))


@bp.post("/customers/<uuid:public_id>/erase")
@needs("customers.erase")
def erase_now(public_id: UUID) -> ResponseReturnValue:
    customer, form = people.by_public_id(public_id), EraseForm()
    if not (form.validate_on_submit() and form.is_confirmed(customer)):
        return _erase_page(customer, form), 422
    begun = erasure.erase(customer, current_user, by_name=form.by_name.data)
    db.session.commit()
    queues.ring(queues.SYNC, erase_on, begun.id)
    flash("What was theirs is gone. What others wrote of them is being searched.", "success")
    return redirect(url_for("customers.erasures"))


def _erase_page(customer: Customer, form: EraseForm) -> str:
    form.confirmation.label.text = f"Type the last {LAST} {'digits of the number' if customer.phone else 'characters'}"
    return render_template(
        "customers/erase.html",
        customer=customer,
        form=form,
        holdings=privacy_queries.holdings(customer),
        names=by_name_too(person_of(customer)).names,
    )


def _exported(customer: Customer, kind: str) -> export.Export:
    exported = export.export(customer)
    audit.record("customer.export", customer, format=kind)
    db.session.commit()
    return exported


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
