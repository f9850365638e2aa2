"""Erasing a person. What is theirs goes at once, in one transaction; foreign words that name them follow in steps.

Each step is a transaction of its own that notes how far it came: killed anywhere and begun again, the end is the same.
Erasures that stand at the same place are searched for together: all that wait when a search begins are one search.
Erasing somebody a second time finds whatever has come since, and is otherwise without effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import JSONB

from app.auth import audit
from app.auth.models import User
from app.customers.models import Customer
from app.customers.privacy import register, sweep, uploads
from app.customers.privacy.crowd import Crowd, Sought
from app.customers.privacy.models import Erasure
from app.customers.privacy.person import Person, by_name_too, customers_of, people_of, person_of
from app.customers.privacy.traces import Traces
from app.customers.service import suppression
from app.extensions import db
from app.shared import clock

MOST = 100  # people of one erasure, whose rows are taken in one transaction
TOGETHER = 200  # erasures of one search
READERS = "readers"  # in an erasure's progress: imports that may bring the person back


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the search: whether it was the last for whom it was asked, and which erasures it finished.

    `crowd` may be handed to the next step, which then need not learn anew whom to look for.
    """

    is_last: bool
    finished: tuple[int, ...]
    crowd: Crowd


def erase(customer: Customer, by: User | None, *, by_name: bool = True) -> Erasure:
    """Forget this customer and all that is theirs, and keep them from ever getting marketing again.

    Their sales stay, without them. `by_name`: their full name, when nobody else has it, goes from the words of others,
    too. The caller commits and then rings `jobs.erasures.erase_on` for what is left to search: foreign words, the
    journal of webhooks, uploaded files.
    """
    return erase_person(person_of(customer), by, by_name=by_name)


def erase_many(customers: Sequence[Customer], by: User | None) -> Erasure:
    """The same for up to `MOST` customers. Raises `ValueError` past that."""
    if len(customers) > MOST:
        raise ValueError(f"At most {MOST} people are erased at once.")
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


def take_step(erasure_id: int, crowd: Crowd | None = None) -> Step | None:
    """Search on for a while, from where the last step came to, for all who have come as far.

    None when it is done, when another search goes on just now, or while an import reads a file in which the person
    stood. `crowd`: that of the step before.
    """
    if not db.session.scalar(_ALONE):
        return None
    waiting = select(Erasure).where(Erasure.finished_at.is_(None)).execution_options(populate_existing=True)
    first = db.session.scalar(waiting.where(Erasure.id == erasure_id).with_for_update())
    if first is None:
        return None
    as_far = Erasure.progress.op("-", return_type=JSONB)(READERS) == _place(first)
    beside = waiting.where(Erasure.id != erasure_id, as_far).order_by(Erasure.id).limit(TOGETHER - 1)
    together = [first, *db.session.scalars(beside.with_for_update())]
    if crowd is None or crowd.erasure_ids != {erasure.id for erasure in together}:
        crowd = Crowd([Sought(one.id, _whom(one), one.created_at) for one in together])
    finished = _search_on(together, crowd)
    db.session.flush()
    return None if finished is None else Step(first.finished_at is not None, finished, crowd)


def _search_on(together: Sequence[Erasure], crowd: Crowd) -> tuple[int, ...] | None:
    """Those whom this finished, being their last step; None when it was, and all of them wait for imports."""
    place = _place(together[0])
    if (swept := sweep.search(crowd, place)) is not None:
        for erasure in together:
            erasure.progress = swept
    elif (looked := uploads.search(crowd, place)) is not None:
        for erasure in together:
            readers = erasure.progress.get(READERS, [])
            more = [looked.import_id] if erasure.id in looked.may_bring_back else []
            erasure.progress = {"upload": looked.import_id, READERS: [*readers, *more]}
    else:
        return tuple(erasure.id for erasure in together if _is_finished(erasure)) or None
    return ()


def _is_finished(erasure: Erasure) -> bool:
    """Let it be so, unless an import still reads a file in which the person stood."""
    readers = erasure.progress.get(READERS, [])
    if uploads.are_read(readers):
        return False
    if readers:
        _erase_who_came_back(erasure, readers)
    erasure.person, erasure.progress, erasure.finished_at = None, {}, clock.now()
    return True


def _place(erasure: Erasure) -> dict[str, Any]:
    """How far its search came."""
    return {name: value for name, value in erasure.progress.items() if name != READERS}


def _whom(erasure: Erasure) -> Person:
    return Person.of_json(erasure.person or "{}")


# One search at a time: whoever is erased meanwhile is searched for with all who wait, when it has come to its end.
_ALONE = select(func.pg_try_advisory_xact_lock(func.hashtext("erasures")))


def _erase_who_came_back(erasure: Erasure, readers: Sequence[int]) -> None:
    """What imports read out of their files while these still named the person goes, too. Not who came otherwise."""
    person = _whom(erasure)
    back = [customer.id for customer in customers_of(person) if customer.import_id in readers]
    by = db.session.get(User, erasure.begun_by) if erasure.begun_by else None
    erase_person(replace(person, customer_ids=tuple(back)), by, by_name=False)


def unfinished() -> list[int]:
    """Erasures that somebody should ring for, the oldest first."""
    waiting = select(Erasure.id).where(Erasure.finished_at.is_(None)).order_by(Erasure.id)
    return list(db.session.scalars(waiting))
