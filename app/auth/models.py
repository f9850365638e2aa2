"""Who may come in: users, their device sessions and API tokens, the audit log, and the workspace they share."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base, Row
from app.shared.ids import uuid7
from app.shared.secrets import Encrypted


class Role(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    AGENT = "agent"
    VIEWER = "viewer"


class User(Row, Base):
    """A member of the team."""

    __tablename__ = "users"
    is_authenticated: ClassVar[bool] = True  # what Flask-Login asks; its stranger says False

    public_id: Mapped[UUID] = mapped_column(default=uuid7, unique=True)
    email: Mapped[str] = mapped_column(unique=True)  # kept in lower case
    name: Mapped[str]
    role: Mapped[Role]
    password_hash: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    last_login_at: Mapped[datetime | None]


class DeviceSession(Row, Base):
    """One login on one device. The cookie holds a random token, the row only its SHA-256."""

    __tablename__ = "device_sessions"

    public_id: Mapped[UUID] = mapped_column(default=uuid7, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    device: Mapped[str]  # "Firefox on Windows", from the User-Agent
    ip: Mapped[str]
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class ApiToken(Row, Base):
    """A program's key to the JSON API. Shown once, kept as SHA-256."""

    __tablename__ = "api_tokens"

    public_id: Mapped[UUID] = mapped_column(default=uuid7, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    last_four: Mapped[str]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class AuditEntry(Row, Base):
    """Who did what to what, and when. Appended, never changed."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_subject", "subject_kind", "subject_id"),)

    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    action: Mapped[str]  # "campaign.start"
    subject_kind: Mapped[str | None]
    subject_id: Mapped[int | None]
    ip: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Workspace(Row, Base):
    """What the whole team shares: its name, zone and habits. One row."""

    __tablename__ = "workspaces"

    name: Mapped[str]
    zone: Mapped[str] = mapped_column(default="Asia/Kolkata")
    default_region: Mapped[str] = mapped_column(default="IN")
    currency: Mapped[str] = mapped_column(default="INR")
    # Marketing messages a customer may get in any seven days, over all campaigns; null: no cap.
    marketing_cap: Mapped[int | None] = mapped_column(default=2, server_default="2")
    # Meta delivers no marketing to the United States. Their +1 is Canada's and the Caribbean's too.
    spares_only_us_area_codes: Mapped[bool] = mapped_column(default=False, server_default="false")
    # Percent of the messaging limit that campaigns leave to replies and order notices.
    limit_reserve: Mapped[int] = mapped_column(default=5, server_default="5")
    suppression_salt: Mapped[str | None] = mapped_column(Encrypted)  # made when the first number is suppressed
