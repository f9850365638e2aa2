"""Reading one value of a condition: of its kind and within bounds, or `Invalid` with its path."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from app.customers.segments.conditions import ANY, Value
from app.customers.segments.kinds import Takes
from app.customers.segments.spans import Span
from app.shared.errors import Invalid

MAX_TEXT = 200
MAX_ITEMS = 100
LARGEST = Decimal(10**12)
MAX_DECIMALS = 6
YEARS = range(1900, 2201)
_NUMBER = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,6})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def text(raw: object, path: str) -> str:
    """1 to 200 characters that a database can keep."""
    if not isinstance(raw, str):
        raise Invalid("Give a text.", path)
    if not (found := raw.strip()):
        raise Invalid("Write what to look for.", path)
    if len(found) > MAX_TEXT:
        raise Invalid(f"Write at most {MAX_TEXT} characters.", path)
    # NUL and halves of characters: PostgreSQL takes neither.
    if "\x00" in found or any("\ud800" <= char <= "\udfff" for char in found):
        raise Invalid("This text holds characters that cannot be looked for.", path)
    return found


def texts(raw: object, path: str) -> tuple[str, ...]:
    """From 1 to 100 texts, each once."""
    return tuple(dict.fromkeys(text(it, f"{path}.{index}") for index, it in enumerate(_items(raw, path))))


def number(raw: object, path: str) -> Decimal:
    """A finite number with at most 6 decimals; text may have commas between digits."""
    if isinstance(raw, str):
        raw = _written_number(raw, path)
    elif isinstance(raw, bool) or not isinstance(raw, int | float):
        raise Invalid("Give a number.", path)
    elif isinstance(raw, float):
        raw = Decimal(str(raw)) if math.isfinite(raw) else LARGEST + 1
    if not -LARGEST <= raw <= LARGEST:
        raise Invalid(f"Give a number up to {LARGEST:,}.", path)
    found = Decimal(raw)
    if found != round(found, MAX_DECIMALS):
        raise Invalid(f"Give at most {MAX_DECIMALS} decimals.", path)
    return found


def numbers(raw: object, path: str) -> tuple[Decimal, ...]:
    """Two numbers, the smaller first."""
    low, high = (number(it, f"{path}.{index}") for index, it in enumerate(_pair(raw, path)))
    if low > high:
        raise Invalid("Give the smaller number first.", path)
    return low, high


def day(raw: object, path: str) -> date:
    """A day of the calendar, "2026-11-21"."""
    found = _day(raw) if isinstance(raw, str) else None
    if found is None:
        raise Invalid("Give a day like 2026-11-21.", path)
    return found


def days(raw: object, path: str) -> tuple[date, ...]:
    """Two days, the earlier first."""
    first, last = (day(it, f"{path}.{index}") for index, it in enumerate(_pair(raw, path)))
    if first > last:
        raise Invalid("Give the earlier day first.", path)
    return first, last


def span(raw: object, path: str) -> Span:
    """A length of time, "30 days"."""
    found = Span.read(raw) if isinstance(raw, str) else None
    if found is None:
        raise Invalid('Say how long, like "30 days" or "6 months" (1 to 999 days, weeks, months or years).', path)
    return found


def since(raw: object, path: str) -> Span | date:
    """A length of time back from now, or a day."""
    found = (Span.read(raw) or _day(raw)) if isinstance(raw, str) else None
    if found is None:
        raise Invalid('Say since when, like "6 months" or 2026-11-21.', path)
    return found


def campaigns(raw: object, path: str) -> str | tuple[str, ...]:
    """ "any", or the public ids of campaigns."""
    if raw == ANY:
        return ANY
    return tuple(dict.fromkeys(_public_id(it, f"{path}.{index}") for index, it in enumerate(_items(raw, path))))


def _public_id(raw: object, path: str) -> str:
    try:
        return str(UUID(raw if isinstance(raw, str) else ""))
    except ValueError as error:
        raise Invalid("Give the id of a campaign.", path) from error


def _written_number(raw: str, path: str) -> Decimal:
    bare = raw.strip().replace(",", "")
    if not _NUMBER.fullmatch(bare):
        raise Invalid("Give a number.", path)
    return Decimal(bare)


def _day(raw: str) -> date | None:
    try:
        found = date.fromisoformat(raw) if _DAY.fullmatch(raw) else None
    except ValueError:
        return None
    return found if found and found.year in YEARS else None


def _items(raw: object, path: str) -> list[object]:
    if not isinstance(raw, list) or not raw:
        raise Invalid("Give a list with at least one value.", path)
    if len(raw) > MAX_ITEMS:
        raise Invalid(f"Give at most {MAX_ITEMS} values.", path)
    return raw


def _pair(raw: object, path: str) -> list[object]:
    if not isinstance(raw, list) or len(raw) != 2:
        raise Invalid("Give two values: from and to.", path)
    return raw


READERS: Mapping[Takes, Callable[[object, str], Value]] = {
    Takes.TEXT: text,
    Takes.TEXTS: texts,
    Takes.NUMBER: number,
    Takes.NUMBERS: numbers,
    Takes.DAY: day,
    Takes.DAYS: days,
    Takes.SPAN: span,
    Takes.CHOICE: text,
    Takes.CAMPAIGNS: campaigns,
}
