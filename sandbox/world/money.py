"""Prices as catalogs write them: `549.00 INR` going in, `₹549.00` coming out."""

import re
from decimal import Decimal

PRICE = re.compile(r"(\d{1,12}(?:\.\d{1,2})?) ?([A-Z]{3})")
SIGNS = {"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£"}


def price_of(text: object) -> tuple[Decimal, str] | None:
    """Amount and currency of a written price; None when it is none."""
    match = PRICE.fullmatch(str(text))
    return (Decimal(match[1]), match[2]) if match else None


def display_price(text: str) -> str:
    """A written price as Meta displays it, grouped, with the currency's sign."""
    price = price_of(text)
    if price is None:
        return text
    amount, currency = price
    return f"{SIGNS.get(currency, currency + ' ')}{amount:,.2f}"


def written_price(minor: int, currency: str) -> str:
    """Minor units as a batch writes them."""
    return f"{Decimal(minor) / 100:.2f} {currency}"
