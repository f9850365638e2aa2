"""Dates and moments as people write them: "21/11/2026", "2026-11-21 10:30", "Nov 21, 2026", "21. März 2026".

A year of four digits in front, or a month by its name, says it all. "05/04/2026" does not: a file is read in one
order throughout, the one that all of its dates fit; where several fit, a person says which.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale

from app.customers.imports.cells import Unusable, plain_digits
from app.shared.csv_reasons import quoted

Order = Literal["dmy", "mdy", "ymd"]
ORDERS: tuple[Order, ...] = ("dmy", "mdy", "ymd")
ORDER_NAMES: dict[Order, str] = {"dmy": "day/month/year", "mdy": "month/day/year", "ymd": "year/month/day"}

YEARS = range(1900, 2201)
LONGEST = 60
"""Characters of a cell that may still be a date."""
_MONTH_FIRST = frozenset(("US", "PH", "AS", "GU", "MP", "PR", "UM", "VI", "PW", "FM", "MH"))
_YEAR_FIRST = frozenset(("CN", "JP", "KR", "TW", "HU", "LT", "MN", "IR"))
_LANGUAGES = (
    "en", "hi", "bn", "mr", "ta", "te", "gu", "de", "fr", "es", "pt", "it", "nl", "id", "ms", "tr", "ru", "pl", "ar",
)  # fmt: skip
_FILLERS = frozenset(("st", "nd", "rd", "th", "of", "the", "de", "del", "den", "le", "er", "o", "г"))

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ISO_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}.*", re.IGNORECASE)
_NUMBERS = re.compile(r"([0-9]+)[ ]?[-./ ][ ]?([0-9]+)[ ]?[-./ ][ ]?([0-9]+)[.]?")
_SERIAL = re.compile(r"[0-9]{5}([.,][0-9]+)?")
# Letters with what is written above and below them; a month of Hindi is full of the latter.
_WORD = re.compile(r"[0-9]+|[^\W\d_][^\s\d,./\-]*")
_CLOCK = re.compile(
    r"(?P<day>.*?)[T,\s]+(?:at\s+)?"
    r"(?P<hour>[0-9]{1,2})(?:[:.](?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]{1,9})?)?)?"
    r"\s*(?P<half>[ap]\.?m\b\.?)?\s*(?P<zone>z|[a-z]{3,5}|(?:utc|gmt)?[+-][0-9]{2}:?[0-9]{2})?",
    re.IGNORECASE,
)


class Guess(NamedTuple):
    """In which order a file's dates are written, and whether its dates leave no other."""

    order: Order
    is_sure: bool


def usual_order(region: str) -> Order:
    """The order in which a country ("IN") writes its dates."""
    return "mdy" if region in _MONTH_FIRST else "ymd" if region in _YEAR_FIRST else "dmy"


def guess_order(written: Iterable[str], region: str) -> Guess:
    """The order that most of these dates fit; of several, the one that is usual in `region`."""
    readings = [read for one in written if any(read := [_day_or_none(one, order) for order in ORDERS])]
    fits = {order: sum(read[index] is not None for read in readings) for index, order in enumerate(ORDERS)}
    best = [order for order in ORDERS if fits[order] == max(fits.values())]
    usual = usual_order(region)
    order = usual if usual in best else best[0]
    same = all(len({read[ORDERS.index(one)] for one in best}) == 1 for read in readings)
    return Guess(order, same and fits[order] == len(readings))


def is_day(written: str) -> bool:
    """Whether a cell names a day, with a time or without, in any order."""
    return any(_day_or_none(written, order) for order in ORDERS)


@lru_cache(maxsize=16_384)
def day(written: str, order: Order) -> date | None:
    """The day that a cell names; None for an empty one."""
    bare = _bare(written)
    if not bare:
        return None
    found = _day(bare, order)
    if found is None:
        raise Unusable(_why_no_day(bare, written, order))
    return found


@lru_cache(maxsize=16_384)
def moment(written: str, order: Order, zone: ZoneInfo) -> datetime | None:
    """The moment that a cell names, in UTC; None for an empty one.

    Without an offset the time is `zone`'s, and a day alone is its beginning there.
    """
    bare = _bare(written)
    if not bare:
        return None
    local = _iso_moment(bare) or _midnight(bare, order) or _with_clock(bare, order, zone)
    if local is None or local.year not in YEARS:
        raise Unusable(_why_no_day(bare, written, order))
    return (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)


def _bare(written: str) -> str:
    return " ".join(plain_digits(written).split()).strip("' ,")


def _day_or_none(written: str, order: Order) -> date | None:
    bare = _bare(written)
    found = _CLOCK.fullmatch(bare) if len(bare) <= LONGEST else None
    return _day(bare, order) or (_day(found["day"], order) if found else None)


