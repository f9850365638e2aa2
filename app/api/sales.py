"""Calls on sales: record one or many, list, show, change, delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from app.api import buyers
from app.api.access import caller
from app.api.calls import call
from app.api.paging import paged
from app.api.schemas.sales import (
    SaleDone,
    SaleError,
    SaleFilter,
    SaleIn,
    SaleOut,
    SalePage,
    SalesIn,
    SalesRecorded,
)
from app.auth import audit
from app.customers.jobs.chunkwise import committed
from app.customers.models import Customer, Sale
from app.customers.queries import sales as sale_queries
from app.customers.service import sales
from app.customers.service.sales import Recorded, Sold
from app.extensions import db
from app.shared.errors import Invalid
from app.shared.pagination import page_of

TAG = "Sales"
SOURCE = "api"
WHOSE = {*buyers.WAYS}


@call("GET", "/sales", "customers.view", tag=TAG, answer=SalePage)
def list_sales(query: SaleFilter) -> Any:
    """List sales, the last sold first."""
    page = page_of(_matching(query), query.page, query.limit, scalars=False)
    return paged(SalePage, page, lambda row: _shown(*row))


@call("POST", "/sales", "customers.write", tag=TAG, answer=SaleOut, status=201, also={200: SaleOut})
def record_sale(json: SaleIn) -> Any:
    """Record a sale, or change the one that you told by this `external_id` before (200 then)."""
    done = committed(lambda: _record(json))
    return _one(done.sale), 201 if done.is_new else 200


@call("POST", "/sales/batch", "customers.write", tag=TAG, answer=SalesRecorded)
def record_sales(json: SalesIn) -> Any:
    """Record up to 1,000 sales.

    Those told by their `external_id` before are changed. An entry that cannot be used is told of in `errors`; the
    others are recorded.
    """
    return committed(lambda: _record_many(json.root))


def _record(told: SaleIn) -> Recorded:
    [done] = sales.record([_sold(told)], SOURCE)
    audit.record(f"sale.{'create' if done.is_new else 'change'}", done.sale, by=caller())
    return done


def _record_many(entries: Sequence[SaleIn]) -> SalesRecorded:
    usable, errors = _read(entries)
    done = dict(zip(usable, sales.record(list(usable.values()), SOURCE), strict=True))
    created = sum(one.is_new for one in done.values())
    audit.record("sales.record", by=caller(), created=created, changed=len(done) - created, invalid=len(errors))
    return SalesRecorded(
        created=created,
        changed=len(done) - created,
        invalid=len(errors),
        sales=[_done(row, one) for row, one in done.items()],
        errors=sorted(errors, key=lambda error: error.row),
    )


@call("GET", "/sales/<uuid:sale_id>", "customers.view", tag=TAG, answer=SaleOut)
def show_sale(sale_id: UUID) -> Any:
    """Show a sale."""
    return _one(sale_queries.sale_by_public_id(sale_id))


@call("PUT", "/sales/<uuid:sale_id>", "customers.write", tag=TAG, answer=SaleOut)
def change_sale(sale_id: UUID, json: SaleIn) -> Any:
    """Let a sale be what is told now; what is left out is empty then."""
    sale = sale_queries.sale_by_public_id(sale_id)
    sales.change(sale, _sold(json))
    audit.record("sale.change", sale, by=caller())
    db.session.commit()
    return _one(sale)


@call("DELETE", "/sales/<uuid:sale_id>", "customers.write", tag=TAG, status=204)
def delete_sale(sale_id: UUID) -> Any:
    """Delete a sale."""
    sale = sale_queries.sale_by_public_id(sale_id)
    audit.record("sale.delete", sale, by=caller(), source=sale.source)
    sales.delete(sale)
    db.session.commit()
    return "", 204


def _sold(told: SaleIn) -> Sold:
    name = buyers.name_of(told)
    return _sold_to(buyers.require(name, buyers.find([name])), told)


def _sold_to(customer_id: int, told: SaleIn) -> Sold:
    return sales.sold(customer_id, **told.model_dump(exclude=WHOSE))


def _read(entries: Sequence[SaleIn]) -> tuple[dict[int, Sold], list[SaleError]]:
    """The usable entries by their place, and what is wrong with the others."""
    names, usable, errors = {}, {}, []
    for row, entry in enumerate(entries):
        try:
            names[row] = buyers.name_of(entry)
        except Invalid as error:
            errors.append(_error(row, error))
    found = buyers.find(names.values())
    told: set[str] = set()
    for row, name in names.items():
        try:
            usable[row] = _once(_sold_to(buyers.require(name, found), entries[row]), told)
        except Invalid as error:
            errors.append(_error(row, error))
    return usable, errors


def _once(sold: Sold, told: set[str]) -> Sold:
    if sold.external_id in told:
        raise Invalid("An entry before has the same external id.", "external_id")
    told.update(filter(None, [sold.external_id]))
    return sold


def _error(row: int, error: Invalid) -> SaleError:
    return SaleError(row=row, field=error.field or "", reason=str(error))


def _done(row: int, one: Recorded) -> SaleDone:
    return SaleDone(row=row, id=one.sale.public_id, outcome="created" if one.is_new else "changed")


def _matching(query: SaleFilter) -> Select[Sale, Customer | None]:
    found = sale_queries.with_customers()
    if query.customer_id:
        found = found.where(Customer.public_id == query.customer_id)
    for column, value in (
        (Sale.category, query.category),
        (Sale.currency, query.currency and query.currency.upper()),
        (Sale.source, query.source),
        (Sale.external_id, query.external_id),
    ):
        found = found if value is None else found.where(column == value)
    for condition, bound in (
        (Sale.sold_at.__ge__, query.sold_from),
        (Sale.sold_at.__lt__, query.sold_before),
        (Sale.starts_on.__ge__, query.starts_from),
        (Sale.starts_on.__le__, query.starts_until),
    ):
        found = found if bound is None else found.where(condition(bound))
    return found


def _one(sale: Sale) -> SaleOut:
    return _shown(sale, db.session.get(Customer, sale.customer_id) if sale.customer_id else None)


def _shown(sale: Sale, customer: Customer | None) -> SaleOut:
    facts = {name: getattr(sale, name) for name in SaleOut.model_fields if hasattr(sale, name)}
    told = {
        "id": sale.public_id,
        "customer_id": customer.public_id if customer else None,
        "phone": customer.phone if customer else None,
        "amount": sale_queries.exact(sale.amount, sale.currency),
    }
    return SaleOut.model_validate(facts | told)
