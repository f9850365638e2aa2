"""Amounts of money as India, Europe and America write them: "₹1,25,000.50", "1.250,50 €", "Rs. 500/-", "2 lakh".

What a point or comma means can nearly always be seen. Only a single one with three digits behind it says two
things: "1.250" is a thousand and more to some, little more than one to others. Then the file's decimal mark decides.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal, NamedTuple

from babel.numbers import is_currency

from app.customers.imports.cells import Unusable, plain_digits
from app.shared.csv_reasons import quoted

DecimalMark = Literal[".", ","]

LONGEST = 40
"""Characters of a cell that may still be an amount."""
_SIGNS = {
    "₹": "INR", "रु": "INR", "rupees": "INR", "€": "EUR", "euro": "EUR", "£": "GBP", "us$": "USD", "a$": "AUD",
    "c$": "CAD", "ca$": "CAD", "nz$": "NZD", "s$": "SGD", "hk$": "HKD", "r$": "BRL", "฿": "THB", "₫": "VND",
    "rp": "IDR", "rm": "MYR", "₱": "PHP", "₩": "KRW", "₺": "TRY", "tl": "TRY", "₽": "RUB", "₪": "ILS", "₦": "NGN",
    "₴": "UAH", "৳": "BDT", "zł": "PLN", "kč": "CZK", "dh": "AED", "dhs": "AED", "د.إ": "AED", "﷼": "SAR", "sr": "SAR",
}  # fmt: skip
# Signs that several currencies share mean the workspace's own where it is one of them, else the first.
_SHARED_SIGNS = {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "ARS", "CLP", "COP"),
    "rs": ("INR", "PKR", "LKR", "NPR", "MUR"),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
    "fr": ("CHF", "XOF", "XAF"),
    "¥": ("JPY", "CNY"),
}
_TIMES = {
    **dict.fromkeys(("lakh", "lakhs", "lac", "lacs", "लाख"), 100_000),
    **dict.fromkeys(("cr", "crore", "crores", "करोड़"), 10_000_000),
}
_PLAIN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
_PARTS = re.compile(r"(?P<lead>[^0-9]*)(?P<figures>[0-9]([0-9.,'’ ]*[0-9])?)(?P<tail>[^0-9]*)")
_GROUPS = re.compile(r"[0-9]+|[0-9]{1,3}(_[0-9]{3})+|[0-9]{1,2}(_[0-9]{2})+_[0-9]{3}")
_NO_PENCE = re.compile(r"\s*(/-|/=|[.,][-–—]+)")
_MINUS = re.compile(r"[-−–—]")


class Amount(NamedTuple):
    """An amount, and the currency that its cell names, if it names one."""

    value: Decimal
    currency: str | None


def amount(written: str, decimals: DecimalMark = ".", home: str = "INR") -> Amount | None:
    """The amount in a cell, 0 or more; None for an empty one.

    `decimals` is the file's decimal mark, for what could be read in two ways; `home` the currency that shared signs
    ("$", "Rs") mean where they can mean it.
    """
    if _PLAIN.fullmatch(written):
        return Amount(Decimal(written), None)
    bare = _bare(written)
    if not bare:
        return None
    parts = _PARTS.fullmatch(bare) if len(bare) <= LONGEST else None
    value = _value(parts["figures"], decimals) if parts else None
    if parts is None or value is None:
        raise Unusable(f"{quoted(written)} is not an amount")
    times, named = _words(parts["lead"], parts["tail"], written, home)
    return Amount(value * times, named)


def currency(written: str, home: str = "INR") -> str | None:
    """The ISO code of the currency that a cell names, by its code or its sign; None for an empty one."""
    asked = written.strip()
    if not asked:
        return None
    code = _currency(asked.casefold().rstrip("."), home)
    if code is None:
        raise Unusable(f"{quoted(written)} is not a currency; write its ISO code, like INR")
    return code


def decimal_mark(written: str) -> DecimalMark | None:
    """The decimal mark that the writer of this cell certainly uses; None where nothing shows it."""
    parts = _PARTS.fullmatch(_bare(written)) if len(written) <= LONGEST else None
    return _mark(parts["figures"]) if parts else None


def _bare(written: str) -> str:
    return " ".join(plain_digits(written).replace("٫", ".").replace("٬", ",").split()).strip("' ").casefold()


def _mark(figures: str) -> DecimalMark | None:
    marks = [mark for mark in figures if mark in ".,"]
    if not marks:
        return None
    last: DecimalMark = "." if marks[-1] == "." else ","
    other: DecimalMark = "," if last == "." else "."
    if other in marks:
        return last
    if len(marks) > 1:
        return other
    whole, fraction = figures.split(last)
    is_either = len(fraction) == 3 and len(whole) <= 3 and not whole.startswith("0")
    return None if is_either else last


def _value(figures: str, decimals: DecimalMark) -> Decimal | None:
    """The number that is written, or None where its digits are not grouped as anybody groups them."""
    mark = _mark(figures) or decimals
    whole, _, fraction = figures.partition(mark)
    between = set(whole) - set("0123456789")
    if len(between) > 1 or (fraction and not fraction.isdecimal()):
        return None
    grouped = whole.replace(between.pop(), "_") if between else whole
    if not _GROUPS.fullmatch(grouped):
        return None
    digits = grouped.replace("_", "")
    return Decimal(f"{digits}.{fraction}" if fraction else digits)


def _words(lead: str, tail: str, written: str, home: str) -> tuple[int, str | None]:
    """What the words around the figures say: how many times, and which currency."""
    tail = _NO_PENCE.sub("", tail, count=1)
    if _MINUS.search(lead + tail) or ("(" in lead and ")" in tail):
        raise Unusable("an amount is 0 or more")
    times, named = 1, None
    for word in f"{lead} {tail}".split():
        bare = word.rstrip(".:")
        if bare in _TIMES:
            times *= _TIMES[bare]
        elif (code := _currency(bare, home)) and named in (None, code):
            named = code
        elif bare not in ("", "only"):
            raise Unusable(f"{quoted(written)} is not an amount")
    return times, named


def _currency(word: str, home: str) -> str | None:
    if word in _SHARED_SIGNS:
        return home if home in _SHARED_SIGNS[word] else _SHARED_SIGNS[word][0]
    return _SIGNS.get(word) or (word.upper() if is_currency(word.upper()) else None)
