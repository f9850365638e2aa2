"""Customers, their consent ledger, and CSV imports."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Row
from app.shared.ids import uuid7

# Of a name's first letters only: a lexeme has a longest length, and whoever writes a poem there is still kept.
NAME_WORDS = "array_to_tsvector(array_remove(string_to_array(left(lower(name), 200), ' '), ''))"


class Customer(Row, Base):
    """A person we may write to. At least one of phone (E.164) and user_id (Meta's business-scoped id)."""

    __tablename__ = "customers"
    __table_args__ = (
        CheckConstraint("phone IS NOT NULL OR user_id IS NOT NULL", name="reachable"),
        Index("ix_customers_tags", "tags", postgresql_using="gin"),
        Index("ix_customers_marketing", "id", postgresql_where="marketing_opt_in"),
        Index(
            "ix_customers_attributes",
            "attributes",
            postgresql_using="gin",
            postgresql_ops={"attributes": "jsonb_path_ops"},
        ),
        Index("ix_customers_import", "import_id", "id", postgresql_where="import_id IS NOT NULL"),
        Index("ix_customers_city", func.lower(text("city")), postgresql_where="city IS NOT NULL"),
        Index("ix_customers_last_inbound_at", "last_inbound_at", postgresql_where="last_inbound_at IS NOT NULL"),
        # What people search by: a number's end, the beginning of a word of the name, an address. See `search`.
        Index(
            "ix_customers_phone_end",
            func.reverse(text("phone")).label("phone_end"),
            postgresql_ops={"phone_end": "text_pattern_ops"},
            postgresql_where="phone IS NOT NULL",
        ),
        Index("ix_customers_name_words", text(NAME_WORDS), postgresql_using="gin"),
        Index(
            "ix_customers_email",
            func.lower(text("email")).label("address"),
            postgresql_ops={"address": "text_pattern_ops"},
            postgresql_where="email IS NOT NULL",
        ),
    )

    public_id: Mapped[UUID] = mapped_column(default=uuid7, unique=True)
    phone: Mapped[str | None] = mapped_column(unique=True)
    user_id: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str | None] = mapped_column(index=True)
    email: Mapped[str | None]
    city: Mapped[str | None]
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    zone: Mapped[str | None]
    locale: Mapped[str | None]
    # Derived from the consent ledger, in the same transaction as its entry.
    marketing_opt_in: Mapped[bool] = mapped_column(default=False, server_default="false")
    marketing_opt_in_at: Mapped[datetime | None]
    marketing_opt_out_at: Mapped[datetime | None]
    last_inbound_at: Mapped[datetime | None]
    import_id: Mapped[int | None] = mapped_column(ForeignKey("imports.id", ondelete="SET NULL"))  # that made it

    @property
    def is_opted_out(self) -> bool:
        """Said no. Different from never having said yes."""
        return self.marketing_opt_out_at is not None and not self.marketing_opt_in


class ConsentEntry(Row, Base):
    """One yes or no to marketing, with its proof. Appended, never changed."""

    __tablename__ = "consent_entries"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    granted: Mapped[bool]
    at: Mapped[datetime]
    source: Mapped[str]  # "form", "csv", "whatsapp", "seed"
    wording: Mapped[str | None]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    import_id: Mapped[int | None] = mapped_column(ForeignKey("imports.id", ondelete="SET NULL"))


class CustomerNote(Row, Base):
    """What somebody of the team wrote about a customer."""

    __tablename__ = "customer_notes"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    body: Mapped[str]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))


class Sale(Row, Base):
    """A booking or purchase. Stays without its customer when the person is erased."""

    __tablename__ = "sales"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        # With what adds up: the sums of segments are read from here alone, in order, without the rows.
        Index(
            "ix_sales_customer",
            "customer_id",
            "sold_at",
            postgresql_where="customer_id IS NOT NULL",
            postgresql_include=["amount", "currency"],
        ),
        Index("ix_sales_sold_at", "sold_at"),
        Index("ix_sales_starts_on", "starts_on", postgresql_where="starts_on IS NOT NULL"),
        Index("ix_sales_import", "import_id", "id", postgresql_where="import_id IS NOT NULL"),
    )

    public_id: Mapped[UUID] = mapped_column(default=uuid7, unique=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="SET NULL"))
    amount: Mapped[Decimal] = mapped_column(Numeric(14, 4))  # dinars have three decimals, some units of account four
    currency: Mapped[str]
    category: Mapped[str | None]  # what kind of thing, or where to: "Bali"
    product: Mapped[str | None]
    sold_at: Mapped[datetime]
    starts_on: Mapped[date | None]
    source: Mapped[str]  # "csv", "api", "form", "order"
    external_id: Mapped[str | None]
    import_id: Mapped[int | None] = mapped_column(ForeignKey("imports.id", ondelete="SET NULL"))


class SaleTotal(Base):
    """What a customer's sales in one currency come to: kept by triggers on `sales`, so that segments over sums need
    not add up everybody's. No foreign key: when a customer goes, so do the totals, for their sales are nobody's then.
    """

    __tablename__ = "sale_totals"
    __table_args__ = ({"postgresql_with": {"fillfactor": "80"}},)

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    currency: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    amount: Mapped[Decimal] = mapped_column(Numeric)  # may outgrow any one sale's
    first_at: Mapped[datetime | None]


class BulkDeed(StrEnum):
    """What is done to many customers at once."""

    TAG = "tag"
    UNTAG = "untag"
    ERASE = "erase"


class BulkChange(Row, Base):
    """A deed for many customers, done step by step. Whom it is for was settled when it was asked."""

    __tablename__ = "bulk_changes"

    public_id: Mapped[UUID] = mapped_column(default=uuid7, unique=True)
    deed: Mapped[BulkDeed]
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    # Up to a million, and gone when all is done: loaded by nobody, read in slices.
    customer_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), deferred=True)
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0, server_default="0")  # how far it came
    changed: Mapped[int] = mapped_column(default=0, server_default="0")  # whom it made a difference to
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    started_at: Mapped[datetime | None]  # not before it was confirmed, where it has to be
    finished_at: Mapped[datetime | None]


class ConsentRules(Row, Base):
    """Which words a customer's whole message must be to say no or yes to marketing, and what we answer. One row.

    Words are kept as `consent.normal` writes them. An empty reply means: answer nothing.
    """

    __tablename__ = "consent_rules"

    stop_words: Mapped[list[str]] = mapped_column(ARRAY(Text))
    start_words: Mapped[list[str]] = mapped_column(ARRAY(Text))
    stop_reply: Mapped[str]
    start_reply: Mapped[str]
