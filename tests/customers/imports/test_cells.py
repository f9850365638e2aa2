"""What people write in a cell is understood, or refused with a reason; never taken for something else."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.customers.imports import amounts, cells, dates
from app.customers.imports.cells import Unusable

KOLKATA = ZoneInfo("Asia/Kolkata")


@pytest.mark.parametrize(
    ("written", "value", "currency"),
    [
        ("52000", "52000", None),
        ("₹1,25,000.50", "125000.50", "INR"),
        ("Rs. 500/-", "500", "INR"),
        ("INR 52,000 only", "52000", "INR"),
        ("2.5 lakh", "250000", None),
        ("₹1.5 Cr", "15000000", "INR"),
        ("५२,०००", "52000", None),
        ("1.250,50 €", "1250.50", "EUR"),
        ("52 000,50", "52000.50", None),
        ("CHF 1'250.-", "1250", "CHF"),
        ("$1,234.50", "1234.50", "USD"),
        ("12,50", "12.50", None),
        ("0.250", "0.250", None),
        ("'700", "700", None),
    ],
)
def test_it_reads_amounts_of_many_countries(written: str, value: str, currency: str | None) -> None:
    assert amounts.amount(written) == (Decimal(value), currency)


@pytest.mark.parametrize(("mark", "value"), [(".", "1.250"), (",", "1250")])
def test_the_files_mark_decides_what_a_single_point_is(mark: amounts.DecimalMark, value: str) -> None:
    assert amounts.amount("1.250", mark) == (Decimal(value), None)


@pytest.mark.parametrize(
    "written", ["abc", "1,2,3", "12,34,5", "5.25E+04", "5 USD 6", "₹500 €", "9" * 41, "NaN", "1.2.3", "∞", "5 apples"]
)
def test_it_refuses_what_is_no_amount(written: str) -> None:
    with pytest.raises(Unusable, match="is not an amount"):
        amounts.amount(written)


@pytest.mark.parametrize("written", ["-5", "(500)", "500-", "−5", "₹-500"])
def test_an_amount_is_never_negative(written: str) -> None:
    with pytest.raises(Unusable, match="0 or more"):
        amounts.amount(written)


@pytest.mark.parametrize(("sign", "home", "code"), [("$", "INR", "USD"), ("$", "SGD", "SGD"), ("Rs.", "LKR", "LKR")])
def test_a_shared_sign_is_the_workspaces_currency_where_it_can_be(sign: str, home: str, code: str) -> None:
    assert amounts.currency(sign, home) == code
    assert amounts.amount(f"{sign} 5", home=home) == (Decimal(5), code)


@given(st.decimals(0, 10**9, places=2), st.sampled_from(["{:,.2f}", "₹{:.2f}", "{:.2f} INR"]))
def test_it_reads_back_every_amount_it_is_told(value: Decimal, form: str) -> None:
    found = amounts.amount(form.format(value))
    assert found is not None
    assert found.value == value


@pytest.mark.parametrize(
    ("written", "mark"), [("1.250,50", ","), ("1,250.50", "."), ("1,25,000", "."), ("12,5", ","), ("1.250", None)]
)
def test_it_sees_a_decimal_mark_where_it_is_certain(written: str, mark: str | None) -> None:
    assert amounts.decimal_mark(written) == mark


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-21", "21/11/2026", "21.11.2026", "21-11-26", "21-Nov-26", "21 Nov 2026", "Nov 21, 2026", "20261121",
        "Sat, 21 November 2026", "21st of November 2026", "21. November 2026", "21 नवंबर 2026", "२१/११/२०२६",
        "21 de noviembre de 2026", "21 ноября 2026 г.", "2026/11/21", " '21/11/2026",
    ],
)  # fmt: skip
def test_it_reads_a_day_however_it_is_written(written: str) -> None:
    assert dates.day(written, "dmy") == date(2026, 11, 21)


@pytest.mark.parametrize(("order", "month"), [("dmy", 4), ("mdy", 5)])
def test_the_order_decides_where_a_day_says_two_things(order: dates.Order, month: int) -> None:
    found = dates.day("05/04/2026", order)
    assert found is not None
    assert found.month == month


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("13/14/2026", "is not a date"),
        ("11/21/2026", "no day when read as day/month/year"),
        ("31/02/2026", "is not a date"),
        ("46347", "a spreadsheet's number"),
        ("########", "is not a date"),
        ("01/01/0001", "is not a date"),
        ("99999-01-01", "is not a date"),
        ("1/1/26 2/2/26", "is not a date"),
        ("9" * 5000, "is not a date"),
    ],
)
def test_it_refuses_what_is_no_day(written: str, reason: str) -> None:
    with pytest.raises(Unusable, match=reason):
        dates.day(written, "dmy")


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-21T10:30:00+05:30", "2026-11-21T05:00:00Z", "2026-11-21 10:30:00 +0530", "2026-11-21 10:30",
        "21/11/2026 10:30", "21/11/2026, 10:30:00.123", "21/11/2026 10:30 AM", "21 Nov 2026 10.30",
        "21/11/2026 10:30 IST", "21/11/2026 05:00 UTC", "Nov 21, 2026 at 10:30 a.m.",
    ],
)  # fmt: skip
def test_it_reads_a_moment_in_the_workspaces_zone(written: str) -> None:
    assert dates.moment(written, "dmy", KOLKATA) == datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize("written", ["21/11/2026 25:00", "21/11/2026 10:30 EST", "21/11/2026 13 pm", "10:30", "now"])
def test_it_refuses_what_is_no_moment(written: str) -> None:
    with pytest.raises(Unusable, match="is not a date"):
        dates.moment(written, "dmy", KOLKATA)


@pytest.mark.parametrize(
    ("written", "region", "guess"),
    [
        (["05/04/2026", "21/04/2026"], "US", ("dmy", True)),
        (["05/04/2026", "04/21/2026 10:30"], "IN", ("mdy", True)),
        (["05/04/2026", "06/04/2026"], "IN", ("dmy", False)),
        (["05/04/2026"], "US", ("mdy", False)),
        (["04/04/2026"], "US", ("mdy", True)),
        (["2026-04-05", "", "n/a"], "IN", ("dmy", True)),
        (["13/02/2026", "02/13/2026"], "IN", ("dmy", False)),
    ],
)
def test_it_guesses_the_order_from_the_whole_sample(written: list[str], region: str, guess: tuple[str, bool]) -> None:
    assert dates.guess_order(written, region) == guess


@given(
    st.dates(date(1900, 1, 1), date(2200, 12, 31)), st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%d %B %Y", "%b %d, %Y"])
)
def test_it_reads_back_every_day_it_is_told(day: date, form: str) -> None:
    assert dates.day(day.strftime(form), "dmy") == day


@pytest.mark.parametrize("written", ["a@b.in", "Asha Rao <a@b.in>", "mailto:a@b.in", " a@b.in "])
def test_it_reads_an_email_address(written: str) -> None:
    assert cells.email(written) == "a@b.in"


@pytest.mark.parametrize("written", ["asha", "a@b", "a@b.in, c@d.in", "a b@c.in", "@b.in", "a@" + "b" * 300 + ".in"])
def test_it_refuses_what_is_no_email_address(written: str) -> None:
    with pytest.raises(Unusable, match="not an e-mail address"):
        cells.email(written)


def test_tags_are_parted_by_whatever_people_use() -> None:
    assert cells.tags("VIP; Goa|vip, Honeymoon\n") == ["vip", "goa", "honeymoon"]


@pytest.mark.parametrize(
    ("written", "answer"), [("Yes", True), ("हाँ", True), ("opted in", True), ("N", False), ("nein", False), (" ", None)]
)
def test_it_reads_yes_and_no(written: str, answer: bool | None) -> None:
    assert cells.yes_no(written) is answer


def test_what_is_neither_yes_nor_no_is_refused() -> None:
    with pytest.raises(Unusable, match="“maybe” is neither yes nor no"):
        cells.yes_no("maybe")


@pytest.mark.parametrize(
    ("written", "zone"), [("asia/kolkata", "Asia/Kolkata"), ("America/New York", "America/New_York")]
)
def test_it_reads_a_time_zone(written: str, zone: str) -> None:
    assert cells.zone(written) == zone


@pytest.mark.parametrize("written", ["IST", "../../etc/passwd", "Asia", "x" * 300, "\ud800"])
def test_it_refuses_what_is_no_time_zone(written: str) -> None:
    with pytest.raises(Unusable, match="not a time zone"):
        cells.zone(written)


@pytest.mark.parametrize(("written", "code"), [("en-IN", "en_IN"), ("Hindi", "hi"), ("pt_BR", "pt_BR")])
def test_it_reads_a_language(written: str, code: str) -> None:
    assert cells.locale(written) == code


def test_it_refuses_a_language_nobody_speaks() -> None:
    with pytest.raises(Unusable, match="“Klingonish” is not a language"):
        cells.locale("Klingonish")


@given(st.text(max_size=80))
def test_no_cell_breaks_a_reader(written: str) -> None:
    readers = (
        cells.text, cells.email, cells.tags, cells.yes_no, cells.zone, cells.locale, amounts.amount, amounts.currency,
        amounts.decimal_mark, lambda cell: dates.day(cell, "mdy"), lambda cell: dates.moment(cell, "ymd", KOLKATA),
        dates.is_day,
    )  # fmt: skip
    for read in readers:
        with suppress(Unusable):
            read(written)
