"""Customers as other programs tell of them: found by number or Meta's id, made where unknown, given what is said.

What is said is a mapping of FIELDS; a field left out stays as it is. These verbs flush; the caller commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.exc import IntegrityError

from app.customers.models import Customer
from app.customers.service.people import tags_in
from app.customers.service.spellings import spellings
from app.extensions import db
from app.shared import phone as phones
from app.shared import zones
from app.shared.errors import Invalid, Refused

DETAILS = ("name", "email", "city", "zone", "locale")
FIELDS = ("phone", "user_id", *DETAILS, "attributes", "tags")
MOST_TAGS = 100
MOST_ATTRIBUTES = 200


def keep(said: Mapping[str, Any], default_region: str) -> tuple[Customer, bool]:
    """The customer with this phone or user id, now as said, and whether nobody knew them.

    Raises `Invalid` at the field, or `Refused` where phone and user id are two different customers'.
    """
    number, user_id = _number(said.get("phone"), default_region), _text(said.get("user_id"))
    if number is None and user_id is None:
        raise Invalid("Say the phone number, or Meta's user id.", "phone")
    known = _known(number, user_id)
    customer, is_new = (known, False) if known else _made(number, user_id)
    if number and customer.phone in spellings(phones.digits(number)):
        said = {**said, "phone": customer.phone}  # theirs already, however it is spelled
    change(customer, said, default_region)
    return customer, is_new


def create(said: Mapping[str, Any], default_region: str) -> Customer:
    """A new customer, without consent. Raises `Invalid` at the field, also where somebody has this number or id."""
    number, user_id = _number(said.get("phone"), default_region), _text(said.get("user_id"))
    if number is None and user_id is None:
        raise Invalid("Give a phone number, or the id by which Meta knows them.", "phone")
    if known := _anybody(number, user_id):
        raise Invalid(*_taken(known, user_id))
    customer, is_new = _made(number, user_id)
    if not is_new:
        raise Invalid(*_taken(customer, user_id))
    change(customer, said, default_region)
    return customer


def change(customer: Customer, said: Mapping[str, Any], default_region: str) -> None:
    """Give `customer` what is said; attributes said to be None go. Raises `Invalid` at the field."""
    db.session.refresh(customer, with_for_update={"key_share": True})
    _address(customer, said, default_region)
    if said.get("zone") and zones.by_name(said["zone"].strip()) is None:
        raise Invalid("There is no such time zone; name it like Asia/Kolkata.", "zone")
    for name in DETAILS:
        if name in said:
            setattr(customer, name, _text(said[name]))
    if said.get("attributes"):
        customer.attributes = _attributes(customer.attributes | said["attributes"])
    if "tags" in said:
        customer.tags = _tags(said["tags"] or ())
    db.session.flush()


def retag(customer: Customer, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
    """Add tags to the customer's and take others away; what is in both goes."""
    db.session.refresh(customer, with_for_update={"key_share": True})
    gone = set(_tags(remove))
    customer.tags = [tag for tag in _tags([*customer.tags, *add]) if tag not in gone]
    db.session.flush()


def has_number(number: str) -> ColumnElement[bool]:
    """Who has this number (E.164), in any of its spellings."""
    return Customer.phone.in_(spellings(phones.digits(number)))


def _anybody(number: str | None, user_id: str | None) -> Customer | None:
    return next(iter(_all_known(number, user_id)), None)


def _all_known(number: str | None, user_id: str | None) -> Sequence[Customer]:
    is_number = has_number(number) if number else false()
    is_user = Customer.user_id == user_id if user_id else false()
    return db.session.scalars(select(Customer).where(or_(is_number, is_user)).order_by(Customer.id)).all()


def _known(number: str | None, user_id: str | None) -> Customer | None:
    found = _all_known(number, user_id)
    if len(found) > 1:
        raise Refused("This phone and this user id are two different customers'.")
    customer = found[0] if found else None
    if customer and user_id and customer.user_id not in (None, user_id):
        raise Refused("The customer with this phone number has another user id.")
    return customer


def _taken(customer: Customer, user_id: str | None) -> tuple[str, str]:
    """Whose it is, and the field that says so."""
    name, field = customer.name or "without a name", "user_id" if user_id and user_id == customer.user_id else "phone"
    return f"There is already a customer with {getattr(customer, field)}: {name}.", field


def _made(number: str | None, user_id: str | None) -> tuple[Customer, bool]:
    """A new customer, or whom somebody made just now."""
    try:
        with db.session.begin_nested():
            customer = Customer(phone=number, user_id=user_id)
            db.session.add(customer)
        return customer, True
    except IntegrityError:
        found = _known(number, user_id)
        if found is None:
            raise
        return found, False


def _address(customer: Customer, said: Mapping[str, Any], default_region: str) -> None:
    number = _number(said["phone"], default_region) if "phone" in said else customer.phone
    user_id = _text(said["user_id"]) if "user_id" in said else customer.user_id
    if number is None and user_id is None:
        raise Invalid("A customer needs a phone number, or Meta's user id.", "phone")
    try:
        with db.session.begin_nested():
            customer.phone, customer.user_id = number, user_id
    except IntegrityError as error:
        field = "user_id" if "user_id" in str(error.orig) else "phone"
        raise Invalid("Another customer has this already.", field) from error


def _number(written: str | None, default_region: str) -> str | None:
    if _text(written) is None:
        return None
    try:
        return phones.parse(written or "", default_region)
    except phones.Unusable as reason:
        raise Invalid(f"This phone number cannot be used: {reason}.", "phone") from reason


def _text(written: str | None) -> str | None:
    return (written or "").strip() or None


def _attributes(told: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in told.items() if value is not None}
    if len(kept) > MOST_ATTRIBUTES:
        raise Invalid(f"A customer has at most {MOST_ATTRIBUTES} attributes.", "attributes")
    return kept


def _tags(written: Iterable[str]) -> list[str]:
    tags = tags_in(",".join(written))  # a comma parts tags wherever people write them
    if len(tags) > MOST_TAGS:
        raise Invalid(f"A customer has at most {MOST_TAGS} tags.", "tags")
    return tags
