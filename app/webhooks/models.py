"""What Meta posted, as it came."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Row
from app.shared.ids import uuid7


class WebhookEvent(Row, Base):
    """One POST of Meta's: the raw body, once (its digest is unique), and whether it has been digested."""

    __tablename__ = "webhook_events"
    __table_args__ = (
        Index("ix_webhook_events_undigested", "id", postgresql_where="digested_at IS NULL"),
        Index("ix_webhook_events_created_at", "created_at"),
        # All but the mass: statuses alone are most of what comes, and the journal is asked for the rest.
        Index(
            "ix_webhook_events_notable",
            "id",
            postgresql_where="digested_at IS NOT NULL AND kinds <> '{messages.statuses}'",
        ),
        Index("ix_webhook_events_faulty", "id", postgresql_where="error IS NOT NULL"),
        # Each row is written twice, at its coming and its digestion: unless what is left of the first is cleared away
        # often, the small index of the undigested is mostly dead entries and slows the digestion down.
        {"postgresql_with": {"autovacuum_vacuum_scale_factor": "0.01", "autovacuum_vacuum_threshold": "5000"}},
    )

    public_id: Mapped[UUID] = mapped_column(default=uuid7, unique=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)  # SHA-256 of the body
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    digested_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    error: Mapped[str | None]
    replayed_at: Mapped[datetime | None]
