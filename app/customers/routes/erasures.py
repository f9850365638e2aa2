"""Erasures under way and finished; and the erasure of somebody of a list or a chat who is no customer."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.access import needs
from app.customers.jobs.erasures import erase_on
from app.customers.privacy import erasure
from app.customers.privacy import queries as privacy_queries
from app.customers.privacy.forms import StrangerForm
from app.customers.privacy.person import Person, customers_of, person_at
from app.customers.routes.blueprint import bp
from app.extensions import db
from app.shared import queues
from app.shared.errors import Invalid
from app.shared.pagination import page_of


@bp.get("/customers/erasures")
@needs("customers.erase")
def erasures() -> str:
    return render_template("customers/erasures.html", form=StrangerForm(formdata=None), **_list())


@bp.get("/customers/erasures/live")
@needs("customers.erase")
def erasures_live() -> str:
    return render_template("customers/_erasures.html", **_list())


@bp.post("/customers/erasures")
@needs("customers.erase")
def erase_stranger() -> ResponseReturnValue:
    form = StrangerForm()
    person = _person(form) if form.validate_on_submit() else None
    if person is None:
        return render_template("customers/erasures.html", form=form, **_list()), 422
    if known := customers_of(person):
        flash("This is a customer. Look once more whom you erase.", "warning")
        return redirect(url_for("customers.erase", public_id=known[0].public_id))
    begun = erasure.erase_person(person, current_user)
    db.session.commit()
    queues.ring(queues.SYNC, erase_on, begun.id)
    flash("What was theirs is gone. What others wrote of them is being searched.", "success")
    return redirect(url_for("customers.erasures"))


def _person(form: StrangerForm) -> Person | None:
    """Whom the form means; None, with the reason at the field, when it is nobody."""
    try:
        return person_at(form.address.data or "")
    except Invalid as fault:
        form.address.errors = [str(fault)]
        return None


def _list() -> dict[str, Any]:
    page = page_of(privacy_queries.erasures(), request.args.get("page", 1, int), scalars=False)
    parts = {erasure.id: privacy_queries.part_done(erasure) for erasure, _ in page.items}
    return {"page": page, "parts": parts, "is_searching": any(not one.finished_at for one, _ in page.items)}
