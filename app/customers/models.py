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
    LargeBinary,
    Numeric,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Row
from app.shared.ids import uuid7
from app.shared.secrets import Encrypted
from app.shared.state import States


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
        Index("ix_customers_import", "import_id", postgresql_where="import_id IS NOT NULL"),
        Index("ix_customers_city", "city", postgresql_where="city IS NOT NULL"),
        Index("ix_customers_last_inbound_at", "last_inbound_at", postgresql_where="last_inbound_at IS NOT NULL"),
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
        Index("ix_sales_import", "import_id", postgresql_where="import_id IS NOT NULL"),
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


class Segment(Row, Base):
    """A question about customers that is asked anew each time: its conditions as design.md section 6 writes them."""

    __tablename__ = "segments"

    public_id: Mapped[UUID] = mapped_column(default=uuid7, unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str] = mapped_column(default="", server_default="")
    query: Mapped[dict[str, Any]]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    counted: Mapped[int | None]  # how many it was, when somebody last looked
    counted_at: Mapped[datetime | None]


class RetentionRule(Row, Base):
    """After how many days data of a kind goes; null: never."""

    __tablename__ = "retention_rules"

    kind: Mapped[str] = mapped_column(unique=True)
    days: Mapped[int | None]


class Suppression(Row, Base):
    """A number or user id that must never get marketing again, kept as a salted SHA-256: it names nobody."""

    __tablename__ = "suppressions"

    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    reason: Mapped[str]  # "erased", "banned", "import"
    source: Mapped[str | None]


class Erasure(Row, Base):
    """A person on their way out: what is known of them went at once, the last mentions of them follow step by step.

    Until then it must be known whom to look for; that is kept encrypted, and gone in the end.
    """

    __tablename__ = "erasures"

    public_id: Mapped[UUID] = mapped_column(default=uuid7, unique=True)
    person: Mapped[str | None] = mapped_column(Encrypted)  # their addresses, as JSON
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # how far the search came
    begun_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
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


class ImportKind(StrEnum):
    """What the rows of a file become."""

    CUSTOMERS = "customers"
    RECIPIENTS = "recipients"  # of one campaign
    SALES = "sales"
    OPT_OUTS = "opt_outs"


class ImportStatus(StrEnum):
    UPLOADED = "uploaded"
    CHECKING = "checking"  # the dry run reads it
    IMPORTING = "importing"
    IMPORTED = "imported"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNDOING = "undoing"
    UNDONE = "undone"


IMPORT_STATES = States(
    "import",
    {
        ImportStatus.UPLOADED: {
            ImportStatus.CHECKING,
            ImportStatus.IMPORTING,
            ImportStatus.FAILED,
            ImportStatus.CANCELLED,
        },
        ImportStatus.CHECKING: {ImportStatus.UPLOADED, ImportStatus.FAILED, ImportStatus.CANCELLED},
        ImportStatus.IMPORTING: {ImportStatus.IMPORTED, ImportStatus.FAILED, ImportStatus.CANCELLED},
        ImportStatus.FAILED: {ImportStatus.IMPORTING, ImportStatus.UPLOADED, ImportStatus.UNDOING},
        ImportStatus.IMPORTED: {ImportStatus.UPLOADED, ImportStatus.UNDOING},  # read again: its rows were cleared
        ImportStatus.CANCELLED: {ImportStatus.UPLOADED, ImportStatus.UNDOING},
        ImportStatus.UNDOING: {ImportStatus.UNDONE, ImportStatus.FAILED},
        ImportStatus.UNDONE: set(),
    },
)


class Import(Row, Base):
    """A CSV file on its way in. `last_row` moves in the transaction that stores its rows, so a killed
    worker's successor goes on at the very row where it stood."""

    __tablename__ = "imports"

    public_id: Mapped[UUID] = mapped_column(default=uuid7, unique=True)
    file_key: Mapped[str]  # in app.storage
    file_name: Mapped[str]
    bytes_total: Mapped[int]
    bytes_done: Mapped[int] = mapped_column(default=0)
    # How to read it: encoding, delimiter, has_header, columns, phone_column, name_column.
    # And once begun, first_position: what is added to a row's number to place it among the recipients.
    reading: Mapped[dict[str, Any]] = mapped_column(default=dict)
    kind: Mapped[ImportKind] = mapped_column(default=ImportKind.RECIPIENTS, server_default="recipients")
    # What each column becomes, by its index: a field's name, "attribute:<name>", or nothing (skipped).
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    # default_region, existing (skip, update, fill), tags, consent (column, or wording of the attestation), ...
    rules: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    findings: Mapped[dict[str, Any] | None]  # of the dry run: new, updated, unchanged, invalid, duplicates, suppressed
    status: Mapped[ImportStatus] = mapped_column(default=ImportStatus.UPLOADED)
    last_row: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)  # data rows read so far
    inserted: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0, server_default="0")
    unchanged: Mapped[int] = mapped_column(default=0, server_default="0")
    invalid: Mapped[int] = mapped_column(default=0)
    duplicates: Mapped[int] = mapped_column(default=0)
    suppressed: Mapped[int] = mapped_column(default=0)  # inserted, but opted out: skipped with that reason
    error: Mapped[str | None]
    lease_until: Mapped[datetime | None]  # one worker at a time
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))


class ImportChange(Base):
    """What an import changed about a customer or sale that was there before: how it was, and when that was changed.

    Undone only while the row's `updated_at` is still `changed_at`: whoever was touched since stays as they are.
    """

    __tablename__ = "import_changes"

    import_id: Mapped[int] = mapped_column(
        ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    subject: Mapped[str] = mapped_column(primary_key=True)  # "customer", "sale"
    subject_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    before: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]


class ImportMapping(Row, Base):
    """A mapping of columns that somebody saved under a name, for the next file of the same kind."""

    __tablename__ = "import_mappings"
    __table_args__ = (UniqueConstraint("kind", "name"),)

    kind: Mapped[ImportKind]
    name: Mapped[str]
    columns: Mapped[dict[str, Any]]  # column name -> field
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))


class ImportFault(Row, Base):
    """A row that could not be used: where it stood, why, and its original text."""

    __tablename__ = "import_errors"
    __table_args__ = (Index("ix_import_errors_import_row", "import_id", "row_number"),)

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"))
    row_number: Mapped[int]
    reason: Mapped[str]
    original: Mapped[str]
    is_duplicate: Mapped[bool] = mapped_column(default=False)
