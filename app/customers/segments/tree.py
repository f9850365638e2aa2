"""The builder's form: groups and conditions as they are typed, half-finished ones too. Nothing typed is ever lost.

Each part has a place: "q" is everything, "q-0" its first part, "q-0-1" the second part of that. A field of the form is
called by the place and what it says: "q-0-1.operator".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from app.customers.segments import registry
from app.customers.segments.fields import Field
from app.customers.segments.kinds import Operator, Takes
from app.customers.segments.reading import MAX_CONDITIONS, MAX_DEPTH

ROOT = "q"
LOGICS = {
    "AND": "all of these are true",
    "OR": "at least one of these is true",
    "NOT AND": "these are not all true",
    "NOT OR": "none of these is true",
}
UNITS = ("days", "weeks", "months", "years")
SINCE = {"": "at any time", "span": "in the last …", "day": "since the day …"}
_NAME = re.compile(r"q((?:-[0-9]{1,3})*)\.([a-z_]+)")
_SAME = ({Takes.TEXT, Takes.TEXTS}, {Takes.NUMBER, Takes.NUMBERS}, {Takes.DAY, Takes.DAYS})  # keep what is typed
_LONGEST_ROW = 60  # parts of a group: more than a segment may have


@dataclass
class Line:
    """A condition as it is typed."""

    is_group = False
    words: dict[str, list[str]] = field(default_factory=dict)
    at: str = ROOT

    def __getitem__(self, name: str) -> str:
        return next(iter(self.words.get(name, ())), "")

    @property
    def number(self) -> str:
        """Where it stands, for people: "2.1" is the first in the group that stands second."""
        return ".".join(str(int(part) + 1) for part in self.at.split("-")[1:])

    @property
    def asked(self) -> tuple[Field, str] | None:
        """The field and the part of it that is asked about; None while none is chosen."""
        if (known := registry.FIELDS.get(self["field"])) is not None and known.has_parts:
            return known, self["part"].strip()
        return registry.find(self["field"])

    @property
    def operator(self) -> Operator | None:
        """What is asked: as chosen, else the first thing that can be asked of the field."""
        if self.asked is None:
            return None
        offers = self.asked[0].offers
        return next((it for it in offers if it.name == self["operator"]), offers[0])

    def settled(self) -> Line:
        """Without what was typed for a question of another kind."""
        takes, was = self.operator.takes if self.operator else None, self["was"]
        is_same = not was or was == takes or any(was in kinds and takes in kinds for kinds in _SAME)
        kept = self.words if is_same else {name: it for name, it in self.words.items() if name not in ("value", "to")}
        return Line(kept, self.at)

    def as_json(self) -> dict[str, Any]:
        """The condition as `reading.parse` takes it, whatever is wrong with it."""
        if self.asked is None or self.operator is None:
            return {"field": self["field"], "operator": self["operator"]}
        known, part = self.asked
        told: dict[str, Any] = {"field": known.name + part, "operator": self.operator.name}
        if self.operator.takes is not Takes.NOTHING:
            told["value"] = self._value(self.operator.takes)
        return told | ({"since": self._since()} if self["since"] and known.takes_since else {})

    def _value(self, takes: Takes) -> object:
        match takes:
            case Takes.TEXTS:
                return [it for line in self["value"].splitlines() if (it := line.strip())]
            case Takes.NUMBERS | Takes.DAYS:
                return [self["value"], self["to"]]
            case Takes.SPAN:
                return f"{self['value'].strip()} {self['unit'] or UNITS[0]}"
            case Takes.CAMPAIGNS:
                chosen = self.words.get("campaign", [])
                return "any" if "any" in chosen else chosen
        return self["value"]

    def _since(self) -> str:
        return self["since_day"] if self["since"] == "day" else f"{self['since_number'].strip()} {self['since_unit']}"


@dataclass
class Bunch:
    """A group as it is typed. `logic` is a key of LOGICS."""

    is_group = True
    logic: str = "AND"
    parts: list[Line | Bunch] = field(default_factory=list)
    at: str = ROOT

    @property
    def depth(self) -> int:
        """1 for everything, 2 for a group in it, and so on."""
        return self.at.count("-") + 1

    @property
    def may_nest(self) -> bool:
        """Whether a group may stand in it."""
        return self.depth < MAX_DEPTH

    def as_json(self) -> dict[str, Any]:
        """The group as `reading.parse` takes it, whatever is wrong with it."""
        told: dict[str, Any] = {
            "logic": self.logic.removeprefix("NOT "),
            "conditions": [part.as_json() for part in self.parts],
        }
        return told | ({"not": True} if self.logic.startswith("NOT ") else {})


def placed(bunch: Bunch) -> Bunch:
    """The same with the places of all its parts, counted anew."""
    for number, part in enumerate(bunch.parts):
        part.at = f"{bunch.at}-{number}"
        if isinstance(part, Bunch):
            placed(part)
    return bunch


def parts_of(bunch: Bunch) -> Iterator[Line | Bunch]:
    """It and everything in it, in reading order."""
    yield bunch
    for part in bunch.parts:
        if isinstance(part, Bunch):
            yield from parts_of(part)
        else:
            yield part


def lines_of(bunch: Bunch) -> list[Line]:
    """Every condition, however deep."""
    return [part for part in parts_of(bunch) if isinstance(part, Line)]


def blank() -> Bunch:
    """A form with one empty condition."""
    return placed(Bunch(parts=[Line()]))


def of_form(form: MultiDict[str, str]) -> Bunch:
    """The tree that a form holds. What belongs nowhere in it is not looked at."""
    said: dict[tuple[int, ...], dict[str, list[str]]] = {}
    for name, values in form.lists():
        if found := _NAME.fullmatch(name):
            place = tuple(int(number) for number in found[1].split("-")[1:])
            said.setdefault(place, {})[found[2]] = [value.replace("\x00", "") for value in values]
    said.setdefault((), {"logic": ["AND"]})
    return placed(_bunch(said, ()))


def of_json(query: Mapping[str, Any]) -> Bunch:
    """The tree of a segment's JSON."""
    return placed(_bunch_of(query))


