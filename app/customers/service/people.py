"""Making and changing customers by hand."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from app.customers.models import Customer
from app.extensions import db
from app.shared import phone
from app.shared.errors import Invalid


@dataclass(frozen=True, slots=True)
class Details:
    """What a person tells of a customer. `phone` as written; the rest may be empty."""

    phone: str
    name: str = ""
    email: str = ""
    city: str = ""
    tags: str = ""  # separated by commas


def create_customer(details: Details, default_region: str) -> Customer:
    """A new customer, without consent. Raises `Invalid` for a phone that is unusable or known already."""
    customer = Customer()
    change_customer(customer, details, default_region)
    return customer


def change_customer(customer: Customer, details: Details, default_region: str) -> None:
    """Give `customer` these details. Raises `Invalid` for a phone that is unusable or another customer's."""
    number = _e164(details.phone, default_region, required=customer.user_id is None)
    try:
        with db.session.begin_nested():
            customer.phone = number
            _describe(customer, details)
            db.session.add(customer)
    except IntegrityError as error:
        raise Invalid(f"There is already a customer with {number}.", "phone") from error


def tags_in(text: str) -> list[str]:
    """The tags of a comma-separated text, each once, in lower case, in the order written."""
    return list(dict.fromkeys(tag.strip().lower() for tag in text.split(",") if tag.strip()))


def _describe(customer: Customer, details: Details) -> None:
    customer.name = details.name.strip() or None
    customer.email = details.email.strip() or None
    customer.city = details.city.strip() or None
    customer.tags = tags_in(details.tags)


def _e164(written: str, default_region: str, *, required: bool) -> str | None:
    if not written.strip() and not required:
        return None
    try:
        return phone.parse(written, default_region)
    except phone.Unusable as reason:
        raise Invalid(f"This phone number cannot be used: {reason}.", "phone") from reason
