"""Erasing a person. What is theirs goes at once, in one transaction; foreign words that name them follow in steps.

Each step is a transaction of its own that notes how far it came: killed anywhere and begun again, the end is the same.
Erasing somebody a second time finds whatever has come since, and is otherwise without effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from app.auth import audit
from app.auth.models import User
from app.customers.models import Customer
from app.customers.privacy import register, sweep, uploads
from app.customers.privacy.models import Erasure
from app.customers.privacy.person import Person, by_name_too, customers_of, people_of, person_of
from app.customers.privacy.traces import Traces
from app.customers.service import suppression
from app.extensions import db
from app.shared import clock

MOST = 100  # people of one search: each makes it slower, and a step must stay a matter of seconds


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the search: whether it was the last."""

    is_last: bool


def erase(customer: Customer, by: User | None, *, by_name: bool = True) -> Erasure:
    """Forget this customer and all that is theirs, and keep them from ever getting marketing again.

    Their sales stay, without them. `by_name`: their full name, when nobody else has it, goes from the words of others,
    too. The caller commits and then rings `jobs.erasures.erase_on` for what is left to search: foreign words, the
    journal of webhooks, uploaded files.
    """
    return erase_person(person_of(customer), by, by_name=by_name)


def erase_many(customers: Sequence[Customer], by: User | None) -> Erasure:
    """The same for up to `MOST` customers, with one search for all of them. Raises `ValueError` past that."""
    if len(customers) > MOST:
        raise ValueError(f"At most {MOST} people are searched for at once.")
    return erase_person(people_of(customers), by)


def erase_person(person: Person, by: User | None, *, by_name: bool = True) -> Erasure:
    """The same for a person who may be no customer (any more)."""
    suppression.suppress(person.addresses, suppression.ERASED)
    person = by_name_too(person) if by_name else person
    traces = Traces(person)
    for room in register.rooms():
        room.erase(person, traces)
    erasure = Erasure(person=person.as_json(), begun_by=by.id if by else None)
    db.session.add(erasure)
    db.session.flush()
    audit.record("customer.erase", erasure, by=by, customers=len(person.customer_ids))
    return erasure


def take_step(erasure_id: int) -> Step | None:
    """Search on for a while, from where the last step came to.

    None when it is done, in other hands just now, or waits for an import that reads a file in which the person stood.
    """
    erasure = db.session.scalar(
        select(Erasure)
        .where(Erasure.id == erasure_id, Erasure.finished_at.is_(None))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if erasure is None or erasure.person is None:
        return None
    traces = Traces(Person.of_json(erasure.person))
    progress = sweep.search(traces, erasure.created_at, erasure.progress)
    progress = progress or uploads.search(traces, erasure.created_at, erasure.progress)
    if progress is None:
        readers = erasure.progress.get("readers", [])
        if uploads.are_read(readers):
            return None
        if readers:
            _erase_who_came_back(erasure, traces.person, readers)
        erasure.person, erasure.finished_at = None, clock.now()
    erasure.progress = progress or {}
    db.session.flush()
    return Step(progress is None)


def _erase_who_came_back(erasure: Erasure, person: Person, readers: Sequence[int]) -> None:
    """What imports read out of their files while these still named the person goes, too. Not who came otherwise."""
    back = [customer.id for customer in customers_of(person) if customer.import_id in readers]
    by = db.session.get(User, erasure.begun_by) if erasure.begun_by else None
    erase_person(replace(person, customer_ids=tuple(back)), by, by_name=False)


def unfinished() -> list[int]:
    """Erasures that somebody should ring for, the oldest first."""
    waiting = select(Erasure.id).where(Erasure.finished_at.is_(None)).order_by(Erasure.id)
    return list(db.session.scalars(waiting))
