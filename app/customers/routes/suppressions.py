"""The suppression list: how many are on it, whether somebody is, and who is put on it or taken off by hand.

A number is sent in a form's body and answered at once: addresses of pages are kept by browsers and proxies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.auth import audit
from app.auth.access import needs
from app.customers.models import Customer
from app.customers.privacy.forms import AddressForm, ReasonForm
from app.customers.privacy.models import Suppression
from app.customers.privacy.person import Person, customers_of, person_at
from app.customers.routes.blueprint import bp
from app.customers.service import suppression
from app.extensions import db
from app.shared.errors import Invalid

bp.add_app_template_global(suppression.suppressed_among)


@dataclass(frozen=True, slots=True)
class Found:
    """What the list says of an address, and whose it is."""

    address: str
    entry: Suppression | None
    customers: Sequence[Customer]


@bp.get("/customers/suppressions")
@needs("customers.view")
def suppressions() -> str:
    return _page()


@bp.post("/customers/suppressions/look-up")
@needs("customers.view")
def look_up() -> ResponseReturnValue:
    form = AddressForm(prefix="look")
    person = _person(form)
    return (_page(look=form), 422) if person is None else _page(look=form, found=_found(form, person))


@bp.post("/customers/suppressions")
@needs("customers.erase")
def suppress() -> ResponseReturnValue:
    form = ReasonForm(prefix="add")
    person = _person(form)
    if person is None:
        return _page(add=form), 422
    number = suppression.suppress(person.addresses, suppression.BY_HAND, _words(form))
    entry = suppression.find(person.addresses)[0]
    if number:
        audit.record("suppression.add", entry, reason=_words(form))
    db.session.commit()
    flash("They get no marketing any more." if number else "They were on the list already.", "success")
    return redirect(url_for("customers.suppressions"))


@bp.post("/customers/suppressions/lift")
@needs("settings.write")
def lift() -> ResponseReturnValue:
    form = ReasonForm(prefix="lift")
    person = _person(form)
    if person is None:
        return _page(lift=form), 422
    entries = suppression.find(person.addresses)
    if not entries:
        form.address.errors = ["This address is not on the list."]
        return _page(lift=form), 422
    audit.record("suppression.lift", entries[0], was=entries[0].reason, reason=_words(form))
    suppression.lift(person.addresses)
    db.session.commit()
    flash("They are off the list. Marketing still needs their yes.", "success")
    return redirect(url_for("customers.suppressions"))


def _page(
    look: AddressForm | None = None,
    add: ReasonForm | None = None,
    lift: ReasonForm | None = None,
    found: Found | None = None,
) -> str:
    """The page; forms that were sent as they were sent, the others empty."""
    return render_template(
        "customers/suppressions.html",
        look=look or AddressForm(formdata=None, prefix="look"),
        add=add or ReasonForm(formdata=None, prefix="add"),
        lift=lift or ReasonForm(formdata=None, prefix="lift"),
        found=found,
        counts=suppression.counts(),
        reasons=suppression.REASONS,
    )


def _person(form: AddressForm) -> Person | None:
    """Whom the form means; None, with the reasons at the fields, when it cannot be used."""
    if not form.validate_on_submit():
        return None
    try:
        return person_at(form.address.data or "")
    except Invalid as fault:
        form.address.errors = [str(fault)]
        return None


def _found(form: AddressForm, person: Person) -> Found:
    entry = next(iter(suppression.find(person.addresses)), None)
    return Found(form.address.data or "", entry, customers_of(person))


def _words(form: ReasonForm) -> str:
    return (form.reason.data or "").strip()
