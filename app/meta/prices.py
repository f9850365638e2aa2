"""Prices as Meta shows them ("₹1,549.00", "1.549,00 €"), read back with care."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

SYMBOLS = {"₹": "INR", "€": "EUR", "£": "GBP", "₺": "TRY", "₪": "ILS", "₫": "VND", "₱": "PHP", "₦": "NGN"}
THREE_DECIMALS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
NUMBER = re.compile(r"\d[\d.,'’\s]*")
CODE = re.compile(r"(?<![A-Z])[A-Z]{3}(?![A-Z])")


@dataclass(frozen=True, slots=True)
class Price:
    """An amount in major units, and its currency by ISO code."""

    amount: Decimal
    currency: str


def read_price(shown: str | None, currency: str | None = None) -> Price | None:
    """The price in a text that people read, None when it has no certain amount or currency.

    `currency` is what Meta tells beside it; else the text's own code or unmistakable sign counts (a bare $ is none).
    """
    numbers = NUMBER.findall(shown or "")
    code = (currency or _currency_in(shown or "") or "").upper()
    if len(numbers) != 1 or not code:
        return None
    try:
        return Price(Decimal(_plain(numbers[0], code)), code)
    except InvalidOperation:
        return None


def _currency_in(shown: str) -> str | None:
    if code := CODE.search(shown):
        return code[0]
    return next((code for sign, code in SYMBOLS.items() if sign in shown), None)


def _plain(number: str, currency: str) -> str:
    """The number with a point before its fraction and nothing else: the last sign tells, by what follows it."""
    number = re.sub(r"[\s'’]", "", number).rstrip(".,")
    whole, sign, fraction = _parted(number)
    decimals = 3 if currency in THREE_DECIMALS else 2
    is_fraction = bool(sign) and len(fraction) <= decimals and not _is_grouping(whole, sign)
    digits = re.sub(r"[.,]", "", whole)
    return f"{digits}.{fraction}" if is_fraction else f"{digits}{fraction}"


def _parted(number: str) -> tuple[str, str, str]:
    at = max(number.rfind("."), number.rfind(","))
    return (number[:at], number[at], number[at + 1 :]) if at >= 0 else (number, "", "")


def _is_grouping(whole: str, sign: str) -> bool:
    """A sign that comes more than once parts thousands (or lakhs), never a fraction."""
    return sign in whole
