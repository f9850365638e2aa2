"""What customers' sales come to, counted anew from the sales: to prove what the triggers keep, or to make it so."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, except_, func, insert, select, text, union_all

from app.customers.models import Sale, SaleTotal
from app.extensions import db

_COUNTED = (
    select(
        Sale.customer_id,
        Sale.currency,
        func.count().label("count"),
        func.sum(Sale.amount).label("amount"),
        func.min(Sale.sold_at).label("first_at"),
    )
    .where(Sale.customer_id.is_not(None))
    .group_by(Sale.customer_id, Sale.currency)
)
_KEPT = select(SaleTotal.customer_id, SaleTotal.currency, SaleTotal.count, SaleTotal.amount, SaleTotal.first_at)


def differences() -> int:
    """Of how many customers what is kept is not what their sales come to."""
    counted, kept = _COUNTED.subquery(), _KEPT.subquery()
    missing = except_(select(counted), select(kept)).subquery()
    wrong = except_(select(kept), select(counted)).subquery()
    odd = union_all(select(missing.c.customer_id), select(wrong.c.customer_id)).subquery()
    return db.session.scalar(select(func.count(odd.c.customer_id.distinct()))) or 0


def rebuild() -> int:
    """Write all of it anew; how many rows there are. Whoever writes sales waits meanwhile. The caller commits."""
    db.session.execute(text("LOCK TABLE sales IN SHARE ROW EXCLUSIVE MODE"))
    db.session.execute(delete(SaleTotal))
    added: Any = db.session.execute(
        insert(SaleTotal).from_select(list(_KEPT.selected_columns.keys()), _COUNTED),
        execution_options={"preserve_rowcount": True},
    )
    return int(added.rowcount)
