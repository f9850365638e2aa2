"""A template's variables filled for a recipient: from a CSV column, a customer field or a fixed text.

The mapping is JSON: {"body.1": {"source": "column", "value": "City", "fallback": "your city"}}. Keys are the
variables' own ("body.1", "header.first_name", "card.0.button.0.1"); sources are column, field and text. A text may
name columns and fields in double braces: "Hi {{Name}}".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.meta.components import CompiledTemplate, TemplateVariable
from app.shared.errors import Invalid

FIELDS = {"name": "Name", "first_name": "First name", "phone": "Phone", "email": "E-mail", "city": "City"}
SOURCES = ("column", "field", "text")
MAX_TEXT = 1000
PAYLOAD = "payload"  # what is said of it serves every quick reply without a payload of its own
_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")

Mapping_ = Mapping[str, Mapping[str, str]]


class Facts:
    """Everything a variable may draw on for one recipient: the row of its file, and what we know of the customer."""

    __slots__ = ("columns", "fields")

    def __init__(self, columns: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
        self.columns, self.fields = columns, fields

    def column(self, name: str) -> str:
        return str(self.columns.get(name) or "")

    def field(self, name: str) -> str:
        if name == "first_name":
            return self.field("name").split(" ")[0]
        return str(self.fields.get(name) or self.fields.get("attributes", {}).get(name) or "")

    def either(self, name: str) -> str:
        return self.column(name) or self.field(name.lower().replace(" ", "_"))


def fill(mapping: Mapping_, facts: Facts) -> dict[str, str]:
    """The value of each mapped variable; an empty one means that neither source nor fallback has a word."""
    return {key: _value(rule, facts) or rule.get("fallback", "") for key, rule in mapping.items()}


def _value(rule: Mapping[str, str], facts: Facts) -> str:
    source, value = rule.get("source"), rule.get("value", "")
    if source == "column":
        return facts.column(value).strip()
    if source == "field":
        return facts.field(value).strip()
    if "{{" not in value:
        return value
    return _PLACEHOLDER.sub(lambda match: facts.either(match[1]), value).strip()


def fixed(rule: Mapping[str, str]) -> str | None:
    """The value that the rule gives to everybody; None where it depends on the recipient."""
    value = rule.get("value", "")
    return None if rule.get("source") in ("column", "field") or "{{" in value else value or rule.get("fallback", "")


def kinds_of(template: CompiledTemplate) -> dict[str, str]:
    """What each key that may be spoken of takes: the variables, the options, the payload of all quick replies."""
    kinds = {variable.key: variable.kind for variable in (*template.variables, *template.options)}
    if PAYLOAD in kinds.values() and f"body.{PAYLOAD}" not in kinds:
        kinds[PAYLOAD] = PAYLOAD
    return kinds


def normalise(given: Mapping[str, Any], template: CompiledTemplate) -> dict[str, dict[str, str]]:
    """A mapping as people and programs write it, in our form. Raises Invalid naming the variable.

    Keys may leave out "body." ("1", "first_name"); values may be a plain text instead of a rule. An option that
    nothing is said of is left out.
    """
    known, options = kinds_of(template), {PAYLOAD, *(option.key for option in template.options)}
    mapping: dict[str, dict[str, str]] = {}
    for name, rule in given.items():
        key = name if name in known else f"body.{name}"
        if key not in known:
            named = ", ".join(variable.key for variable in template.variables)
            raise Invalid(f"The template has no variable {name}; it has {named or 'none'}.", name)
        mapping[key] = _rule(name, rule)
    return {key: rule for key, rule in mapping.items() if key not in options or rule["value"] or rule["fallback"]}


def _rule(name: str, rule: Any) -> dict[str, str]:
    if isinstance(rule, str | int | float):
        rule = {"source": "text", "value": str(rule)}
    if not isinstance(rule, Mapping) or rule.get("source") not in SOURCES:
        raise Invalid(f"Say where variable {name} comes from: column, field or text.", name)
    value, fallback = str(rule.get("value") or ""), str(rule.get("fallback") or "")
    if max(len(value), len(fallback)) > MAX_TEXT:
        raise Invalid(f"Variable {name} is longer than {MAX_TEXT} characters.", name)
    if rule["source"] == "field" and value not in FIELDS:
        raise Invalid(f"Customers have no field {value}; they have {', '.join(FIELDS)}.", name)
    return {"source": str(rule["source"]), "value": value, "fallback": fallback}


def unknown_words(mapping: Mapping_, columns: Sequence[str]) -> dict[str, str]:
    """Variables whose own text names neither a column of the file nor a field: key → the name in question."""
    known = {*columns, *FIELDS, *(label for label in FIELDS.values())}
    found: dict[str, str] = {}
    for key, rule in mapping.items():
        names = _PLACEHOLDER.findall(rule["value"]) if rule.get("source") == "text" else []
        if strangers := [name for name in names if name not in known and name.lower().replace(" ", "_") not in known]:
            found[key] = strangers[0]
    return found


def suggest(variables: Sequence[TemplateVariable], columns: Sequence[str]) -> dict[str, dict[str, str]]:
    """A first guess: by name where a column or field is called like the variable, else by order of columns."""
    by_name = {_plain(column): column for column in columns}
    left = list(columns)
    mapping: dict[str, dict[str, str]] = {}
    for variable in variables:
        if variable.kind != "text":
            continue
        is_next = variable.name.isdigit() and variable.card is None  # cards mostly say the same to everybody
        column = by_name.get(_plain(variable.name)) or (left[0] if is_next and left else None)
        if column:
            mapping[variable.key] = {"source": "column", "value": column, "fallback": ""}
            left = [other for other in left if other != column]
        elif _plain(variable.name) in {_plain(field) for field in FIELDS} or (variable.key == "body.1" and not columns):
            field = variable.name if variable.name in FIELDS else "name"
            mapping[variable.key] = {"source": "field", "value": field, "fallback": ""}
    return mapping


def missing(variables: Sequence[TemplateVariable], mapping: Mapping_) -> list[str]:
    """The variables nobody has said anything about: no source value and no fallback."""
    return [
        variable.key
        for variable in variables
        if not any(mapping.get(variable.key, {}).get(part) for part in ("value", "fallback"))
    ]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
