"""CSV files on their way in, what they changed, and what of them could not be used."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Row
from app.shared.ids import uuid7
from app.shared.state import States
from app.storage.models import FileKey

# Of a name's first letters only: a lexeme has a longest length, and whoever writes a poem there is still kept.
NAME_WORDS = "array_to_tsvector(array_remove(string_to_array(left(lower(name), 200), ' '), ''))"


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
    file_key: Mapped[str] = mapped_column(FileKey)  # empty: the file was taken away, its time was over
    file_name: Mapped[str]
    digest: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)  # SHA-256: the same file is known again
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
    changes_forgotten_at: Mapped[datetime | None]  # since then what it changed is gone, or going: no undoing
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    @property
    def has_file(self) -> bool:
        """Whether its file is still kept."""
        return self.file_key != ""


class ImportChange(Base):
    """What an import found of a customer or sale that was there before: how it was, and when that was changed.

    `before` holds the columns that may have changed; it is empty where the row said nothing new. Undone only while
    the row's `updated_at` is still `changed_at`: whoever was touched since stays as they are.
    """

    __tablename__ = "import_changes"
    __table_args__ = (Index("ix_import_changes_subject", "subject_id", "subject"),)

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
