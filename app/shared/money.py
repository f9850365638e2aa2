"""Money: a Decimal and its currency together inside; minor units (paise, cents) only at the edges."""

import re
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_currency, get_currency_symbol, is_currency

NO_BREAK_SPACE = "\u00a0"
# ISO 4217 and not Unicode's table: the latter says how amounts are usually shown (IQD without fils), but
# payments are settled in ISO's minor units.
_WITHOUT = re.findall(r"\w+", "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF")
_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_DIGITS = dict.fromkeys(_WITHOUT, 0) | dict.fromkeys(_THREE, 3) | {"CLF": 4, "UYW": 4}


def to_minor(amount: Decimal, currency: str) -> int:
    """The amount in minor units, halves rounded away from zero. Raises ValueError for what is no amount."""
    if not amount.is_finite():
        raise ValueError(f"{amount} is not an amount of money")
    return int(_rounded(amount, currency).scaleb(_digits(currency)))


def from_minor(minor: int, currency: str) -> Decimal:
    """The amount that so many minor units are, with the currency's own number of decimals."""
    return Decimal(minor).scaleb(-_digits(currency))


def format_money(amount: Decimal, currency: str) -> str:
    """The amount as people read it: "₹12,34,567.50", "$1,234.50", "KWD 1.250"."""
    locale = "en_IN" if currency == "INR" else "en"
    groups = "#,##,##0" if currency == "INR" else "#,##0"
    digits = _digits(currency)
    gap = NO_BREAK_SPACE if get_currency_symbol(currency, locale).isalpha() else ""
    pattern = f"¤{gap}{groups}" + ("." + "0" * digits if digits else "")
    rounded = _rounded(amount, currency)
    return format_currency(rounded, currency, format=pattern, locale=locale, currency_digits=False)


def _rounded(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-_digits(currency)), rounding=ROUND_HALF_UP)


def _digits(currency: str) -> int:
    if not is_currency(currency):
        raise ValueError(f"{currency} is not a currency")
    return _DIGITS.get(currency, 2)
