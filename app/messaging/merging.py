"""Two customers who are one person, made one by hand: what would come of it, and doing it.

It stands here because conversations must be joined before customers can be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from app.customers import words
from app.customers.models import Customer
from app.customers.service import people, suppression
from app.extensions import db
from app.messaging.engine import inbound, persons
from app.shared.errors import Missing, Refused

DETAILS = {"name": "Name", "phone": "Phone", "user_id": "Meta’s user id", "email": "Email", "city": "City"}
DETAILS |= {"zone": "Time zone", "locale": "Language"}
SOURCE = "merge"  # of numbers put on the suppression list


@dataclass(frozen=True, slots=True)
class Line:
    """One thing known of both; `is_lost`: what the other one says about it goes."""

    label: str
    kept: str
    other: str
    is_lost: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would bring: what is known of both, and what of the other's moves."""

    lines: list[Line]
    moves: list[str]
    silences: bool  # they will be opted out, because one of them is, or is on the suppression list


def preview(into: Customer, gone: Customer) -> Preview:
    """What would come of it if both were `into`. Raises `Refused` where they are the same already."""
    _check_different(into, gone)
    moves = [words.table_words(table, number) for table, number in people.what_moves(gone).items()]
    return Preview(list(_lines(into, gone)), moves, _is_silent(into) or _is_silent(gone))


def merge(into: Customer, gone: Customer) -> None:
    """Let both be `into`, in this transaction. A number that is lost by it stays silent when they had opted out.

    Raises `Missing` when somebody was faster.
    """
    _check_different(into, gone)
    inbound.hold()
    _lock(into, gone)
    addresses = {gone.phone, gone.user_id}
    persons.join_conversations(into.id, gone.id)
    people.merge(into, gone)
    lost = addresses - {into.phone, into.user_id, None}
    if into.is_opted_out:
        suppression.suppress([address for address in lost if address], suppression.BY_HAND, SOURCE)


def _check_different(into: Customer, gone: Customer) -> None:
    if into.id == gone.id:
        raise Refused("This is the same customer. Choose another one.")


def _is_silent(customer: Customer) -> bool:
    return customer.is_opted_out or suppression.is_suppressed(customer.phone, customer.user_id)


def _lock(into: Customer, gone: Customer) -> None:
    """In the order of ids, as whoever else locks several customers; both as they are now."""
    query = select(Customer).where(Customer.id.in_((into.id, gone.id))).order_by(Customer.id)
    query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    if len(db.session.scalars(query).all()) < 2:
        raise Missing("One of the two is gone: somebody merged or erased them just now.")


def _lines(into: Customer, gone: Customer) -> Iterator[Line]:
    for name, label in DETAILS.items():
        kept, other = getattr(into, name) or "", getattr(gone, name) or ""
        if kept or other:
            yield Line(label, kept, other, bool(kept and other and kept != other))
    if into.tags or gone.tags:
        yield Line("Tags", ", ".join(into.tags), ", ".join(gone.tags), is_lost=False)
    for name in dict.fromkeys([*into.attributes, *gone.attributes]):
        kept, other = _told(into.attributes, name), _told(gone.attributes, name)
        yield Line(name, kept, other, bool(kept and other and kept != other))


def _told(attributes: Mapping[str, object], name: str) -> str:
    return str(attributes[name]) if name in attributes else ""
