"""What customers bought: recorded, changed, taken back. These verbs flush; the caller commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.dml import ReturningInsert

from app.customers.imports.sales_sql import ALONE
from app.customers.models import Sale
from app.customers.queries.sales import exact
from app.extensions import db
from app.shared import clock
from app.shared.errors import Invalid
from app.shared.ids import uuid7

TOO_MUCH = Decimal(10) ** 10
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
CLOCKS_DIFFER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale as it can be recorded; `sold` makes it."""

    customer_id: int
    amount: Decimal
    currency: str
    sold_at: datetime
    category: str | None
    product: str | None
    starts_on: date | None
    external_id: str | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A sale in the books, and whether it is new there."""

    sale: Sale
    is_new: bool


def sold(
    customer_id: int,
    amount: Decimal,
    currency: str,
    sold_at: datetime,
    *,
    category: str | None = None,
    product: str | None = None,
    starts_on: date | None = None,
    external_id: str | None = None,
) -> Sold:
    """What was sold to whom. `currency` by its ISO code, `sold_at` with a zone. Raises `Invalid` at the field."""
    currency = currency.strip().upper()
    return Sold(
        customer_id,
        settled(amount, currency),
        currency,
        passed(sold_at),
        _words(category),
        _words(product),
        starts_on,
        _words(external_id),
    )


def record(sales: Sequence[Sold], source: str) -> list[Recorded]:
    """Write these down, in their order; one whose external id the source told before changes what it told.

    `source` as in `Sale`. Each external id may be among them once.
    """
    if not sales:
        return []
    if len(sales) > 1:
        db.session.execute(text(ALONE))
    rows = [asdict(one) | {"public_id": uuid7(), "source": source} for one in sales]
    # In one order, so that two who tell the same sales do not wait for each other.
    in_order = sorted(rows, key=lambda row: str(row["external_id"]))
    stored = list(db.session.scalars(_RECORD, in_order, execution_options={"populate_existing": True}))
    new = {sale.public_id: sale for sale in stored}
    told = {sale.external_id: sale for sale in stored}
    return [Recorded(new.get(row["public_id"]) or told[row["external_id"]], row["public_id"] in new) for row in rows]


def change(sale: Sale, to: Sold) -> None:
    """Let `sale` be what is told now. Raises `Invalid` for an external id that another sale of its source has."""
    try:
        with db.session.begin_nested():
            for name, value in asdict(to).items():
                setattr(sale, name, value)
    except IntegrityError as error:
        raise Invalid("Another sale has this external id.", "external_id") from error


def delete(sale: Sale) -> None:
    """Take `sale` back as if it had never been."""
    db.session.delete(sale)
    db.session.flush()


def settled(amount: Decimal, currency: str) -> Decimal:
    """The amount, if it can be paid in this currency: nobody's money is rounded unasked. Raises `Invalid`."""
    if not (amount.is_finite() and 0 <= amount < TOO_MUCH):
        raise Invalid("An amount is 0 or more, and less than 10,000,000,000.", "amount")
    try:
        payable = exact(amount, currency)
    except ValueError as error:
        raise Invalid(f"{currency or 'Nothing'} is not a currency; say its ISO code, like INR.", "currency") from error
    if payable != amount:
        digits = -int(payable.as_tuple().exponent)
        raise Invalid(f"An amount in {currency} has at most {digits} decimals.", "amount")
    return payable


def passed(sold_at: datetime) -> datetime:
    """The moment, if something can have been sold then. Raises `Invalid` at "sold_at"."""
    if sold_at < EARLIEST:
        raise Invalid("Sales from before 1970 are not kept.", "sold_at")
    if sold_at > clock.now() + CLOCKS_DIFFER:
        raise Invalid("A sale lies in the past; when a booking begins is told by starts_on.", "sold_at")
    return sold_at


def _words(written: str | None) -> str | None:
    return (written or "").strip() or None


def _recording() -> ReturningInsert[Sale]:
    statement = insert(Sale)
    told = {name: statement.excluded[name] for name in Sold.__dataclass_fields__ if name != "external_id"}
    # Unlike an UPDATE's, its time of change is nobody's default here.
    changing = statement.on_conflict_do_update(
        index_elements=["source", "external_id"], set_=told | {"updated_at": func.now()}
    )
    return changing.returning(Sale)


_RECORD = _recording()
