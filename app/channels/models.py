"""A connected WhatsApp number: its ids, its secrets (encrypted) and what Meta says of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Row
from app.shared.ids import uuid7
from app.shared.secrets import Encrypted

DEFAULT_MESSAGES_PER_SECOND = 20


class Channel(Row, Base):
    """A WhatsApp number of the business. Ids of Meta's are opaque texts."""

    __tablename__ = "channels"

    public_id: Mapped[UUID] = mapped_column(default=uuid7, unique=True)
    name: Mapped[str]
    phone_number_id: Mapped[str] = mapped_column(unique=True)
    waba_id: Mapped[str]
    business_id: Mapped[str | None]
    token: Mapped[str] = mapped_column(Encrypted)
    app_secret: Mapped[str] = mapped_column(Encrypted)
    verify_token: Mapped[str] = mapped_column(Encrypted)
    messages_per_second: Mapped[int] = mapped_column(default=DEFAULT_MESSAGES_PER_SECOND)
    # What Meta says, as of read_at.
    display_number: Mapped[str | None]
    verified_name: Mapped[str | None]
    quality: Mapped[str | None]
    status: Mapped[str | None]
    tier: Mapped[str | None]
    throughput: Mapped[str | None]
    read_at: Mapped[datetime | None]
    read_error: Mapped[str | None]
    templates_synced_at: Mapped[datetime | None]
    templates_sync_error: Mapped[str | None]

    @property
    def portfolio_id(self) -> str:
        """Whose messaging limit counts: the business portfolio's, shared by all its numbers."""
        return self.business_id or self.waba_id
