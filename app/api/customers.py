"""Calls that list, show, make, change and erase customers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func

from app.api.access import caller
from app.api.calls import call
from app.api.paging import paged
from app.api.schemas.customers import (
    CustomerChange,
    CustomerDetail,
    CustomerFilter,
    CustomerIn,
    CustomerOut,
    CustomerPage,
    ErasureOut,
    Retag,
    SalesTotal,
)
from app.api.whereabouts import number_of
from app.auth import audit, workspace
from app.customers.jobs.erasures import erase_on
from app.customers.models import Customer
from app.customers.privacy import erasure
from app.customers.privacy import queries as privacy_queries
from app.customers.privacy.models import Erasure
from app.customers.queries import people, sales
from app.customers.service import profiles, suppression
from app.extensions import db
from app.shared import queues
from app.shared.pagination import page_of

TAG = "Customers"
CUSTOMER = "/customers/<uuid:customer_id>"


@call("GET", "/customers", "customers.view", tag=TAG, answer=CustomerPage)
def list_customers(query: CustomerFilter) -> Any:
    """List customers, the newest first."""
    return paged(CustomerPage, page_of(_matching(query), query.page, query.limit), shown)


@call(
    "POST",
    "/customers",
    "customers.write",
    tag=TAG,
    answer=CustomerOut,
    status=201,
    also={200: CustomerOut},
    refusals=(409,),
)
def keep_customer(json: CustomerIn) -> Any:
    """Make a customer, or change the one with this phone or user id (200 then).

    This says nothing about consent: a new customer gets no marketing before `POST /customers/{id}/consent`. 409 when
    phone and user id belong to two different customers.
    """
    said = json.model_dump(exclude_unset=True)
    customer, is_new = profiles.keep(said, workspace.current().default_region)
    audit.record(f"customer.{'create' if is_new else 'change'}", customer, by=caller(), fields=sorted(said))
    db.session.commit()
    return shown(customer), 201 if is_new else 200


@call("GET", CUSTOMER, "customers.view", tag=TAG, answer=CustomerDetail)
def show_customer(customer_id: UUID) -> Any:
    """Show a customer, and what their sales come to."""
    customer = people.by_public_id(customer_id)
    totals = [SalesTotal.model_validate(total, from_attributes=True) for total in sales.totals_of(customer)]
    suppressed = suppression.is_suppressed(customer.phone, customer.user_id)
    return CustomerDetail(**shown(customer).model_dump(), is_suppressed=suppressed, sales=totals)


@call("PUT", CUSTOMER, "customers.write", tag=TAG, answer=CustomerOut)
def change_customer(customer_id: UUID, json: CustomerChange) -> Any:
    """Change a customer; what is left out stays as it is."""
    customer, said = people.by_public_id(customer_id), json.model_dump(exclude_unset=True)
    profiles.change(customer, said, workspace.current().default_region)
    audit.record("customer.change", customer, by=caller(), fields=sorted(said))
    db.session.commit()
    return shown(customer)


@call("POST", f"{CUSTOMER}/tags", "customers.write", tag=TAG, answer=CustomerOut)
def retag_customer(customer_id: UUID, json: Retag) -> Any:
    """Add tags to a customer's, and take others away."""
    customer = people.by_public_id(customer_id)
    profiles.retag(customer, json.add, json.remove)
    audit.record("customer.change", customer, by=caller(), fields=["tags"])
    db.session.commit()
    return shown(customer)


@call("DELETE", CUSTOMER, "customers.erase", tag=TAG, answer=ErasureOut, status=202)
def erase_customer(customer_id: UUID) -> Any:
    """Forget a person for good: their number, messages, consent and all else that names them, everywhere.

    Their sales stay, without them. They get no marketing ever again, even when they are made a customer anew. What is
    theirs goes at once; what others wrote of them is searched afterwards, see `GET /erasures/{id}`.
    """
    begun = erasure.erase(people.by_public_id(customer_id), caller())
    db.session.commit()
    queues.ring(queues.SYNC, erase_on, begun.id)
    return _erasure(begun), 202


@call("GET", "/erasures/<uuid:erasure_id>", "customers.erase", tag=TAG, answer=ErasureOut)
def show_erasure(erasure_id: UUID) -> Any:
    """Show how far an erasure is."""
    return _erasure(privacy_queries.erasure(erasure_id))


def _erasure(begun: Erasure) -> ErasureOut:
    return ErasureOut(
        id=begun.public_id,
        status="finished" if begun.finished_at else "searching",
        progress=privacy_queries.part_done(begun),
        created_at=begun.created_at,
        finished_at=begun.finished_at,
    )


def shown(customer: Customer) -> CustomerOut:
    """The customer as calls answer them."""
    facts = {name: getattr(customer, name) for name in CustomerOut.model_fields if name != "id"}
    return CustomerOut(id=customer.public_id, **facts)


def _matching(query: CustomerFilter) -> Select[Any]:
    found = people.matching(query.search, query.tag or "", query.consent or "")
    if query.phone:
        found = found.where(profiles.has_number(number_of(query.phone, "phone")))
    if query.city:
        found = found.where(func.lower(Customer.city) == func.lower(query.city))
    if query.active_since:
        found = found.where(Customer.last_inbound_at >= query.active_since)
    return found
