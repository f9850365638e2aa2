"""Which recipients would lack a value, as a condition for the database: a page must not fill 200,000 templates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal, not_, or_

from app.campaigns import variables
from app.campaigns.fitness import FALLBACK, STAND_INS, Faults
from app.campaigns.models import Recipient
from app.meta.components import CompiledTemplate, TemplateVariable
from app.meta.definition import MEDIA
from app.meta.placeholders import clean

ADDRESS = r"^([Hh][Tt][Tt][Pp][Ss]://.*|[0-9]+)$"


@dataclass(frozen=True, slots=True)
class Gaps:
    """Where a value is missing; `is_known` False: something decides it that only filling the template would tell."""

    condition: ColumnElement[bool]
    is_known: bool = True


def gaps_in(template: CompiledTemplate, mapping: Mapping[str, Any], faults: Faults, known: Any) -> Gaps:
    """The condition under which the template has a gap without a usable value.

    `faults` are those of the mapping, `known` is the customer's row.
    """
    conditions = [_gap(variable, mapping.get(variable.key, {}), faults, known) for variable in template.variables]
    told = [condition for condition in conditions if condition is not None]
    # A further card begun with one recipient's column may lack another.
    has_cards = any(option.card is not None and option.key in mapping for option in template.options)
    return Gaps(or_(false(), *told), len(told) == len(conditions) and not has_cards)


def _gap(variable: TemplateVariable, rule: Mapping[str, str], faults: Faults, known: Any) -> ColumnElement[bool] | None:
    if (words := variables.fixed(rule)) is not None:
        return literal(not clean(words) or variable.key in faults)
    if variable.kind in STAND_INS and variable.kind not in MEDIA:
        return None
    source, value = rule.get("source"), rule["value"]
    if source not in ("column", "field"):
        return _gap_of_text(variable, value)
    lacks_fallback = literal(not clean(rule.get("fallback")) or f"{variable.key}{FALLBACK}" in faults)
    found = Recipient.variables[value].astext if source == "column" else _field(value, known)
    found = func.regexp_replace(func.coalesce(found, ""), r"^\s+|\s+$", "", "g")
    if variable.kind not in MEDIA:
        return and_(found == "", lacks_fallback)
    return or_(and_(found == "", lacks_fallback), and_(found != "", not_(found.regexp_match(ADDRESS))))


def _gap_of_text(variable: TemplateVariable, value: str) -> ColumnElement[bool] | None:
    """Of a text with names in braces; words around them are never empty."""
    around = re.sub(r"\{\{[^{}]*\}\}", "", value)
    return false() if around.strip() and variable.kind not in MEDIA else None


def _field(name: str, known: Any) -> ColumnElement[Any]:
    full = func.coalesce(func.nullif(known.c.name, ""), Recipient.name)
    columns: dict[str, ColumnElement[Any]] = {
        "name": full,
        "first_name": func.split_part(full, " ", 1),
        "phone": Recipient.phone,  # type: ignore[dict-item]  # a mapped column is one
        "email": known.c.email,
        "city": known.c.city,
    }
    return columns.get(name, literal(""))
