"""Meta's message templates as we last saw them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.channels.models import Channel
from app.extensions import Base, Row
from app.shared.ids import uuid7
from app.storage.models import FileKey


class Category(StrEnum):
    MARKETING = "MARKETING"
    UTILITY = "UTILITY"
    AUTHENTICATION = "AUTHENTICATION"


class Status(StrEnum):
    """Meta's words that we act on; a template may hold any other."""

    APPROVED = "APPROVED"
    DRAFT = "DRAFT"  # ours alone: Meta has not seen it
    UNCONFIRMED = "UNCONFIRMED"  # submitted, and Meta gave no clear answer: a sync tells
    DELETED = "DELETED"  # gone at Meta; the row stays for the campaigns that used it


class MessageTemplate(Row, Base):
    """A message template at Meta. `components` is Meta's description, unknown parts included."""

    __tablename__ = "message_templates"
    __table_args__ = (UniqueConstraint("channel_id", "name", "language"),)

    public_id: Mapped[UUID] = mapped_column(default=uuid7, unique=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    meta_id: Mapped[str | None]
    name: Mapped[str]
    language: Mapped[str]
    category: Mapped[str]  # Meta's word; new ones must not stop a sync
    status: Mapped[str]  # Meta's word: APPROVED, PENDING, REJECTED, PAUSED, DISABLED, ...
    rejected_reason: Mapped[str | None]
    quality: Mapped[str | None]
    parameter_format: Mapped[str] = mapped_column(default="POSITIONAL")
    components: Mapped[list[Any]]
    synced_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    rejection_advice: Mapped[str | None]
    # Meta announces a change of category a day ahead.
    next_category: Mapped[str | None]
    next_category_at: Mapped[datetime | None]
    sample_key: Mapped[str | None] = mapped_column(FileKey)  # the header's sample file
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    channel: Mapped[Channel] = relationship()

    @property
    def is_sendable(self) -> bool:
        return self.status == Status.APPROVED

    @property
    def is_marketing(self) -> bool:
        return self.category == Category.MARKETING

    def component(self, kind: str) -> dict[str, Any] | None:
        """The component of that type (HEADER, BODY, FOOTER, BUTTONS), or None."""
        found = (part for part in self.components if str(part.get("type", "")).upper() == kind)
        return next(found, None)


class TemplateEvent(Row, Base):
    """One thing that happened to a template: its status, quality, category or text changed, by Meta or by us."""

    __tablename__ = "template_events"
    __table_args__ = (Index("ix_template_events_template", "template_id", "at"),)

    template_id: Mapped[int] = mapped_column(ForeignKey("message_templates.id", ondelete="CASCADE"))
    kind: Mapped[str]  # status, quality, category, components, submitted, edited
    before: Mapped[str | None]
    after: Mapped[str | None]
    reason: Mapped[str | None]
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
