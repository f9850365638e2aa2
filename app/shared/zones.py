"""In which time zone somebody lives, as far as we can tell."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

from app.shared import phone_plans

# Mobile numbers of a large country often do not tell its zones apart: then most of its people live here.
_MOST_LIVE_IN = (
    "Europe/Moscow",
    "America/Mexico_City",
    "America/Sao_Paulo",
    "Australia/Sydney",
    "Asia/Jakarta",
    "Africa/Kinshasa",
    "Europe/Madrid",
    "Europe/Lisbon",
    "America/Guayaquil",
    "Pacific/Auckland",
    "Asia/Ulaanbaatar",
    "America/Godthab",
    "Indian/Reunion",
    "Pacific/Tahiti",
    "Pacific/Tarawa",
    "America/New_York",
)
_ANY_WINTER = datetime(2026, 1, 15, tzinfo=UTC)


def zone_of(named: str | None, phone: str | None, otherwise: ZoneInfo) -> ZoneInfo:
    """The zone somebody named, else the one their number (E.164) belongs to, else `otherwise`.

    A number that fits several zones is taken to be where most of the country's people live; where no such zone is
    among them, in the middle one, which is wrong by least.
    """
    return (named and by_name(named)) or (phone and _by_number(phone.removeprefix("+"))) or otherwise


@lru_cache(maxsize=1024)
def by_name(name: str) -> ZoneInfo | None:
    """The zone of this IANA name ("Asia/Kolkata"); None where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _by_number(digits: str) -> ZoneInfo | None:
    code = phone_plans.country_code(digits)
    if code is None:
        return None
    return _by_prefix(code if _is_one_zone(code) else digits[:TIMEZONE_LONGEST_PREFIX])


@cache
def _is_one_zone(code: str) -> bool:
    """Whether a country code says it all, so that one answer serves all of its numbers (+91 does)."""
    longer = (prefix for prefix in TIMEZONE_DATA if prefix.startswith(code) and prefix != code)
    return all(TIMEZONE_DATA[prefix] == TIMEZONE_DATA.get(code) for prefix in longer)


@lru_cache(maxsize=65_536)
def _by_prefix(digits: str) -> ZoneInfo | None:
    known = (TIMEZONE_DATA.get(digits[:length]) for length in range(len(digits), 0, -1))
    zones = next(filter(None, known), None)
    return _likeliest(zones) if zones else None


@cache
def _likeliest(zones: tuple[str, ...]) -> ZoneInfo:
    for name in _MOST_LIVE_IN:
        if name in zones:
            return ZoneInfo(name)
    by_offset = sorted(map(ZoneInfo, zones), key=lambda zone: (zone.utcoffset(_ANY_WINTER), zone.key))
    return by_offset[(len(by_offset) - 1) // 2]
