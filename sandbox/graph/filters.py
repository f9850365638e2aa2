"""The `filter` of a list of products: rules over their fields, joined by `and` and `or`."""

from collections.abc import Callable
from typing import Any

from sandbox.errors import GraphError
from sandbox.world.shop import Item

Rule = Callable[[str, Any], bool]  # the field's text, what the rule asks for

LISTS = ("is_any", "is_not_any")
RULES: dict[str, Rule] = {
    "eq": lambda text, wanted: text == _fold(wanted),
    "neq": lambda text, wanted: text != _fold(wanted),
    "contains": lambda text, wanted: _fold(wanted) in text,
    "i_contains": lambda text, wanted: _fold(wanted) in text,
    "not_contains": lambda text, wanted: _fold(wanted) not in text,
    "i_not_contains": lambda text, wanted: _fold(wanted) not in text,
    "starts_with": lambda text, wanted: text.startswith(_fold(wanted)),
    "i_starts_with": lambda text, wanted: text.startswith(_fold(wanted)),
    "is_any": lambda text, wanted: text in map(_fold, wanted),
    "is_not_any": lambda text, wanted: text not in map(_fold, wanted),
}


def fits(item: Item, rule: Any) -> bool:
    """Whether an item keeps a rule; without a rule every item does. Raises GraphError for a rule nobody knows."""
    if rule is None or rule == "":
        return True
    if not isinstance(rule, dict):
        raise GraphError(100, message="(#100) Param filter must be a valid JSON rule")
    node = item.as_node() | {"product_item_id": item.id}
    return all(_holds(item, node, name, wanted) for name, wanted in rule.items())


def _holds(item: Item, node: dict[str, Any], name: str, wanted: Any) -> bool:
    if name in ("and", "or"):
        if not isinstance(wanted, list):
            raise GraphError(100, message=f"(#100) Param filter: {name} must hold a list of rules")
        return (all if name == "and" else any)(fits(item, one) for one in wanted)
    if not isinstance(wanted, dict) or not set(wanted) <= set(RULES):
        raise GraphError(100, message=f"(#100) Param filter: {name} needs one of {', '.join(RULES)}")
    if any(rule in LISTS and not isinstance(value, list) for rule, value in wanted.items()):
        raise GraphError(100, message=f"(#100) Param filter: {' and '.join(LISTS)} need a list")
    text = _fold(node.get(name, ""))
    return all(RULES[rule](text, value) for rule, value in wanted.items())


def _fold(value: Any) -> str:
    return str(value).casefold()
