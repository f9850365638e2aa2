"""Customers, their consent ledger, and CSV imports."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Row
from app.shared.ids import uuid7
from app.shared.state import States


class Customer(Row, Base):
    """A person we may write to. At least one of phone (E.164) and user_id (Meta's business-scoped id)."""

    __tablename__ = "customers"
    __table_args__ = (
        CheckConstraint("phone IS NOT NULL OR user_id IS NOT NULL", name="reachable"),
        Index("ix_customers_tags", "tags", postgresql_using="gin"),
        Index("ix_customers_marketing", "id", postgresql_where="marketing_opt_in"),
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


class Suppression(Row, Base):
    """A number or user id that must never get marketing again, kept as a salted SHA-256: it names nobody."""

    __tablename__ = "suppressions"

    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    reason: Mapped[str]  # "erased", "banned", "import"
    source: Mapped[str | None]


class ConsentRules(Row, Base):
    """Which words a customer's whole message must be to say no or yes to marketing, and what we answer. One row.

    Words are kept as `consent.normal` writes them. An empty reply means: answer nothing.
    """

    __tablename__ = "consent_rules"

    stop_words: Mapped[list[str]] = mapped_column(ARRAY(Text))
    start_words: Mapped[list[str]] = mapped_column(ARRAY(Text))
    stop_reply: Mapped[str]
    start_reply: Mapped[str]


class ImportStatus(StrEnum):
    UPLOADED = "uploaded"
    IMPORTING = "importing"
    IMPORTED = "imported"
    FAILED = "failed"


IMPORT_STATES = States(
    "import",
    {
        ImportStatus.UPLOADED: {ImportStatus.IMPORTING, ImportStatus.FAILED},
        ImportStatus.IMPORTING: {ImportStatus.IMPORTED, ImportStatus.FAILED},
        ImportStatus.FAILED: {ImportStatus.IMPORTING, ImportStatus.UPLOADED},
        ImportStatus.IMPORTED: {ImportStatus.UPLOADED},  # to be read again, its rows cleared
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
    status: Mapped[ImportStatus] = mapped_column(default=ImportStatus.UPLOADED)
    last_row: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)  # data rows read so far
    inserted: Mapped[int] = mapped_column(default=0)
    invalid: Mapped[int] = mapped_column(default=0)
    duplicates: Mapped[int] = mapped_column(default=0)
    suppressed: Mapped[int] = mapped_column(default=0)  # inserted, but opted out: skipped with that reason
    error: Mapped[str | None]
    lease_until: Mapped[datetime | None]  # one worker at a time
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
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
