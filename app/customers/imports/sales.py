"""The kind "sales": each row is a booking or purchase of a customer, found by phone, Meta's user id or e-mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from app.auth import workspace
from app.customers.imports import dates, journal, rules, sale_rows, sales_sql, verdicts
from app.customers.imports.kinds import STAGED, Field, Reader, Tally
from app.customers.imports.models import Import
from app.customers.models import Customer, Sale
from app.extensions import db
from app.shared.errors import Invalid

SOURCE = "csv"
FIRST_FAULTS = 20  # that the dry run names
RULES = ("region", "existing", "customers", "dates", "decimals")
CREATE, REFUSE = "create", "refuse"


class Sales:
    """Reads sales, and merges them into the books: a known external id is the sale it was before."""

    fields = (
        Field("phone", "Customer's phone", "With or without the country's code"),
        Field("user_id", "Customer's WhatsApp user id", "Meta's id of the person, where you have it"),
        Field("email", "Customer's email", "Counts where a row has neither phone nor user id"),
        Field("amount", "Amount", "Such as ₹52,000.50", is_required=True),
        Field("currency", "Currency", "Such as INR; else what the amount says, or the workspace's"),
        Field("category", "Category or destination", "Such as Bali"),
        Field("product", "Product", "What was bought, in words"),
        Field("sold_at", "Sold on", "A day, or a day and a time", is_required=True),
        Field("starts_on", "Starts on", "When the journey or service begins"),
        Field("external_id", "Booking or order number", "By which the same sale is known again"),
    )
    staged: Mapping[str, str] = {
        "row_number": "int",
        "public_id": "uuid",
        "phone": "text",
        "twin": "text",
        "user_id": "text",
        "email": "text",
        "amount": "numeric",
        "currency": "text",
        "category": "text",
        "product": "text",
        "sold_at": "timestamptz",
        "starts_on": "date",
        "external_id": "text",
    }

    def check(self, mapping: Mapping[str, str], rules_: Mapping[str, Any]) -> None:
        fields = set(mapping.values())
        if not fields & {"phone", "user_id", "email"}:
            raise Invalid("Say which column tells whose sale it is: by phone, user id or e-mail.", "mapping")
        if "amount" not in fields:
            raise Invalid("Say which column holds the amount.", "mapping")
        if "sold_at" not in fields:
            raise Invalid("Say which column tells when it was sold.", "mapping")
        rules.check_names(rules_, RULES)
        rules.check_region(rules_)
        rules.check_existing(rules_, (rules.UPDATE, rules.SKIP))
        _check_choice(rules_, "customers", (CREATE, REFUSE), "Choose whether unknown customers are made or refused.")
        _check_choice(rules_, "dates", dates.ORDERS, "Choose in which order days are written: dmy, mdy or ymd.")
        _check_choice(rules_, "decimals", (".", ","), "Choose the decimal mark: a point or a comma.")

    def reader(self, import_: Import) -> Reader:
        return sale_rows.reader(import_)

    def merge(self, import_: Import) -> Tally:
        facts = _facts(import_)
        db.session.execute(text(sales_sql.ALONE))
        db.session.execute(text(sales_sql.LOCK), facts)
        _judge(facts)
        steps = (
            sales_sql.HOLD_CUSTOMERS, sales_sql.MAKE_CUSTOMERS, sales_sql.FIND_THEM,
            sales_sql.INSERT, sales_sql.JOURNAL, sales_sql.UPDATE,
        )  # fmt: skip
        for step in steps:
            db.session.execute(text(step), facts)
        return verdicts.tally(sales_sql.JUDGED)

    def look(self, import_: Import) -> Tally:
        _judge(_facts(import_))
        return verdicts.tally(sales_sql.JUDGED, FIRST_FAULTS)

    def undo(self, import_: Import, most: int) -> int:
        db.session.execute(text(sales_sql.ALONE))
        db.session.execute(text(sales_sql.FORGET_THE_GONE), {"import": import_.id})
        if looked_at := journal.undo(import_, Sale, "sale", most).looked_at:
            return looked_at
        db.session.execute(text(sales_sql.DISOWN), {"import": import_.id})
        return journal.undo(import_, Customer, "customer", most).looked_at


def _check_choice(given: Mapping[str, Any], name: str, allowed: tuple[str, ...], sentence: str) -> None:
    if given.get(name) is not None and given[name] not in allowed:
        raise Invalid(sentence, f"rules.{name}")


def _facts(import_: Import) -> dict[str, Any]:
    return {
        "import": import_.id,
        "source": SOURCE,
        "creates": import_.rules.get("customers", CREATE) == CREATE,
        "skips": rules.existing_of(import_.rules) == rules.SKIP,
        "salt": workspace.current().suppression_salt or "",
    }


def _judge(facts: Mapping[str, Any]) -> None:
    db.session.execute(text(f"ANALYZE {STAGED}"))
    db.session.execute(text(sales_sql.CREATE))
    db.session.execute(text(sales_sql.JUDGE), facts)
