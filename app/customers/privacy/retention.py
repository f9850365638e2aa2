"""For how long data of each kind is kept: the rules, and what falls to them, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.customers.privacy import register
from app.customers.privacy.models import RetentionRule
from app.extensions import db
from app.shared import clock
from app.shared.errors import Invalid

LONGEST = 36_500  # days


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of data that need not be kept for ever.

    `count` tells how much is older than a time; `purge` takes away up to so much of it, the oldest first, and tells
    how much it was. `days` is how long it is kept until somebody decides otherwise; None: for ever. `least` is what
    the house itself needs of it.
    """

    name: str
    label: str
    count: Callable[[datetime], int]
    purge: Callable[[datetime, int], int]
    days: int | None = None
    least: int = 1


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind and for how many days it is kept; None: for ever."""

    kind: Kind
    days: int | None

    @property
    def before(self) -> datetime | None:
        """What is older than this goes."""
        return None if self.days is None else clock.now() - timedelta(days=self.days)

    def count(self) -> int:
        """How much would go now."""
        return 0 if self.before is None else self.kind.count(self.before)


def rules() -> list[Rule]:
    """The rule of every kind: as somebody decided, else the default."""
    decided: Mapping[str, int | None] = {
        row.kind: row.days for row in db.session.execute(select(RetentionRule.kind, RetentionRule.days))
    }
    return [Rule(kind, decided.get(kind.name, kind.days)) for room in register.rooms() for kind in room.kinds]


def rule_of(name: str) -> Rule:
    """The rule of that kind. Raises `Invalid`."""
    found = next((rule for rule in rules() if rule.kind.name == name), None)
    if found is None:
        names = ", ".join(rule.kind.name for rule in rules())
        raise Invalid(f"There is no kind “{name}”; there are: {names}.", "kind")
    return found


def checked(kind: Kind, days: int | None) -> int | None:
    """The days, when data of that kind can be kept for so long. Raises `Invalid` at "days"."""
    if days is not None and not kind.least <= days <= LONGEST:
        raise Invalid(f"{kind.label} can be kept for {kind.least} to {LONGEST} days, or for ever.", "days")
    return days


def set_rule(name: str, days: int | None) -> Rule:
    """Keep data of that kind for so many days, None: for ever. Raises `Invalid` at the field."""
    kind = rule_of(name).kind
    days = checked(kind, days)
    row = db.session.scalar(select(RetentionRule).where(RetentionRule.kind == name)) or RetentionRule(kind=name)
    row.days = days
    db.session.add(row)
    db.session.flush()
    return Rule(kind, days)
