"""A list of sales comes into the books: each with its customer, none twice, and can be taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.customers.imports.models import Import, ImportKind
from app.customers.imports.sales import Sales
from app.customers.models import Customer, Sale
from app.customers.privacy import erasure
from app.customers.service import suppression
from app.extensions import db
from app.shared.errors import Invalid
from tests import factories
from tests.customers.imports.rowwise import brought, faults, figures, received, tried, undone

ASHA = "+919812345678"
HEAD = "Phone,Amount,Booking Date,Travel Date,Destination,Package,Booking ID\n"
ROW = f'{ASHA},"₹52,000.50",21/10/2026 10:30,05/12/2026,Bali,Bali 6N,BK-1\n'


def imported(text: str, rules: dict[str, Any] | None = None, chunk: int = 20_000) -> Import:
    """The list, brought in."""
    return brought(Sales(), received(ImportKind.SALES, text, rules), chunk)


def books() -> list[Sale]:
    """All sales, by when they were written down."""
    db.session.expire_all()
    return list(db.session.scalars(select(Sale).order_by(Sale.id)))


def test_it_records_a_sale_of_a_known_customer(app: Flask) -> None:
    asha = factories.make_customer(phone=ASHA)
    import_ = imported(HEAD + ROW)
    [sale] = books()
    assert (sale.customer_id, sale.amount, sale.currency) == (asha.id, Decimal("52000.5"), "INR")
    assert (sale.category, sale.product, sale.external_id) == ("Bali", "Bali 6N", "BK-1")
    assert (sale.sold_at, sale.starts_on) == (datetime(2026, 10, 21, 5, 0, tzinfo=UTC), date(2026, 12, 5))
    assert (sale.source, sale.import_id) == ("csv", import_.id)
    assert figures(import_) == {"total": 1, "inserted": 1}


@pytest.mark.parametrize(
    ("head", "whose"),
    [("Phone", "98123 45678"), ("User ID", "IN.1349120865530274"), ("Email", "asha@example.com")],
)
def test_it_finds_the_customer_by_each_address(app: Flask, head: str, whose: str) -> None:
    asha = factories.make_customer(phone=ASHA, user_id="IN.1349120865530274", email="Asha@Example.com")
    import_ = imported(f"{head},Amount,Date\n{whose},500,2026-10-21\n")
    assert [sale.customer_id for sale in books()] == [asha.id], faults(import_)


def test_it_finds_a_number_in_its_other_spelling(app: Flask) -> None:
    known = factories.make_customer(phone="+5215512345678")
    imported("Phone,Amount,Date\n+525512345678,500,2026-10-21\n")
    assert [sale.customer_id for sale in books()] == [known.id]


def test_an_unknown_number_makes_a_customer_without_consent(app: Flask) -> None:
    import_ = imported(HEAD + ROW + ROW.replace("BK-1", "BK-2"))
    [customer] = db.session.scalars(select(Customer)).all()
    assert (customer.phone, customer.marketing_opt_in, customer.import_id) == (ASHA, False, import_.id)
    assert [sale.customer_id for sale in books()] == [customer.id] * 2


@pytest.mark.parametrize(
    ("head", "whose", "reason"),
    [
        ("Phone", ASHA, f"no customer has the phone number {ASHA}"),
        ("User ID", "IN.1349120865530274", "no customer has the user id IN.1349120865530274"),
        ("Email", "asha@example.com", "no customer has the e-mail address asha@example.com"),
    ],
)
def test_unknown_customers_can_be_refused(app: Flask, head: str, whose: str, reason: str) -> None:
    import_ = imported(f"{head},Amount,Date\n{whose},500,2026-10-21\n", {"customers": "refuse"})
    assert faults(import_) == [(2, reason)]
    assert figures(import_) == {"total": 1, "invalid": 1}
    assert db.session.scalars(select(Customer)).all() == []


def test_an_email_of_two_customers_names_neither(app: Flask) -> None:
    for _ in range(2):
        factories.make_customer(email="family@example.com")
    import_ = imported("Email,Amount,Date\nfamily@example.com,500,2026-10-21\n")
    assert faults(import_) == [(2, "several customers have the e-mail address family@example.com")]


def test_a_row_of_two_customers_is_nobodys(app: Flask) -> None:
    factories.make_customer(phone=ASHA)
    factories.make_customer(user_id="IN.1349120865530274")
    import_ = imported(f"Phone,User ID,Amount,Date\n{ASHA},IN.1349120865530274,500,2026-10-21\n")
    assert faults(import_) == [(2, "the phone number and the user id belong to different customers")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",500,2026-10-21,INR", "does not say whose sale it is"),
        ("123,500,2026-10-21,INR", "Phone “123”: too short"),
        (f"{ASHA},,2026-10-21,INR", "Amount: no amount"),
        (f"{ASHA},abc,2026-10-21,INR", "Amount: “abc” is not an amount"),
        (f"{ASHA},-5,2026-10-21,INR", "Amount “-5”: an amount is 0 or more"),
        (f"{ASHA},5.005,2026-10-21,INR", "Amount “5.005”: An amount in INR has at most 2 decimals"),
        (
            f"{ASHA},99999999999,2026-10-21,INR",
            "Amount “99999999999”: An amount is 0 or more, and less than 10,000,000,000",
        ),
        (f"{ASHA},€5,2026-10-21,INR", "Amount: “€5” is no amount in INR"),
        (f"{ASHA},500,2026-10-21,Gold", "Currency: “Gold” is not a currency; write its ISO code, like INR"),
        (f"{ASHA},500,,INR", "Date: no date"),
        (f"{ASHA},500,2126-10-21,INR", "Date “2126-10-21”: A sale lies in the past"),
        (f"{ASHA},500,1950-10-21,INR", "Date “1950-10-21”: Sales from before 1970 are not kept"),
        (f"{ASHA},500,10/21/2026,INR", "Date: “10/21/2026” is no day when read as day/month/year"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(app: Flask, row: str, reason: str) -> None:
    import_ = received(ImportKind.SALES, f"Phone,Amount,Date,Currency\n{row}\n", {"dates": "dmy"})
    import_.mapping = {"0": "phone", "1": "amount", "2": "sold_at", "3": "currency"}
    [(number, said)] = faults(brought(Sales(), import_))
    assert number == 2
    assert said.startswith(reason)
    assert books() == []


@pytest.mark.parametrize(
    ("rules", "value", "month"), [({}, "1.250", 4), ({"dates": "mdy", "decimals": ","}, "1250", 5)]
)
def test_the_rules_decide_what_can_be_read_in_two_ways(
    app: Flask, rules: dict[str, str], value: str, month: int
) -> None:
    imported(f"Phone,Amount,Date,Currency\n{ASHA},1.250,05/04/2026,KWD\n", rules)
    [sale] = books()
    assert (sale.amount, sale.sold_at.month) == (Decimal(value), month)


@pytest.mark.parametrize("chunk", [1, 2, 20_000])
def test_the_first_row_of_an_external_id_wins(app: Flask, chunk: int) -> None:
    import_ = imported(HEAD + ROW + ROW.replace("52,000.50", "1.00") + ROW.replace("BK-1", ""), chunk=chunk)
    assert [sale.amount for sale in books()] == [Decimal("52000.5"), Decimal("52000.5")]
    assert faults(import_) == [(3, "an earlier row has the same external id")]
    assert figures(import_) == {"total": 3, "inserted": 2, "duplicates": 1}


def test_the_same_file_again_changes_nothing(app: Flask) -> None:
    imported(HEAD + ROW)
    before = [(sale.id, sale.updated_at) for sale in books()]
    again = imported(HEAD + ROW)
    assert [(sale.id, sale.updated_at) for sale in books()] == before
    assert figures(again) == {"total": 1, "unchanged": 1}


@pytest.mark.parametrize("chunk", [1, 20_000])
def test_a_known_sale_is_changed_and_what_is_not_said_stays(app: Flask, chunk: int) -> None:
    first = imported(HEAD + ROW)
    again = imported(
        f"Phone,Amount,Date,Booking ID\n{ASHA},600,2026-10-21,BK-1\n" * 1 + f"{ASHA},7,1/1/26,BK-1\n", chunk=chunk
    )
    [sale] = books()
    assert (sale.amount, sale.category, sale.import_id) == (Decimal(600), "Bali", first.id)
    assert figures(again) == {"total": 2, "updated": 1, "duplicates": 1}


def test_known_sales_can_be_left_alone(app: Flask) -> None:
    imported(HEAD + ROW)
    again = imported(HEAD + ROW.replace("52,000.50", "600"), {"existing": "skip"})
    assert [sale.amount for sale in books()] == [Decimal("52000.5")]
    assert figures(again) == {"total": 1, "unchanged": 1}


def test_what_other_sources_tell_stays_theirs(app: Flask) -> None:
    factories.make_sale(source="api", external_id="BK-1")
    imported(HEAD + ROW)
    assert [sale.source for sale in books()] == ["api", "csv"]


def test_the_dry_run_says_what_the_import_brings(app: Flask) -> None:
    imported(HEAD + ROW)
    suppression.suppress(["+919812345699"], "import")
    rows = [
        ROW,
        ROW.replace("BK-1", "BK-2"),
        ROW.replace("BK-1", "BK-2"),
        ROW.replace("BK-1", "BK-3").replace("45678", "45699"),
        ROW.replace("BK-1", ""),
    ]
    import_ = received(ImportKind.SALES, HEAD + "".join(rows) + HEAD)
    trial = tried(Sales(), import_)
    assert len(books()) == 1
    real = figures(brought(Sales(), import_, chunk=2))
    said = {"inserted": trial.inserted, "unchanged": trial.unchanged, "duplicates": trial.duplicates}
    assert said | {"total": 6, "invalid": 1, "suppressed": trial.suppressed} == real
    assert (trial.suppressed, trial.duplicates) == (1, 1)


def test_undo_takes_back_what_it_made_and_restores_what_it_changed(app: Flask) -> None:
    imported(HEAD + ROW)
    before = _all_rows()
    import_ = imported(
        HEAD + ROW.replace("52,000.50", "600").replace(ASHA, "+919812345000") + ROW.replace("BK-1", "BK-2")
        + "".join(ROW.replace("BK-1", f"N-{n}").replace("45678", f"4{n:04}") for n in range(5))
    )  # fmt: skip
    assert figures(import_) == {"total": 7, "inserted": 6, "updated": 1}
    undone(Sales(), import_)
    assert _all_rows() == before


def test_undo_leaves_what_was_touched_since(app: Flask) -> None:
    import_ = imported(HEAD + ROW + ROW.replace("BK-1", "BK-2"))
    books()[0].product = "Bali, 7 nights"
    db.session.commit()
    undone(Sales(), import_)
    assert [sale.product for sale in books()] == ["Bali, 7 nights"]
    assert [customer.phone for customer in db.session.scalars(select(Customer))] == [ASHA]


def test_undo_brings_nobody_back_who_was_erased(app: Flask) -> None:
    asha = factories.make_customer(phone=ASHA)
    imported(HEAD + ROW)
    import_ = imported(HEAD + ROW.replace("45678", "45000"))
    erasure.erase(asha, None)
    db.session.commit()
    undone(Sales(), import_)
    assert [(sale.customer_id, sale.amount) for sale in books()] == [(None, Decimal("52000.5"))]


@pytest.mark.parametrize(
    ("mapping", "rules", "field"),
    [
        ({"0": "amount", "1": "sold_at"}, {}, "mapping"),
        ({"0": "phone", "1": "sold_at"}, {}, "mapping"),
        ({"0": "phone", "1": "amount"}, {}, "mapping"),
        ({"0": "phone", "1": "amount", "2": "sold_at"}, {"dates": "ydm"}, "rules.dates"),
        ({"0": "phone", "1": "amount", "2": "sold_at"}, {"dates": []}, "rules.dates"),
        ({"0": "phone", "1": "amount", "2": "sold_at"}, {"decimals": ";"}, "rules.decimals"),
        ({"0": "phone", "1": "amount", "2": "sold_at"}, {"customers": {}}, "rules.customers"),
        ({"0": "phone", "1": "amount", "2": "sold_at"}, {"existing": "fill"}, "rules.existing"),
        ({"0": "phone", "1": "amount", "2": "sold_at"}, {"tags": []}, "rules.tags"),
    ],
)
def test_it_refuses_what_cannot_begin(mapping: dict[str, str], rules: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Sales().check(mapping, rules)
    assert refusal.value.field == field


def _all_rows() -> list[tuple[Any, ...]]:
    db.session.expire_all()
    sales = [tuple(vars(sale)[name] for name in ("id", "customer_id", "amount", "updated_at")) for sale in books()]
    return sales + [
        (customer.id, customer.phone) for customer in db.session.scalars(select(Customer).order_by(Customer.id))
    ]
