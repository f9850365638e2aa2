"""Numbering plans as regular expressions: an import of a million rows need not parse each number in full.

Built from the metadata of `phonenumbers` itself, one country code at a time and only when first met. An
answer given here is the answer the full parser would give; where that cannot be known the answer is None and
the full parser is asked.
"""

import re
from functools import cache
from typing import Any, NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

# Mobile first: most of a customer list is answered by the first alternative.
_TYPES = (
    "mobile",  # first: it answers for most of a customer list
    "fixed_line",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
)
_CODES = frozenset(map(str, COUNTRY_CODE_TO_REGION_CODE))
_NEVER = r"(?!)"


class Home(NamedTuple):
    """How numbers are written inside one region, without "+" or country code."""

    code: str
    """The region's country calling code, "91"."""
    trunk: str
    """The digits dialled before a national number ("0"); empty where the rule is not that plain."""
    mobile: re.Pattern[str]
    """National numbers of mobile phones, complete."""
    prefixed: re.Pattern[str]
    """Beginnings that the full parser may take off: trunk and carrier codes."""
    way_out: re.Pattern[str]
    """What is dialled before a foreign country code, "00"."""


def international(digits: str) -> bool:
    """Whether digits, country code first and nothing to take off, are certainly a valid number."""
    code = country_code(digits)
    return code is not None and subscriber(code).fullmatch(digits[len(code) :]) is not None


def national(digits: str, region: str) -> str | None:
    """The E.164 form of digits written without "+" in the region, or None where that is not plain."""
    home = home_of(region)
    if home is None or home.way_out.match(digits):
        return None
    number = digits
    if home.trunk and digits.startswith(home.trunk):
        number = digits[len(home.trunk) :]
    if home.prefixed.match(number):
        return None
    valid = subscriber(home.code)
    local = len(digits) < 11 or digits[0] == "0" or home.mobile.fullmatch(number)
    if local:
        return f"+{home.code}{number}" if valid.fullmatch(number) else None
    plain = number is digits and not valid.fullmatch(digits) and international(digits)
    return f"+{digits}" if plain else None


def country_code(digits: str) -> str | None:
    """The country calling code that digits begin with; no code is the beginning of another."""
    return next((digits[:length] for length in (2, 1, 3) if digits[:length] in _CODES), None)


@cache
def subscriber(code: str) -> re.Pattern[str]:
    """What may follow a country code: all number types of its regions, asked in the parser's own order."""
    number = int(code)
    regions = COUNTRY_CODE_TO_REGION_CODE[number]
    plans: list[Any] = [PhoneMetadata.metadata_for_region_or_calling_code(number, region) for region in regions]
    taken = ""
    readings = []
    for plan in plans:
        leading = plan.leading_digits if len(plans) > 1 else None
        wanted = f"(?={leading})" if leading else ""
        readings.append(f"{taken}{wanted}{_any_type(plan)}")
        # A region known by its leading digits answers alone for them, even when the answer is no.
        taken += f"(?!{leading})" if leading else ""
    return re.compile(_not_prefixed(plans[0]) + "(?:" + "|".join(readings) + ")", re.ASCII)


@cache
def home_of(region: str) -> Home | None:
    """The region's writing habits, or None for a region nobody knows."""
    plan: Any = PhoneMetadata.metadata_for_region(region, None)
    if plan is None:
        return None
    prefix = plan.national_prefix_for_parsing
    plain = prefix is not None and prefix.isdecimal() and prefix == plan.national_prefix
    return Home(
        code=str(plan.country_code),
        trunk=prefix if plain else "",
        mobile=re.compile(_one_type(plan.mobile), re.ASCII),
        prefixed=_beginning(prefix),
        way_out=_beginning(plan.international_prefix),
    )


def _beginning(pattern: str | None) -> re.Pattern[str]:
    # `(?<=\d)` leaves aside what matches nothing: some prefix rules are optional from end to end.
    return re.compile(f"(?:{pattern})(?<=\\d)" if pattern else _NEVER, re.ASCII)


def _not_prefixed(plan: Any) -> str:
    # The parser takes a national prefix off even behind "+".
    return f"(?!{_beginning(plan.national_prefix_for_parsing).pattern})"


def _any_type(plan: Any) -> str:
    # Without the look-ahead for the general description a number can match a type its plan does not have.
    general = plan.general_desc
    possible = f"{_of_length(general)}(?=(?:{general.national_number_pattern})\\Z)"
    kinds = (_one_type(getattr(plan, name)) for name in _TYPES)
    return possible + "(?:" + "|".join(kind for kind in kinds if kind != _NEVER) + ")"


def _one_type(kind: Any) -> str:
    if kind is None or not kind.national_number_pattern:
        return _NEVER
    return f"{_of_length(kind)}(?:{kind.national_number_pattern})"


def _of_length(kind: Any) -> str:
    lengths = "|".join(f"\\d{{{length}}}" for length in kind.possible_length)
    return f"(?=(?:{lengths})\\Z)" if lengths else ""