def after(tree: Bunch, deed: str) -> tuple[Bunch, str]:
    """The tree after a button was pressed ("add:q-0", "group:q", "remove:q-0-1"), and where the hand belongs then."""
    verb, _, at = deed.partition(":")
    focus = ""
    for bunch in [part for part in parts_of(tree) if isinstance(part, Bunch)]:
        if bunch.at == at and verb == "add" and len(lines_of(tree)) < MAX_CONDITIONS:
            bunch.parts.append(Line())
            focus = f"{at}-{len(bunch.parts) - 1}.field"
        elif bunch.at == at and verb == "group" and bunch.may_nest and len(lines_of(tree)) < MAX_CONDITIONS:
            bunch.parts.append(Bunch("OR", [Line()]))
            focus = f"{at}-{len(bunch.parts) - 1}-0.field"
        elif verb == "remove" and any(part.at == at for part in bunch.parts):
            bunch.parts = [part for part in bunch.parts if part.at != at]
            focus = f"{bunch.at}.add"
    return placed(_pruned(tree)), focus


def _pruned(tree: Bunch) -> Bunch:
    """Without groups that nothing is left in; there is always something to fill in."""
    tree.parts = [part for part in tree.parts if isinstance(part, Line) or _pruned_inner(part).parts]
    tree.parts = tree.parts or [Line()]
    return tree


def _pruned_inner(bunch: Bunch) -> Bunch:
    bunch.parts = [part for part in bunch.parts if isinstance(part, Line) or _pruned_inner(part).parts]
    return bunch


def _bunch(said: Mapping[tuple[int, ...], dict[str, list[str]]], place: tuple[int, ...]) -> Bunch:
    logic = next(iter(said[place].get("logic", ())), "AND")
    within = sorted(it for it in said if it[:-1] == place and len(it) == len(place) + 1)[:_LONGEST_ROW]
    parts: list[Line | Bunch] = []
    for it in within:
        is_group = "logic" in said[it] and len(it) < MAX_DEPTH
        parts.append(_bunch(said, it) if is_group else Line(said[it]).settled())
    return Bunch(logic if logic in LOGICS else "AND", parts)


def _bunch_of(query: Mapping[str, Any]) -> Bunch:
    logic = f"{'NOT ' if query.get('not') else ''}{query['logic']}"
    return Bunch(logic, [_bunch_of(it) if "conditions" in it else _line_of(it) for it in query["conditions"]])


def _line_of(condition: Mapping[str, Any]) -> Line:
    words = {"field": [condition["field"]], "operator": [condition["operator"]]}
    line = Line(words)
    if line.operator is not None and "value" in condition:
        words |= _words_of(line.operator.takes, condition["value"])
    if since := condition.get("since"):
        number, _, unit = since.partition(" ")
        words |= {"since": ["span" if unit else "day"], "since_day": [since]}
        words |= {"since_number": [number], "since_unit": [_plural(unit)]} if unit else {}
    return line


def _words_of(takes: Takes, value: Any) -> dict[str, list[str]]:
    match takes:
        case Takes.TEXTS:
            return {"value": ["\n".join(value)]}
        case Takes.NUMBERS | Takes.DAYS:
            return {"value": [str(value[0])], "to": [str(value[1])]}
        case Takes.SPAN:
            number, _, unit = value.partition(" ")
            return {"value": [number], "unit": [_plural(unit)]}
        case Takes.CAMPAIGNS:
            return {"campaign": [value] if isinstance(value, str) else list(value)}
    return {"value": [str(value)]}


def _plural(unit: str) -> str:
    return f"{unit.removesuffix('s')}s"
