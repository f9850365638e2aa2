"""Reading values that somebody else wrote: every function takes any JSON value and answers a safe one."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

INT32 = 2**31
YEAR_2100 = 4_102_444_800


def mapping(value: object) -> Mapping[str, object]:
    """The value when it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> Iterator[Mapping[str, object]]:
    """The JSON objects inside a JSON array; whatever else stands there is passed over."""
    return (item for item in sequence(value) if isinstance(item, dict))


def sequence(value: object) -> list[object]:
    """The value when it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: object) -> str | None:
    """A string that PostgreSQL can keep, or None where there is none; numbers become their digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return _storable_text(value) or None if isinstance(value, str) else None


def integer(value: object) -> int | None:
    """A whole number of 32 bits, also out of a string of digits; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    if isinstance(value, str) and not (value.isascii() and len(value) <= 11 and value.lstrip("-").isdigit()):
        return None
    try:
        number = int(value)
    except ValueError:
        return None
    return number if -INT32 <= number < INT32 else None


def moment(value: object) -> datetime | None:
    """The UTC time of a Unix timestamp in seconds (number or string), None when it is none or before 1970."""
    digits = text(value)
    if digits is None or not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
        return None
    seconds = int(digits)
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < YEAR_2100 else None


def storable(value: object) -> object:
    """The same JSON value without what JSONB refuses: NUL characters and halves of surrogate pairs."""
    if isinstance(value, str):
        return _storable_text(value)
    if isinstance(value, dict):
        return {_storable_text(key): storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    return value


def _storable_text(value: str) -> str:
    if value.isascii():
        return value.replace("\x00", "") if "\x00" in value else value
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