def _day(bare: str, order: Order) -> date | None:
    if _ISO.fullmatch(bare):
        return _date(bare[:4], bare[5:7], bare[8:])
    if len(bare) > LONGEST:
        return None
    if bare.isdecimal():
        return _date(bare[:4], bare[4:6], bare[6:]) if len(bare) == 8 else None
    if found := _NUMBERS.fullmatch(bare):
        return _of_numbers(found[1], found[2], found[3], order)
    return _of_words(bare, order)


def _of_numbers(first: str, second: str, third: str, order: Order) -> date | None:
    if len(first) == 4:
        return _date(first, second, third)
    if len(third) == 4 and order == "ymd":
        return None
    if order == "ymd":
        return _date(first, second, third)
    return _date(third, second, first) if order == "dmy" else _date(third, first, second)


def _of_words(bare: str, order: Order) -> date | None:
    """A day whose month is named; "21-Nov-26" has its day first, except where years are."""
    said = [word for word in _words(bare) if word.isdecimal() or word in _months()]
    month = [word for word in said if not word.isdecimal()]
    numbers = [word for word in said if word.isdecimal()]
    if len(month) != 1 or len(numbers) != 2 or len(said) != len(_words(bare)):
        return None
    has_year_first = len(numbers[0]) == 4 or (order == "ymd" and len(numbers[1]) < 4 and said[0] != month[0])
    first, second = numbers if not has_year_first else reversed(numbers)
    return _date(second, str(_months()[month[0]]), first)


def _words(bare: str) -> list[str]:
    found = (word.casefold().rstrip(".") for word in _WORD.findall(bare))
    return [word for word in found if word not in _FILLERS and (word in _months() or word not in _weekdays())]


def _date(year: str, month: str, day: str) -> date | None:
    if len(year) not in (2, 4) or len(month) > 2 or len(day) > 2:
        return None
    number = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 70 else 1900)
    try:
        return date(number, int(month), int(day)) if number in YEARS else None
    except ValueError:
        return None


def _iso_moment(bare: str) -> datetime | None:
    if not _ISO_MOMENT.fullmatch(bare):
        return None
    try:
        return datetime.fromisoformat(bare.upper().removesuffix(" UTC").replace(" +", "+").replace(" -", "-"))
    except ValueError:
        return None


def _midnight(bare: str, order: Order) -> datetime | None:
    found = _day(bare, order)
    return datetime(found.year, found.month, found.day) if found else None  # noqa: DTZ001


def _with_clock(bare: str, order: Order, zone: ZoneInfo) -> datetime | None:
    found = _CLOCK.fullmatch(bare) if len(bare) <= LONGEST else None
    on = _midnight(found["day"], order) if found else None
    if found is None or on is None or not (found["minute"] or found["half"]):
        return None
    hour, half = int(found["hour"]), (found["half"] or "")[:1].casefold()
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour
    try:
        at = on.replace(hour=hour, minute=int(found["minute"] or 0), second=int(found["second"] or 0))
        return _zoned(at, (found["zone"] or "").upper(), zone)
    except ValueError:
        return None


def _zoned(at: datetime, named: str, zone: ZoneInfo) -> datetime:
    """The time with what is said of its zone; a short name only where the workspace's zone bears it ("IST")."""
    if named and named != at.replace(tzinfo=zone).tzname():
        if named in ("Z", "UTC", "GMT"):
            return at.replace(tzinfo=UTC)
        offset = named.removeprefix("UTC").removeprefix("GMT")
        return datetime.fromisoformat(at.isoformat() + offset)
    return at.replace(tzinfo=zone)


def _why_no_day(bare: str, written: str, order: Order) -> str:
    if _SERIAL.fullmatch(bare):
        return f"{quoted(written)} is a spreadsheet's number for a day; format that column as dates and save it again"
    other = next((one for one in ORDERS if one != order and _day_or_none(bare, one)), None)
    if other:
        return f"{quoted(written)} is no day when read as {ORDER_NAMES[order]}"
    return f"{quoted(written)} is not a date"


@cache
def _months() -> dict[str, int]:
    return dict(_names_of("months")) | {"sept": 9, "june": 6, "july": 7}


@cache
def _weekdays() -> frozenset[str]:
    return frozenset(name for name, _ in _names_of("days"))


def _names_of(what: str) -> Iterator[tuple[str, int]]:
    for language in reversed(_LANGUAGES):  # English last: of two languages' words its meaning holds
        for form in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in getattr(Locale(language), what)[form][width].items():
                    for word in _WORD.findall(name):
                        yield word.casefold().rstrip("."), number
