"""All the fields there are. Rooms above add theirs when the application is made."""

from __future__ import annotations

from app.customers.segments import about_customers, about_sales
from app.customers.segments.fields import Field

MAX_PART = 200
FIELDS: dict[str, Field] = {it.name: it for it in (*about_customers.FIELDS, *about_sales.FIELDS)}


def register(*fields: Field) -> None:
    """Let segments ask about these, too. Registering a name again replaces it."""
    FIELDS.update({it.name: it for it in fields})


def find(name: str) -> tuple[Field, str] | None:
    """The field of this name and the part it names ("attributes.Age" has "Age"); None where there is none."""
    if (field := FIELDS.get(name)) and not field.has_parts:
        return field, ""
    beginning, dot, part = name.partition(".")
    field = FIELDS.get(beginning + dot)
    return (field, part) if field and field.has_parts and 0 < len(part) <= MAX_PART else None
