"""Random conditions: every field with every operator, values mostly such as some people have."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from app.customers.segments.fields import Field
from app.customers.segments.kinds import Operator, Takes
from app.customers.segments.registry import FIELDS
from tests.customers.segments.world import PARTS, TAGS, WORDS, World

NUMBERS = (0, 1, 2, 7, 42, -3.5, 50000, "50,000", "49999.99", 99999.99, 0.01, "-1", 7.25)
SPANS = ("30 days", "1 day", "6 months", "1 month", "2 weeks", "1 year", "999 days", "13 months")
TEXTS = (*[it for it in WORDS if it], "GOA", "bal", "%", "_", "\\", "'", " Bali ", "true", "42", "7.25", "+9198", "o")


def trees(world: World) -> st.SearchStrategy[dict[str, Any]]:
    """Groups of conditions and of groups, at most five deep."""
    logic, denial = st.sampled_from(("AND", "OR")), st.booleans()

    def group(children: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries(
            {"logic": logic, "not": denial, "conditions": st.lists(children, min_size=1, max_size=3)}
        )

    tree = group(conditions(world))
    for _ in range(3):
        tree = group(st.one_of(conditions(world), tree))
    return tree


@st.composite
def conditions(draw: st.DrawFn, world: World) -> dict[str, Any]:
    field: Field = draw(st.sampled_from(sorted(FIELDS.values(), key=lambda it: it.name)))
    operator: Operator = draw(st.sampled_from(field.offers))
    told: dict[str, Any] = {"field": field.name, "operator": operator.name}
    if field.has_parts:
        told["field"] += draw(st.sampled_from(PARTS))
    if operator.takes is not Takes.NOTHING:
        told["value"] = draw(values(world, field, operator.takes))
    if field.takes_since and draw(st.booleans()):
        told["since"] = draw(st.one_of(st.sampled_from(SPANS), _days(world)))
    return told


def values(world: World, field: Field, takes: Takes) -> st.SearchStrategy[Any]:
    number, text = st.sampled_from(NUMBERS), st.sampled_from((*TAGS, "VIP") if field.name == "tags" else TEXTS)
    campaign = st.sampled_from([str(it.public_id) for it in world.campaigns])
    of_kind: dict[Takes, st.SearchStrategy[Any]] = {
        Takes.TEXT: text,
        Takes.TEXTS: st.lists(text, min_size=1, max_size=3),
        Takes.NUMBER: number,
        Takes.NUMBERS: st.lists(number, min_size=2, max_size=2).map(lambda two: sorted(two, key=_size)).map(_plain),
        Takes.DAY: _days(world),
        Takes.DAYS: st.lists(_days(world), min_size=2, max_size=2).map(sorted),
        Takes.SPAN: st.sampled_from(SPANS),
        Takes.CHOICE: st.sampled_from(("in", "out", "unknown", "suppressed")),
        Takes.CAMPAIGNS: st.one_of(st.just("any"), st.lists(campaign, min_size=1, max_size=2)),
    }
    return of_kind[takes]


def _days(world: World) -> st.SearchStrategy[str]:
    return st.sampled_from(world.days)


def _size(number: Any) -> float:
    return float(str(number).replace(",", ""))


def _plain(two: list[Any]) -> list[Any]:
    return [it.replace(",", "") if isinstance(it, str) else it for it in two]
