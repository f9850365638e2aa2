"""Making and changing customers, and making one of two that prove to be the same person."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from app.customers.models import Customer
from app.customers.service import consent
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


def merge(into: Customer, gone: Customer) -> Customer:
    """Let both be `into`: it gets what points at `gone`, and of `gone`'s details those it lacks itself.

    The stricter answer to marketing holds. Whoever keeps rows of which a customer may have one alone (conversations)
    has joined them before.
    """
    db.session.flush()
    _hand_over(into, gone)
    # Whoever writes to `gone` at this moment has it locked against us, and is done when we have it: then nothing new
    # points there. Locked before, it would keep them waiting for us while we wait for their rows.
    db.session.refresh(gone, with_for_update=True)
    _hand_over(into, gone)
    db.session.execute(delete(Customer).where(Customer.id == gone.id), execution_options={"synchronize_session": False})
    db.session.expunge(gone)
    for name in ("phone", "user_id", "name", "email", "city", "zone", "locale"):
        setattr(into, name, getattr(into, name) or getattr(gone, name))
    into.attributes = gone.attributes | into.attributes
    into.tags = list(dict.fromkeys([*into.tags, *gone.tags]))
    into.last_inbound_at = max(filter(None, (into.last_inbound_at, gone.last_inbound_at)), default=None)
    _merge_consent(into, gone)
    db.session.flush()
    return into


def _hand_over(into: Customer, gone: Customer) -> None:
    # Those that point at others first: senders too lock recipients before messages.
    for table in reversed(db.metadata.sorted_tables):
        for column in table.columns:
            if any(key.column is Customer.__table__.c.id for key in column.foreign_keys):
                db.session.execute(update(table).where(column == gone.id).values({column.name: into.id}))


def _merge_consent(into: Customer, gone: Customer) -> None:
    has_refused = into.is_opted_out or gone.is_opted_out
    for name in ("marketing_opt_in_at", "marketing_opt_out_at"):
        setattr(into, name, max(filter(None, (getattr(into, name), getattr(gone, name))), default=None))
    into.marketing_opt_in = into.marketing_opt_in or gone.marketing_opt_in
    if has_refused:
        into.marketing_opt_out_at = max(filter(None, (into.marketing_opt_in_at, into.marketing_opt_out_at)))
    consent.follow_newest(into)


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
