from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shared import money


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("1234.50", "INR", 123450),
        ("0.005", "INR", 1),
        ("-0.005", "INR", -1),
        ("1500", "JPY", 1500),
        ("1.2345", "KWD", 1235),
        ("1.5", "IQD", 1500),
        ("10.5", "CLP", 11),
    ],
)
def test_it_counts_minor_units(amount, currency, minor):
    assert money.to_minor(Decimal(amount), currency) == minor


@given(st.integers(-(10**15), 10**15), st.sampled_from(["INR", "USD", "JPY", "KWD", "CLF"]))
def test_it_comes_back_from_minor_units_unchanged(minor, currency):
    assert money.to_minor(money.from_minor(minor, currency), currency) == minor


def test_it_gives_amounts_their_currencys_decimals():
    assert str(money.from_minor(123450, "INR")) == "1234.50"
    assert str(money.from_minor(1500, "JPY")) == "1500"


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("1234567.5", "INR", "₹12,34,567.50"),
        ("-1234567.5", "INR", "-₹12,34,567.50"),
        ("1234567.5", "USD", "$1,234,567.50"),
        ("1234.5", "JPY", "¥1,235"),
        ("1234.5", "KWD", "KWD\u00a01,234.500"),
        ("1.25", "IQD", "IQD\u00a01.250"),
    ],
)
def test_it_shows_money_as_its_country_writes_it(amount, currency, shown):
    assert money.format_money(Decimal(amount), currency) == shown


@pytest.mark.parametrize("call", [money.to_minor, money.format_money])
def test_it_refuses_a_currency_nobody_has(call):
    with pytest.raises(ValueError, match="XXQ is not a currency"):
        call(Decimal(1), "XXQ")


def test_it_refuses_what_is_no_amount():
    with pytest.raises(ValueError, match="not an amount"):
        money.to_minor(Decimal("NaN"), "INR")
