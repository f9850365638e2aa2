"""The register: what each room knows of people. Filled by the factory, for rooms stand above this one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

if TYPE_CHECKING:
    from app.customers.privacy.person import Person
    from app.customers.privacy.retention import Kind
    from app.customers.privacy.traces import Traces

KEPT_AS = "customers.privacy"

Rows = Iterable[Mapping[str, Any]]
Scrub = Callable[["Traces", Any], Any]


def _nobody(person: Person) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Room:
    """What a room can do for a person.

    `export` answers the rows that know them, by table. `erase` takes them out of the rows that are theirs, in the
    caller's transaction. `columns` says how a column loses a person where replacing the mention would not do.
    `numbers` are those under which the room knew them. `kinds` are its data that need not be kept for ever.
    `uploads` selects the ids of the imports whose files it has still to read, never null.
    """

    name: str
    export: Callable[[Person], Mapping[str, Rows]]
    erase: Callable[[Person, Traces], None]
    numbers: Callable[[Person], Iterable[str]] = _nobody
    columns: Mapping[InstrumentedAttribute[Any], Scrub] = field(default_factory=dict)
    kinds: tuple[Kind, ...] = ()
    uploads: Select[Any] | None = None


def enter(app: Flask, *rooms: Room) -> None:
    """Put rooms into the application's register, in the order in which they must lock what they erase."""
    app.extensions[KEPT_AS] = rooms


def rooms() -> tuple[Room, ...]:
    """The rooms that know people, in that order."""
    entered: tuple[Room, ...] = current_app.extensions[KEPT_AS]
    return entered
