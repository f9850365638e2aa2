"""What messages cost: rates by market and category that people edit, and estimates made with them.

Meta charges for each delivered message by the calling code of its customer's number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import phonenumbers
from babel import Locale
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.extensions import db
from app.messaging.models import MessageRate
from app.shared.phone_plans import country_code

EVERYWHERE = "*"
CATEGORIES = ("marketing", "utility", "authentication", "service")

# Meta's prices as published for India from 1 October 2026, before GST: (market, category, currency, amount).
DEFAULT_RATES = (
    ("IN", "marketing", "INR", "0.8631"),
    ("IN", "utility", "INR", "0.1150"),
    ("IN", "authentication", "INR", "0.1150"),
    ("IN", "service", "INR", "0.1150"),
    ("IN", "marketing", "USD", "0.0118"),
    ("IN", "utility", "USD", "0.0014"),
    ("IN", "authentication", "USD", "0.0014"),
    ("IN", "service", "USD", "0.0014"),
)
DEFAULT_SINCE = date(2026, 10, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """The messages to one market. `rate` None: nobody entered one."""

    market: str
    name: str
    messages: int
    rate: Decimal | None

    @property
    def amount(self) -> Decimal | None:
        return None if self.rate is None else self.rate * self.messages


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a campaign would cost if every message arrived, market by market, the largest first."""

    currency: str
    lines: tuple[Line, ...]

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines if line.amount is not None), Decimal(0))

    @property
    def without_rate(self) -> int:
        """Messages that the total leaves out."""
        return sum(line.messages for line in self.lines if line.rate is None)


def estimate(prefixes: Mapping[str, int], category: str, currency: str, on: date) -> Estimate:
    """The cost of so many messages by number's beginning ("+919": 120), at the rates of that day."""
    markets: Counter[str] = Counter()
    for prefix, messages in prefixes.items():
        markets[market_of(prefix)] += messages
    rates = rates_on(on, category.lower(), currency)
    found = (
        Line(market, market_name(market), messages, rates.get(market, rates.get(EVERYWHERE)))
        for market, messages in markets.most_common()
    )
    return Estimate(currency, tuple(found))


def market_of(number: str) -> str:
    """The market of a number or its first four characters: its calling code's main region; "" when none is known."""
    code = country_code(number.removeprefix("+"))
    region = phonenumbers.region_code_for_country_code(int(code)) if code else ""
    return "" if region in ("", "ZZ", "001") else region


def market_name(market: str) -> str:
    """IN → India."""
    return _NAMES.get(market) or Locale("en").territories.get(market, market)


_NAMES = {EVERYWHERE: "Everywhere else", "": "Unknown country", "US": "United States and Canada"}  # one calling code


def rates() -> list[MessageRate]:
    """All rates, by market, the newest of each first."""
    order = (MessageRate.market, MessageRate.currency, MessageRate.category, MessageRate.effective_on.desc())
    return list(db.session.scalars(select(MessageRate).order_by(*order)))


def set_rate(market: str, category: str, currency: str, amount: Decimal, effective_on: date) -> None:
    """From that day on, a message there costs this; said again for the same day, the later word holds."""
    values = {
        "market": market,
        "category": category,
        "currency": currency,
        "effective_on": effective_on,
        "amount": amount,
    }
    adding = insert(MessageRate).values(values)
    where = ["market", "category", "currency", "effective_on"]
    db.session.execute(adding.on_conflict_do_update(index_elements=where, set_={"amount": amount}))


def forget_rate(rate_id: int) -> None:
    """Without this rate, the one before it holds."""
    db.session.execute(delete(MessageRate).where(MessageRate.id == rate_id))


def has_rates() -> bool:
    """Whether any rate is entered, so that what people deleted does not come back."""
    return db.session.scalar(select(MessageRate.id).limit(1)) is not None


def seed_default_rates() -> int:
    """Meta's published rates where none is entered yet; what people entered stays. How many were stored."""
    rows = [
        {
            "market": market,
            "category": category,
            "currency": currency,
            "amount": Decimal(amount),
            "effective_on": DEFAULT_SINCE,
        }
        for market, category, currency, amount in DEFAULT_RATES
    ]
    return len(db.session.scalars(insert(MessageRate).on_conflict_do_nothing().returning(MessageRate.id), rows).all())


def rates_on(day: date, category: str, currency: str) -> dict[str, Decimal]:
    """Market → amount, of each market the newest rate that holds on that day."""
    query = (
        select(MessageRate.market, MessageRate.amount)
        .where(MessageRate.category == category, MessageRate.currency == currency)
        .where(MessageRate.effective_on <= day)
        .order_by(MessageRate.effective_on)
    )
    return {row.market: row.amount for row in db.session.execute(query)}
