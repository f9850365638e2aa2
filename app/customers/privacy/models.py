"""Who must not be written to, who is on their way out, and what is kept for how long."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    LargeBinary,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Row
from app.shared.ids import uuid7
from app.shared.secrets import Encrypted

# Of a name's first letters only: a lexeme has a longest length, and whoever writes a poem there is still kept.
NAME_WORDS = "array_to_tsvector(array_remove(string_to_array(left(lower(name), 200), ' '), ''))"


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
