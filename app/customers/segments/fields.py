"""What a segment can ask about: a field's name, its kind, how it is said and how it is asked of the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement

from app.customers.segments.kinds import OPERATORS, Kind, Operator
from app.customers.segments.spans import Vantage

if TYPE_CHECKING:
    from app.customers.segments.conditions import Condition

Test = Callable[["Condition", Vantage], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Words:
    """How a condition reads after "Customers". `{}` is what is asked ("more than ₹50,000").

    `denied` is for operators that deny; where it is empty, the operator's own words do that ("is not"). `known` and
    `unknown` are whole: whether there is anything at all.
    """

    says: str
    denied: str = ""
    known: str = ""
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to ask about. A name that ends in a dot is followed by a part: the attribute's name.

    `test` is the SQL of what the operator asks, a denial left aside. `is_certain`: it is never NULL, so that NOT is
    enough to deny it and the planner can make an anti-join of it.
    """

    name: str
    label: str
    kind: Kind
    theme: str
    words: Words
    test: Test
    operators: tuple[Operator, ...] = ()
    choices: Callable[[], Sequence[tuple[str, str]]] | None = None  # (value, label) to choose from
    names: Callable[[Sequence[str]], Mapping[str, str]] | None = None  # the labels of these values, those that exist
    takes_since: bool = False
    is_certain: bool = False

    @property
    def offers(self) -> tuple[Operator, ...]:
        """The operators it takes: its own, else all of its kind."""
        return self.operators or OPERATORS[self.kind]

    @property
    def has_parts(self) -> bool:
        """Whether its name is only the beginning of one."""
        return self.name.endswith(".")
