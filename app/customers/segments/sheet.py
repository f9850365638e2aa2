"""The builder's form as it stands: what it says in words, what is wrong with it and where, who it finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.auth import workspace
from app.customers.queries.people import tags_in_use
from app.customers.segments import people, reading, registry, sentences
from app.customers.segments import queries as segment_queries
from app.customers.segments import tree as segment_tree
from app.customers.segments.conditions import Group
from app.customers.segments.fields import Field
from app.customers.segments.kinds import Takes
from app.customers.segments.models import Segment
from app.customers.segments.people import Look
from app.customers.segments.tree import Bunch, Line, lines_of
from app.customers.service.segments import Draft
from app.shared.errors import Invalid, Refused

CHOOSE = "Choose what to look at."
WRONG = "Mend what is marked to see who belongs to it."
UNFINISHED = "Fill in what is still empty to see who belongs to it."


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a control of the form. `is_empty`: nothing was typed there yet."""

    name: str
    sentence: str
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What the form says now: a sentence, and whom it finds; or why nobody can be found yet."""

    sentence: str = ""
    look: Look | None = None
    wanted: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """`is_tried`: somebody wanted to keep it, so what is missing is shown too. `focus` is where the hand belongs."""

    tree: Bunch = field(default_factory=segment_tree.blank)
    name: str = ""
    description: str = ""
    is_tried: bool = False
    focus: str = ""
    refusals: Sequence[Fault] = ()

    @classmethod
    def of(cls, segment: Segment) -> Sheet:
        """The form of a segment that is kept."""
        return cls(segment_tree.of_json(segment.query), segment.name, segment.description)

    def draft(self) -> Draft:
        """What is to be kept."""
        return Draft(self.name, self.tree.as_json(), self.description)

    def after(self, deed: str) -> Sheet:
        """The form after one of its buttons was pressed."""
        tree, focus = segment_tree.after(self.tree, deed)
        return replace(self, tree=tree, focus=focus)

    def refused(self, error: Invalid) -> Sheet:
        """The form after it could not be kept."""
        name = error.field or ""
        found = Fault(_control(name.removeprefix("query.")) if name.startswith("query") else name, str(error))
        known = {fault.name for fault in self._own_faults()}
        return replace(self, is_tried=True, refusals=() if found.name in known else (found,))

    def faults(self) -> list[Fault]:
        """All that is wrong, in reading order."""
        return [*self.refusals, *self._own_faults()]

    def shown(self) -> dict[str, str]:
        """The sentences by the control they stand at; of a form that nobody wanted to keep yet only what is wrong."""
        return {it.name: it.sentence for it in reversed(self.faults()) if self.is_tried or not it.is_empty}

    def group(self) -> Group:
        """The conditions. Raises `Invalid`."""
        return reading.parse(self.tree.as_json())

    def finding(self) -> Finding:
        """The sentence, and who belongs to it now."""
        if faults := self.faults():
            return Finding(wanted=UNFINISHED if all(it.is_empty for it in faults) else WRONG)
        try:
            group = self.group()
            sentence = sentences.sentence(group)
            return Finding(sentence, people.look(group))
        except (Invalid, Refused) as error:
            return Finding(wanted=str(error))

    def facts(self) -> dict[str, Any]:
        """What the form shows."""
        return {
            "sheet": self,
            "faults": self.shown(),
            "fields": picker(),
            "logics": segment_tree.LOGICS,
            "units": segment_tree.UNITS,
            "sinces": segment_tree.SINCE,
            "currency": workspace.current().currency,
            "tags": tags_in_use(),
            "is_full": len(lines_of(self.tree)) >= reading.MAX_CONDITIONS,
        }

    def _own_faults(self) -> list[Fault]:
        return [fault for line in lines_of(self.tree) if (fault := _fault_of(line)) is not None]


def picker() -> Mapping[str, list[tuple[str, str]]]:
    """All that can be asked about, by theme: (name, label)."""
    told: dict[str, list[tuple[str, str]]] = {}
    for it in registry.FIELDS.values():
        told.setdefault(it.theme, []).extend(_entries(it))
    return told


def _entries(it: Field) -> list[tuple[str, str]]:
    if not it.has_parts:
        return [(it.name, it.label)]
    known = [(it.name + part, f"{part} (attribute)") for part in segment_queries.attribute_names()]
    return [*known, (it.name, "Another attribute …")]


def _fault_of(line: Line) -> Fault | None:
    if line.asked is None:
        return Fault(f"{line.at}.field", CHOOSE, is_empty=True)
    if line.asked[0].has_parts and not line.asked[1]:
        return Fault(f"{line.at}.part", "Write the attribute's name.", is_empty=True)
    try:
        group = reading.parse({"logic": "AND", "conditions": [line.as_json()]})
        reading.check_names(group)
    except Invalid as error:
        part = (error.field or "").removeprefix("conditions.0.")
        control = _part_of(line, part)
        return Fault(f"{line.at}.{control}", str(error), _is_empty(line, control))
    return None


def _part_of(line: Line, part: str) -> str:
    """The control that a path within a condition belongs to."""
    takes = line.operator.takes if line.operator else Takes.NOTHING
    if part == "since":
        return "since_day" if line["since"] == "day" else "since_number"
    if takes is Takes.CAMPAIGNS and part.startswith("value"):
        return "campaign"
    if takes in (Takes.NUMBERS, Takes.DAYS) and part == "value.1":
        return "to"
    return part.partition(".")[0]


def _is_empty(line: Line, control: str) -> bool:
    return not line[control].strip()


def _control(path: str) -> str:
    """The place in the form of a path in the JSON: "conditions.0.conditions.1.value" is "q-0-1.value"."""
    numbers = [part for part in path.split(".") if part.isdigit()]
    rest = [part for part in path.split(".") if not part.isdigit() and part not in ("conditions", "query", "")]
    return "-".join([segment_tree.ROOT, *numbers]) + "." + (rest[0] if rest else "logic")
