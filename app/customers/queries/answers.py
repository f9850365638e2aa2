"""What people answered to marketing, as conditions of a query about customers.

There are four answers, and everybody has one: yes ("in"), no ("out"), nothing yet ("unknown"), or "suppressed". Who
stands on the suppression list gets no marketing whatever they say, so that comes first, as at the gate.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, false, func, literal, not_, or_

from app.auth import workspace
from app.customers.models import Customer
from app.customers.privacy.models import Suppression

SUPPRESSED = "suppressed"
_SAID: dict[str, ColumnElement[bool]] = {
    "in": Customer.marketing_opt_in.is_(True),
    "out": and_(Customer.marketing_opt_out_at.is_not(None), not_(Customer.marketing_opt_in)),
    "unknown": and_(Customer.marketing_opt_out_at.is_(None), not_(Customer.marketing_opt_in)),
}
ANSWERS = (*_SAID, SUPPRESSED)


def answered(answer: str) -> ColumnElement[bool]:
    """Who has this one of the `ANSWERS`; never NULL."""
    if answer == SUPPRESSED:
        return suppressed(Customer)
    # Each denied for itself: PostgreSQL makes a join of that, and digests the numbers of those alone who are left.
    return and_(_SAID[answer], *(not_(listed) for listed in _listed(Customer)))


def answer() -> ColumnElement[str]:
    """Which one they have."""
    return case((suppressed(Customer), SUPPRESSED), *((said, name) for name, said in _SAID.items()))


def suppressed(person: Any) -> ColumnElement[bool]:
    """Whether the number or the user id of `person`, a table of people, stands on the suppression list."""
    return or_(false(), *_listed(person))


def _listed(person: Any) -> Iterator[ColumnElement[bool]]:
    """For each of their addresses whether it is on the list; nothing where nobody ever was put on it."""
    salt = workspace.current().suppression_salt
    for address in (person.phone, person.user_id) if salt else ():
        digest = func.sha256(func.convert_to(literal(salt) + address, "UTF8"))
        yield exists().where(Suppression.digest == digest).correlate(person)
