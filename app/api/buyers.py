"""Whose sales they are: the customers that entries of a request name, found in one go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from app.api.schemas.sales import SaleIn
from app.api.whereabouts import number_of
from app.customers.models import Customer
from app.customers.service.spellings import spellings
from app.extensions import db
from app.shared import phone
from app.shared.errors import Invalid

Name = tuple[str, UUID | str]  # one of WAYS, and what was said there
WAYS = ("customer_id", "phone", "user_id")


def name_of(sale: SaleIn) -> Name:
    """How the entry names its customer. Raises `Invalid` unless in one way, and with a usable number."""
    said = {way: getattr(sale, way) for way in WAYS if getattr(sale, way) is not None}
    if len(said) != 1:
        raise Invalid("Say whose sale it is by one of customer_id, phone and user_id.", "phone")
    (way, value), *_ = said.items()
    return way, number_of(value, "phone") if way == "phone" else value


def find(names: Iterable[Name]) -> dict[Name, int]:
    """The inner numbers of those customers that there are; none of them can be erased before the commit."""
    spelled = {name: _spelled(name) for name in names}
    values: dict[str, list[UUID | str]] = {way: [] for way in WAYS}
    for way, value in {key for keys in spelled.values() for key in keys}:
        values[way].append(value)
    query = select(Customer.id, Customer.public_id, Customer.phone, Customer.user_id).where(
        or_(
            Customer.public_id.in_(values["customer_id"]),
            Customer.phone.in_(values["phone"]),
            Customer.user_id.in_(values["user_id"]),
        )
    )
    known: dict[Name, int] = {}
    rows: Any = db.session.execute(query.order_by(Customer.id).with_for_update(read=True, key_share=True))
    for number, *said in rows:
        known |= dict.fromkeys(zip(WAYS, said, strict=True), number)
    found = {name: next((known[key] for key in keys if key in known), None) for name, keys in spelled.items()}
    return {name: number for name, number in found.items() if number is not None}


def require(name: Name, found: dict[Name, int]) -> int:
    """The customer of that name. Raises `Invalid` where there is none."""
    if name not in found:
        raise Invalid(f"No customer has {name[1]}; make one by POST /customers first.", name[0])
    return found[name]


def _spelled(name: Name) -> list[Name]:
    way, value = name
    return [(way, one) for one in spellings(phone.digits(str(value)))] if way == "phone" else [name]
