"""Which recipients would lack a value, as a condition for the database: a page must not fill 200,000 templates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal, not_, or_

from app.campaigns import variables
from app.campaigns.models import Recipient
from app.meta.components import TemplateVariable
from app.meta.definition import MEDIA
from app.meta.placeholders import clean

ADDRESS = r"^([Hh][Tt][Tt][Pp][Ss]?://.*|[0-9]+)$"


@dataclass(frozen=True, slots=True)
class Gaps:
    """Where a value is missing; `is_known` False: a mixed text decides it, and only filling it would tell."""

    condition: ColumnElement[bool]
    is_known: bool = True


def gaps_in(needed: Sequence[TemplateVariable], mapping: Mapping[str, Any], known: Any) -> Gaps:
    """The condition under which any of the variables has no usable value. `known` is the customer's row."""
    conditions = [_gap(variable, mapping.get(variable.key, {}), known) for variable in needed]
    told = [condition for condition in conditions if condition is not None]
    return Gaps(or_(false(), *told), len(told) == len(conditions))


def _gap(variable: TemplateVariable, rule: Mapping[str, str], known: Any) -> ColumnElement[bool] | None:
    source, value = rule.get("source"), rule.get("value", "")
    lacks_fallback = literal(not _is_usable(variable, rule.get("fallback", "")))
    if source not in ("column", "field"):
        return _gap_of_text(variable, rule)
    found = Recipient.variables[value].astext if source == "column" else _field(value, known)
    found = func.regexp_replace(func.coalesce(found, ""), r"^\s+|\s+$", "", "g")
    if variable.kind not in MEDIA:
        return and_(found == "", lacks_fallback)
    return or_(and_(found == "", lacks_fallback), and_(found != "", not_(found.regexp_match(ADDRESS))))


def _gap_of_text(variable: TemplateVariable, rule: Mapping[str, str]) -> ColumnElement[bool] | None:
    around = re.sub(r"\{\{[^{}]*\}\}", "", rule.get("value", ""))
    if "{{" not in rule.get("value", ""):
        filled = variables.fill({variable.key: rule}, variables.Facts({}, {})) if rule else {}
        return literal(not _is_usable(variable, filled.get(variable.key, "")))
    is_never_empty = bool(around.strip()) and variable.kind not in MEDIA
    return false() if is_never_empty else None


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


def _is_usable(variable: TemplateVariable, value: str) -> bool:
    words = clean(value)
    return bool(re.match(ADDRESS, words)) if variable.kind in MEDIA else bool(words)
