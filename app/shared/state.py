"""States: an enum, one table of allowed moves, one way to move."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from app.shared.errors import Refused


class States:
    """The table of allowed moves of one kind of thing, and the only way to change its `status`."""

    def __init__(self, noun: str, moves: Mapping[Any, set[Any]]) -> None:
        self.noun = noun
        self.moves = {state: frozenset(targets) for state, targets in moves.items()}

    def allows(self, source: StrEnum, target: StrEnum) -> bool:
        """Whether a thing in `source` may go to `target`."""
        return target in self.moves.get(source, frozenset())

    def move(self, thing: Any, target: StrEnum) -> None:
        """Set `thing.status` to `target`. Raises `Refused` with a sentence when the table forbids it."""
        if not self.allows(thing.status, target):
            raise Refused(f"This {self.noun} is {words(thing.status)}; it cannot become {words(target)} now.")
        thing.status = target


def words(state: StrEnum) -> str:
    """A state as people read it: `not_before` → `not before`."""
    return str(state).replace("_", " ")
