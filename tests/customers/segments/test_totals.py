"""What customers' sales come to is kept as they change, by whatever way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, update

from app.customers.models import Customer, Sale, SaleTotal
from app.customers.service import sale_totals, sales
from app.customers.service.sales import Sold
from app.extensions import db
from app.shared import clock
from app.shared.ids import uuid7
from tests import factories

DICE = Random(5)


def sold(customer: Customer, amount: int | Decimal = 100, currency: str = "INR", days: int = 0) -> Sale:
    moment = clock.now() - timedelta(days=days)
    return factories.make_sale(customer, amount=Decimal(amount), currency=currency, sold_at=moment)


def kept(customer: Customer) -> dict[str, tuple[int, Decimal]]:
    rows = db.session.scalars(select(SaleTotal).where(SaleTotal.customer_id == customer.id))
    return {row.currency: (row.count, row.amount) for row in rows}


def test_sums_are_by_customer_and_currency(app: Flask) -> None:
    asha, bina = factories.make_customer(), factories.make_customer()
    for whose, amount, currency in ((asha, 100, "INR"), (asha, 50, "INR"), (asha, 7, "USD"), (bina, 1, "INR")):
        sold(whose, amount, currency)
    assert kept(asha) == {"INR": (2, 150), "USD": (1, 7)}
    assert kept(bina) == {"INR": (1, 1)}


def test_a_sale_that_changes_hands_or_money_changes_both_sums(app: Flask) -> None:
    asha, bina = factories.make_customer(), factories.make_customer()
    sale = sold(asha, 100)
    sale.customer_id, sale.currency, sale.amount = bina.id, "USD", Decimal(3)
    db.session.flush()
    assert (kept(asha), kept(bina)) == ({}, {"USD": (1, 3)})


def test_the_first_sale_is_found_again_when_it_goes(app: Flask) -> None:
    asha = factories.make_customer()
    late, early = sold(asha, days=1), sold(asha, days=9)
    first = select(SaleTotal.first_at).where(SaleTotal.customer_id == asha.id)
    assert db.session.scalar(first) == early.sold_at
    db.session.delete(early)
    db.session.flush()
    assert db.session.scalar(first) == late.sold_at


def test_who_goes_takes_their_sums_along(app: Flask) -> None:
    asha = factories.make_customer()
    sold(asha)
    db.session.execute(delete(Customer).where(Customer.id == asha.id))
    assert db.session.scalars(select(SaleTotal)).all() == []
    assert db.session.scalars(select(Sale.customer_id)).all() == [None]


def test_whatever_is_done_they_equal_the_sales(app: Flask) -> None:
    people = [factories.make_customer().id for _ in range(5)]
    some = Sale.id.in_(select(Sale.id).order_by(Sale.amount * 7 % 11).limit(4))
    deeds: list[Callable[[], object]] = [
        lambda: db.session.execute(insert(Sale), [_row(people) for _ in range(6)]),
        lambda: db.session.execute(update(Sale).where(some).values(amount=Sale.amount + 1)),
        lambda: db.session.execute(update(Sale).where(some).values(customer_id=DICE.choice(people))),
        lambda: db.session.execute(update(Sale).where(some).values(sold_at=clock.now(), currency="USD")),
        lambda: db.session.execute(delete(Sale).where(some)),
        lambda: sales.record([_told(people, f"B-{DICE.randint(1, 5)}"), _told(people, "B-9")], "api"),
    ]
    for _ in range(60):
        DICE.choice(deeds)()
        assert sale_totals.differences() == 0


def test_two_who_sell_to_the_same_at_once_are_both_counted(app: Flask) -> None:
    people = [factories.make_customer().id for _ in range(20)]
    db.session.commit()
    engine = db.engine

    def sell() -> None:
        for _ in range(10):
            with engine.begin() as connection:
                connection.execute(insert(Sale).returning(Sale.id), [_row(people) for _ in range(20)])

    sellers = [threading.Thread(target=sell) for _ in range(4)]
    for seller in sellers:
        seller.start()
    for seller in sellers:
        seller.join()
    db.session.rollback()
    assert db.session.scalar(select(func.count(Sale.id))) == 4 * 10 * 20
    assert sale_totals.differences() == 0


@pytest.mark.parametrize("amount", [1, -1])
def test_a_wrong_sum_is_found_and_mended(app: Flask, amount: int) -> None:
    asha, bina = factories.make_customer(), factories.make_customer()
    sold(asha)
    sold(bina)
    db.session.commit()
    db.session.execute(update(SaleTotal).where(SaleTotal.customer_id == asha.id).values(amount=amount))
    db.session.execute(delete(SaleTotal).where(SaleTotal.customer_id == bina.id))
    db.session.commit()
    commands = app.test_cli_runner()
    assert "2 customers" in commands.invoke(args=["segments", "verify"]).output
    assert commands.invoke(args=["segments", "rebuild"]).exit_code == 0
    assert commands.invoke(args=["segments", "verify"]).exit_code == 0
    assert kept(asha) == {"INR": (1, 100)}


def _told(people: list[int], external_id: str) -> Sold:
    row = _row(people) | {"customer_id": DICE.choice(people), "amount": Decimal(DICE.randint(0, 9))}
    facts = {name: row.get(name) for name in Sold.__dataclass_fields__}
    return Sold(**facts | {"external_id": external_id})  # type: ignore[arg-type]


def _row(people: list[int]) -> dict[str, object]:
    return {
        "public_id": uuid7(),
        "customer_id": DICE.choice([*people, None]),
        "amount": Decimal(DICE.randint(-5, 99)),
        "currency": DICE.choice(("INR", "USD")),
        "sold_at": clock.now() - timedelta(days=DICE.randint(-9, 99)),
        "source": "form",
    }
