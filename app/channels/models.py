"""A connected WhatsApp number: its ids, its secrets (encrypted) and what Meta says of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
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
    # Marketing templates leave by Meta's marketing service (/marketing_messages) instead of /messages.
    uses_marketing_service: Mapped[bool] = mapped_column(default=False, server_default="false")
    # What Meta says, as of read_at.
    display_number: Mapped[str | None]
    verified_name: Mapped[str | None]
    quality: Mapped[str | None]
    status: Mapped[str | None]
    tier: Mapped[str | None]
    throughput: Mapped[str | None]
    read_at: Mapped[datetime | None]
    read_error: Mapped[str | None]
    name_status: Mapped[str | None]
    # What Meta told by webhook: while `restriction` (its word for it) stands, nothing leaves.
    restriction: Mapped[str | None]
    restricted_until: Mapped[datetime | None]
    # Of the token, by debug_token; `app_id` is also where sample files are uploaded to.
    app_id: Mapped[str | None]
    token_expires_at: Mapped[datetime | None]
    token_scopes: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    handshake_at: Mapped[datetime | None]  # when Meta last verified the webhook's address
    templates_synced_at: Mapped[datetime | None]
    templates_sync_error: Mapped[str | None]

    @property
    def portfolio_id(self) -> str:
        """Whose messaging limit counts: the business portfolio's, shared by all its numbers."""
        return self.business_id or self.waba_id


class Severity(StrEnum):
    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Alert(Row, Base):
    """Something about the account that a person must know. One of a kind and subject stands open at a time."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index(
            "uq_alerts_open",
            "channel_id",
            "kind",
            "subject",
            unique=True,
            postgresql_where="resolved_at IS NULL",
        ),
        Index("ix_alerts_raised_at", "raised_at"),
    )

    public_id: Mapped[UUID] = mapped_column(default=uuid7, unique=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    kind: Mapped[str]  # "template.status", "phone.quality", "account.restriction", ...
    subject: Mapped[str] = mapped_column(default="", server_default="")  # the template's or number's id
    severity: Mapped[Severity]
    title: Mapped[str]  # one sentence
    details: Mapped[str] = mapped_column(default="", server_default="")  # what to do about it
    raised_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]  # the reason is gone
    mailed_at: Mapped[datetime | None]  # sent on to whoever wants to know, each way once
    posted_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]  # somebody has put it away
    seen_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
