"""A segment's conditions once read: every value is of its kind and within bounds. They are made by `reading` alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.customers.segments.fields import Field
from app.customers.segments.kinds import Operator
from app.customers.segments.spans import Span

ANY = "any"  # of all campaigns
Value = str | Decimal | date | Span | tuple[str, ...] | tuple[Decimal, ...] | tuple[date, ...] | None


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing asked. `part` names the attribute of a field that is many; only rows from `since` on are looked at."""

    field: Field
    operator: Operator
    value: Value = None
    part: str = ""
    since: Span | date | None = None

    @property
    def asks(self) -> str:
        """The operator's name; of one that denies, the name of what it denies."""
        return self.operator.denies or self.operator.name

    def as_json(self) -> dict[str, Any]:
        """As it is kept and as `reading.parse` takes it."""
        told: dict[str, Any] = {"field": self.field.name + self.part, "operator": self.operator.name}
        if self.value is not None:
            told["value"] = _plain(self.value)
        return told | ({"since": _plain(self.since)} if self.since else {})


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions of which all hold ("AND") or one ("OR"); with `negated`, of whom that is not true."""

    logic: str
    conditions: tuple[Condition | Group, ...]
    negated: bool = False

    def as_json(self) -> dict[str, Any]:
        """As it is kept and as `reading.parse` takes it."""
        told: dict[str, Any] = {"logic": self.logic, "conditions": [it.as_json() for it in self.conditions]}
        return told | ({"not": True} if self.negated else {})


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(it) for it in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else format(value.normalize(), "f")
    return value if isinstance(value, str) else str(value)
