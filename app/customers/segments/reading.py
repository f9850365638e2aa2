"""Reading a segment's JSON. Whatever it holds, the answer is conditions within bounds, or `Invalid` with the path.

{"logic": "AND", "not": false, "conditions": [
    {"field": "saleDetails.destination", "operator": "contains", "value": "Bali", "since": "6 months"},
    {"logic": "OR", "conditions": [...]}]}
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from app.customers.segments import registry, values
from app.customers.segments.conditions import ANY, Condition, Group, Value
from app.customers.segments.fields import Field
from app.customers.segments.kinds import Operator, Takes
from app.shared.errors import Invalid

MAX_DEPTH = 5
MAX_CONDITIONS = 50
_GROUP = {"logic", "conditions", "not"}
_CONDITION = {"field", "operator", "value", "since"}


def parse(query: object, path: str = "") -> Group:
    """The conditions that JSON says. Raises `Invalid`, whose field is the path ("conditions.0.value") after `path`."""
    group = _group(query, path, 1)
    if sum(1 for _ in conditions_of(group)) > MAX_CONDITIONS:
        raise Invalid(f"A segment has at most {MAX_CONDITIONS} conditions.", _at(path, "conditions"))
    return group


def conditions_of(group: Group, path: str = "") -> Iterator[tuple[Condition, str]]:
    """Every condition, however deep, and its path."""
    for index, it in enumerate(group.conditions):
        place = _at(path, f"conditions.{index}")
        if isinstance(it, Group):
            yield from conditions_of(it, place)
        else:
            yield it, place


def check_names(group: Group, path: str = "") -> None:
    """Refuse what names something that does not exist (a campaign). Raises `Invalid`."""
    for condition, place in conditions_of(group, path):
        named = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        wanted = [it for it in named if isinstance(it, str) and it != ANY]
        if condition.field.names and set(wanted) - set(condition.field.names(wanted)):
            raise Invalid("This does not exist (any more).", f"{place}.value")


def _group(raw: object, path: str, depth: int) -> Group:
    told = _object(raw, _GROUP, path)
    if depth > MAX_DEPTH:
        raise Invalid(f"Groups stand at most {MAX_DEPTH} deep.", path or None)
    if told.get("logic") not in ("AND", "OR"):
        raise Invalid('Say how its conditions go together: "AND" or "OR".', _at(path, "logic"))
    if not isinstance(told.get("not", False), bool):
        raise Invalid("Say true or false.", _at(path, "not"))
    items = told.get("conditions")
    place = _at(path, "conditions")
    if not isinstance(items, list) or not items:
        raise Invalid("Add at least one condition.", place)
    if len(items) > MAX_CONDITIONS:
        raise Invalid(f"A segment has at most {MAX_CONDITIONS} conditions.", place)
    read = tuple(_item(it, f"{place}.{index}", depth) for index, it in enumerate(items))
    return Group(str(told["logic"]), read, told.get("not") is True)


def _item(raw: object, path: str, depth: int) -> Condition | Group:
    is_group = isinstance(raw, dict) and ("conditions" in raw or "logic" in raw)
    return _group(raw, path, depth + 1) if is_group else _condition(raw, path)


def _condition(raw: object, path: str) -> Condition:
    told = _object(raw, _CONDITION, path)
    field, part = _field(told.get("field"), f"{path}.field")
    operator = _operator(field, told.get("operator"), f"{path}.operator")
    value = _value(field, operator, told.get("value"), f"{path}.value")
    since = told.get("since")
    if since is not None and not field.takes_since:
        raise Invalid(f"{field.label} does not go with “since”.", f"{path}.since")
    return Condition(field, operator, value, part, None if since is None else values.since(since, f"{path}.since"))


def _field(name: object, path: str) -> tuple[Field, str]:
    found = registry.find(name) if isinstance(name, str) else None
    if found is None:
        raise Invalid("There is no such field.", path)
    field, part = found
    return field, values.text(part, path) if part else ""


def _operator(field: Field, name: object, path: str) -> Operator:
    for operator in field.offers:
        if operator.name == name:
            return operator
    offered = ", ".join(it.name for it in field.offers)
    raise Invalid(f"{field.label} can be asked: {offered}.", path)


def _value(field: Field, operator: Operator, raw: object, path: str) -> Value:
    if operator.takes is Takes.NOTHING:
        if raw is not None:
            raise Invalid(f"“{operator.label}” takes no value.", path)
        return None
    value = values.READERS[operator.takes](raw, path)
    if operator.takes is Takes.CHOICE and field.choices and value not in dict(field.choices()):
        raise Invalid("Choose one of: " + ", ".join(dict(field.choices())) + ".", path)
    return value


def _object(raw: object, known: Collection[str], path: str) -> dict[str, object]:
    if not isinstance(raw, dict):
        raise Invalid("Give an object with conditions.", path or None)
    for key in raw:
        if key not in known:
            raise Invalid("Only these belong here: " + ", ".join(sorted(known)) + ".", path or None)
    return raw


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
