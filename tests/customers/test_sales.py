"""Sales: told twice they are there once; amounts are what their currency can pay; who is erased leaves the money."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.customers.models import Customer, Sale
from app.customers.queries import sales as sale_queries
from app.customers.service import people, sales
from app.extensions import db
from app.shared import clock
from app.shared.errors import Invalid
from tests import factories

YESTERDAY = clock.now() - timedelta(days=1)


def bali(customer: Customer, **said: Any) -> sales.Sold:
    told = {"amount": Decimal("48500"), "currency": "INR", "sold_at": YESTERDAY, "category": "Bali"} | said
    return sales.sold(customer.id, **told)


def stored() -> list[Sale]:
    return list(db.session.scalars(select(Sale).order_by(Sale.id)))


def test_it_records_what_was_sold(app: Flask) -> None:
    asha = factories.make_customer()
    [done] = sales.record([bali(asha, external_id="A-1", currency="inr", product="  ")], "api")
    assert done.is_new
    assert (done.sale.customer_id, done.sale.amount, done.sale.currency) == (asha.id, Decimal("48500.00"), "INR")
    assert (done.sale.category, done.sale.product, done.sale.external_id) == ("Bali", None, "A-1")


def test_told_again_it_is_changed_and_not_doubled(app: Flask) -> None:
    asha, ravi = factories.make_customer(), factories.make_customer()
    [first] = sales.record([bali(asha, external_id="A-1")], "api")
    db.session.commit()
    before = first.sale.updated_at
    [again] = sales.record([bali(ravi, external_id="A-1", amount=Decimal("50000"))], "api")
    assert (again.is_new, again.sale.id) == (False, first.sale.id)
    assert (again.sale.customer_id, again.sale.amount) == (ravi.id, Decimal("50000"))
    assert again.sale.updated_at > before
    assert len(stored()) == 1


def test_two_sources_may_use_the_same_external_id(app: Flask) -> None:
    asha = factories.make_customer()
    for source in ("api", "csv"):
        sales.record([bali(asha, external_id="1")], source)
    assert [sale.source for sale in stored()] == ["api", "csv"]


def test_without_an_external_id_each_is_a_sale_of_its_own(app: Flask) -> None:
    asha = factories.make_customer()
    assert [one.is_new for one in sales.record([bali(asha), bali(asha)], "api")] == [True, True]
    assert len(stored()) == 2


def test_it_answers_in_the_order_told(app: Flask) -> None:
    asha = factories.make_customer()
    sales.record([bali(asha, external_id="2")], "api")
    told = [bali(asha, external_id=name, product=name) for name in ("3", "1", "2")] + [bali(asha, product="none")]
    done = sales.record(told, "api")
    assert [one.sale.product for one in done] == ["3", "1", "2", "none"]
    assert [one.is_new for one in done] == [True, True, False, True]


def test_it_records_nothing_of_nothing(app: Flask) -> None:
    assert sales.record([], "api") == []


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("amount", {"amount": Decimal("-1")}),
        ("amount", {"amount": Decimal("10000000000")}),
        ("amount", {"amount": Decimal("1.005")}),
        ("amount", {"amount": Decimal("100.5"), "currency": "JPY"}),
        ("amount", {"amount": Decimal("NaN")}),
        ("amount", {"amount": Decimal("Infinity")}),
        ("amount", {"amount": Decimal("1e-999999")}),
        ("amount", {"amount": Decimal("1e999999")}),
        ("currency", {"currency": "RUPEES"}),
        ("currency", {"currency": "QQQ"}),
        ("currency", {"currency": ""}),
        ("sold_at", {"sold_at": clock.now() + timedelta(days=1)}),
        ("sold_at", {"sold_at": datetime.max.replace(tzinfo=UTC)}),
        ("sold_at", {"sold_at": datetime.min.replace(tzinfo=UTC)}),
    ],
)
def test_what_cannot_be_sold_is_refused_at_its_field(app: Flask, field: str, said: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refusal:
        bali(factories.make_customer(), **said)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("0", "INR"), ("9999999999.99", "INR"), ("1.250", "KWD"), ("500", "JPY"), ("1.2345", "CLF")],
)
def test_it_keeps_an_amount_to_the_last_decimal(app: Flask, amount: str, currency: str) -> None:
    sales.record([bali(factories.make_customer(), amount=Decimal(amount), currency=currency)], "api")
    db.session.expire_all()
    assert sale_queries.exact(stored()[0].amount, currency) == Decimal(amount)


def test_it_can_be_changed_but_not_into_another(app: Flask) -> None:
    asha = factories.make_customer()
    one, other = (sales.record([bali(asha, external_id=name)], "api")[0].sale for name in ("1", "2"))
    sales.change(one, bali(asha, external_id="1", amount=Decimal("1.50")))
    assert one.amount == Decimal("1.50")
    with pytest.raises(Invalid, match="Another sale") as refusal:
        sales.change(one, bali(asha, external_id="2"))
    assert refusal.value.field == "external_id"
    assert other.external_id == "2"


def test_it_can_be_deleted(app: Flask) -> None:
    sale = factories.make_sale(factories.make_customer())
    sales.delete(sale)
    assert stored() == []


def test_it_adds_up_by_currency_and_knows_the_next_booking(app: Flask) -> None:
    asha, today = factories.make_customer(), clock.now().date()
    factories.make_sale(factories.make_customer())
    for amount, currency, ahead in (("100.50", "INR", -5), ("200", "INR", 40), ("50", "INR", 20), ("9", "KWD", -1)):
        starts_on = today + timedelta(days=ahead)
        factories.make_sale(asha, amount=Decimal(amount), currency=currency, starts_on=starts_on)
    rupees, dinars = sale_queries.totals_of(asha)
    assert (rupees.count, rupees.amount, rupees.next_starts_on) == (3, Decimal("350.50"), today + timedelta(days=20))
    assert (dinars.count, dinars.amount, dinars.next_starts_on) == (1, Decimal("9"), None)


def test_it_lists_a_customers_sales_the_last_first(app: Flask) -> None:
    asha = factories.make_customer()
    old = factories.make_sale(asha, sold_at=clock.now() - timedelta(days=90))
    new = factories.make_sale(asha)
    factories.make_sale(factories.make_customer())
    assert list(db.session.scalars(sale_queries.sales_of(asha))) == [new, old]


def test_they_go_with_whom_a_customer_proves_to_be(app: Flask) -> None:
    asha, twin = factories.make_customer(), factories.make_customer(phone=None, user_id="IN.1")
    sale = factories.make_sale(twin)
    people.merge(asha, twin)
    db.session.refresh(sale)
    assert sale.customer_id == asha.id


def test_the_same_sales_told_by_two_at_once_are_there_once(app: Flask) -> None:
    asha = factories.make_customer()
    db.session.commit()
    told = [bali(asha, external_id=f"A-{number:03}") for number in range(200)]

    def tell(told: list[sales.Sold]) -> int:
        with app.app_context():
            done = sales.record(told, "api")
            db.session.commit()
            return sum(one.is_new for one in done)

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(tell, (told, told[::-1]))) == 200
    assert len(stored()) == 200
