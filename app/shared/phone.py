"""Phone numbers: whatever people write in a cell becomes E.164, or a sentence saying why it cannot.

Numbers are valid when `phonenumbers` says so; `phone_plans` only answers the plain cases faster.
"""

import re
from functools import cache

import phonenumbers
from babel import Locale
from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
)

from app.shared import phone_plans

LONGEST = 15
"""Digits of an E.164 number, country code included."""
SHORTEST = 4
"""Digits of the shortest numbers there are (Niue, Saint Helena)."""
SHORTEST_WITH_COUNTRY = 11
"""From this many digits on, a number without "+" may begin with a country code. Shorter ones are read in the
default region only: a mistyped local number must not become a stranger's number abroad."""

US_AND_TERRITORIES = ("US", "AS", "GU", "MP", "PR", "UM", "VI")

_PLAIN = re.compile(r"\+?[1-9][0-9]{3,19}|0[0-9]{3,19}")
_SPREADSHEET = re.compile(r"[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+")
_SCHEME = re.compile(r"(tel|phone|whatsapp)\s*:\s*", re.IGNORECASE)
_DECIMALS = re.compile(r"(\+?[0-9 ]{7,})[.,]0{1,2}")
_PUNCTUATION = re.compile(r"[\s()\[\]./\-]+")
_SEVERAL = re.compile(r"[/,;|\n&]|\bor\b|\band\b")
# Numbers copied out of a chat or a web page carry marks for writing direction that nobody sees.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_READABLE = str.maketrans({**dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d", "-"), "\uff0b": "+"})
_WRAPPING = "'\"=` \t\r\n"  # a leading apostrophe or ="..." keeps a spreadsheet from doing sums with a number
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


class Unusable(ValueError):
    """A phone number nobody can be reached at; `str()` says why, in words for people."""


def parse(raw: str, default_region: str) -> str:
    """The E.164 number ("+919812345678") meant by what someone wrote.

    `default_region` ("IN") is where numbers written without a country are read; only from 11 digits on is a
    number without "+" also read as one that begins with a country code. Raises `Unusable` with the reason.
    """
    written = raw if _PLAIN.fullmatch(raw) else _written(raw)
    return _plain_reading(written, default_region) or _full_reading(written, default_region)


def region(e164: str) -> str | None:
    """The country ("IN") a number belongs to; None where it belongs to none."""
    code = phone_plans.country_code(digits(e164))
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(code)] if code else ()
    if len(regions) == 1:
        return regions[0] if regions[0] != "001" else None
    number = _parsed(e164, None)
    return phonenumbers.region_code_for_number(number) if number else None


def country(code: str) -> str | None:
    """What people call the country "IN": India; None for what is none."""
    return Locale("en").territories.get(code)


def is_nanp(e164: str) -> bool:
    """Whether the number starts with +1: the United States, Canada and much of the Caribbean."""
    return e164.startswith("+1")


def is_us(e164: str) -> bool:
    """Whether the number belongs to the United States or one of their territories, by its area code.

    In doubt it does: area codes come into use faster than we learn of them.
    """
    return is_nanp(e164) and e164[:5] not in area_codes_abroad()


@cache
def area_codes_abroad() -> frozenset[str]:
    """The beginnings ("+1416") of those +1 numbers that belong to Canada or the Caribbean."""
    beginnings = (f"+1{area}" for area in range(200, 1000))
    return frozenset(one for one in beginnings if region(f"{one}2345678") not in (None, *US_AND_TERRITORIES))


def display(e164: str) -> str:
    """The number as people read it, "+91 98123 45678"; what is no number comes back as it is."""
    number = _parsed(e164, None)
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL) if number else e164


def digits(e164: str) -> str:
    """The number without its "+", as Meta writes it."""
    return e164.removeprefix("+")


def _plain_reading(written: str, default_region: str) -> str | None:
    if written[0] == "+":
        return written if phone_plans.international(written[1:]) else None
    return phone_plans.national(written, default_region)


def _full_reading(written: str, default_region: str) -> str:
    local = None if written[0] == "+" else _valid(written, default_region)
    if local and (len(written) < SHORTEST_WITH_COUNTRY or phonenumbers.number_type(local) in _MOBILE):
        return _e164(local)
    # A long number that could be a landline here or a number with its country code is the latter.
    meant = _valid(_with_country(written), None) or local
    if meant is None:
        raise Unusable(_why_not(written, default_region))
    return _e164(meant)


def _with_country(written: str) -> str:
    if written[0] == "+":
        return written
    if written.startswith("00"):
        return "+" + written[2:]
    return "+" + written if len(written) >= SHORTEST_WITH_COUNTRY else ""


def _valid(written: str, default_region: str | None) -> PhoneNumber | None:
    number = _parsed(written, default_region)
    return number if number and phonenumbers.is_valid_number(number) else None


def _parsed(written: str, default_region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(written, default_region)
    except NumberParseException:
        return None


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _written(raw: str) -> str:
    """The digits of a cell, with "+" where it stood. Raises `Unusable` for what has no such form."""
    text = _SCHEME.sub("", _readable(raw).strip(_WRAPPING), count=1)
    if not text:
        raise Unusable("no phone number")
    if _SPREADSHEET.fullmatch(text):
        raise Unusable(f"looks like a spreadsheet number ({text[:30]})")
    bare = _PUNCTUATION.sub("", _without_decimals(text))
    if not re.fullmatch(r"\+*[0-9]+", bare) or _holds_several(text):
        raise Unusable("more than one number in the cell" if _holds_several(text) else "not a number")
    return _bounded(re.sub(r"^\++(00)?", "+", bare))


def _readable(raw: str) -> str:
    """The text with every script's digits as 0-9, plain dashes and nothing invisible."""
    if raw.isascii():
        return raw
    text = _UNSEEN.sub("", raw).translate(_READABLE).strip()
    return "".join(str(int(char)) if char.isdecimal() else char for char in text)


def _without_decimals(text: str) -> str:
    found = _DECIMALS.fullmatch(text)
    return found[1] if found else text


def _holds_several(text: str) -> bool:
    return sum(_count_digits(part) >= 8 for part in _SEVERAL.split(text)) > 1


def _bounded(written: str) -> str:
    count = _count_digits(written)
    if count < SHORTEST:
        raise Unusable("too short")
    if count > LONGEST + 5:  # room for 00, a trunk 0 or a carrier code
        raise Unusable("too long")
    return written


def _count_digits(text: str) -> int:
    return sum(char.isdigit() for char in text)


def _why_not(written: str, default_region: str) -> str:
    number = _parsed(written, default_region) or _parsed(_with_country(written), None)
    if number is None:
        return _why_unread(written)
    place = _place(number)
    verdict = phonenumbers.is_possible_number_with_reason(number)
    if verdict in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return f"too short for a number in {place}"
    if verdict == ValidationResult.TOO_LONG:
        return f"too long for a number in {place}"
    return f"no such number in {place}"


def _why_unread(written: str) -> str:
    if _count_digits(written) > LONGEST:
        return "too long"
    if written[0] == "+":
        return f"no country has a code like {written[:4]}"
    return "no country code"


def _place(number: PhoneNumber) -> str:
    code = phonenumbers.region_code_for_country_code(number.country_code or 0)
    return country(code) or f"the numbers of +{number.country_code}"
