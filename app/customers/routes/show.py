"""A customer's page: who they are, what they agreed to, and all that happened."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.auth.access import needs
from app.customers import timeline, words
from app.customers.forms import ConsentForm, NoteForm
from app.customers.models import Customer
from app.customers.queries import duplicates, people, sales
from app.customers.routes.blueprint import bp
from app.customers.timeline import Place


@bp.get("/customers/<uuid:public_id>")
@needs("customers.view")
def show(public_id: UUID) -> ResponseReturnValue:
    return customer_page(people.by_public_id(public_id))


@bp.get("/customers/<uuid:public_id>/live")
@needs("customers.view")
def live(public_id: UUID) -> str:
    customer = people.by_public_id(public_id)
    ledger = people.consent_ledger(customer)
    return render_template(
        "customers/_live.html", customer=customer, ledger=ledger, sources=words.CONSENT_SOURCES, is_news=True
    )


@bp.get("/customers/<uuid:public_id>/timeline")
@needs("customers.view")
def earlier(public_id: UUID) -> str:
    """What comes in place of the link to it."""
    customer, kind = people.by_public_id(public_id), request.args.get("kind", "")
    return render_template("customers/_moments.html", customer=customer, kind=kind, timeline=_timeline(customer, kind))


def customer_page(customer: Customer, form: ConsentForm | None = None, note_form: NoteForm | None = None) -> str:
    """The page, with the forms on it as they stand."""
    kind = request.args.get("kind", "")
    return render_template(
        "customers/show.html",
        customer=customer,
        ledger=people.consent_ledger(customer),
        sources=words.CONSENT_SOURCES,
        form=form or ConsentForm(formdata=None),
        note_form=note_form or NoteForm(formdata=None),
        totals=sales.totals_of(customer),
        suggestions=duplicates.suggestions(customer),
        timeline=_timeline(customer, kind),
        kinds=timeline.SOURCES,
        kind=kind,
    )


def _timeline(customer: Customer, kind: str) -> timeline.Timeline:
    return timeline.timeline(customer, Place.read(request.args.get("until")), kind)
