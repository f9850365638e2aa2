"""Campaigns and their recipients."""

from __future__ import annotations

from datetime import datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.channels.models import Channel
from app.customers.imports.models import Import
from app.extensions import Base, Row
from app.message_templates.models import MessageTemplate
from app.messaging.models import SkipReason, WaitReason
from app.shared.ids import uuid7
from app.shared.state import States


class CampaignStatus(StrEnum):
    DRAFT = "draft"
    POPULATING = "populating"
    READY = "ready"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"


class PauseReason(StrEnum):
    BY_HAND = "by_hand"
    MESSAGING_LIMIT = "messaging_limit"
    SEND_WINDOW = "send_window"
    TEMPLATE_PAUSED = "template_paused"
    ACCOUNT_BLOCKED = "account_blocked"
    TOO_MANY_ERRORS = "too_many_errors"


class WhenCapped(StrEnum):
    """What to do about a recipient who got as much marketing as they may within a week."""

    SKIP = "skip"
    WAIT = "wait"


class TargetType(StrEnum):
    ALL = "all"
    TAG = "tag"
    MANUAL = "manual"
    IMPORTED = "imported"
    SEGMENT = "segment"
    RESPONDERS = "responders"


S = CampaignStatus
CAMPAIGN_STATES = States(
    "campaign",
    {
        S.DRAFT: {S.POPULATING, S.READY, S.CANCELLED},
        S.POPULATING: {S.READY, S.SENDING, S.DRAFT, S.FAILED, S.CANCELLED},
        S.READY: {S.DRAFT, S.POPULATING, S.SCHEDULED, S.SENDING, S.CANCELLED},
        # A series is scheduled all its life, and completed when its last date has come.
        S.SCHEDULED: {S.READY, S.POPULATING, S.SENDING, S.PAUSED, S.CANCELLED, S.COMPLETED},
        S.SENDING: {S.PAUSED, S.COMPLETED, S.CANCELLED, S.FAILED},
        S.PAUSED: {S.SENDING, S.SCHEDULED, S.POPULATING, S.CANCELLED, S.COMPLETED},
        S.FAILED: {S.DRAFT, S.CANCELLED},
        S.COMPLETED: {S.SENDING},  # its failed are tried once more
        S.CANCELLED: set(),
    },
)
EDITABLE = frozenset({S.DRAFT, S.READY})
RUNNING = frozenset({S.POPULATING, S.SENDING})
FINAL = frozenset({S.COMPLETED, S.CANCELLED, S.FAILED})
WINDOW_OPENS, WINDOW_CLOSES = time(9), time(21)
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)  # ISO: Monday is 1


class Campaign(Row, Base):
    """One message template to many recipients."""

    __tablename__ = "campaigns"
    __table_args__ = (
        Index("ix_campaigns_created_at", "created_at"),
        # One child for each occurrence, however often the tick looks.
        UniqueConstraint("parent_id", "occurrence_at"),
    )

    public_id: Mapped[UUID] = mapped_column(default=uuid7, unique=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    template_id: Mapped[int | None] = mapped_column(ForeignKey("message_templates.id"))
    # {"body.1": {"source": "column"|"field"|"text", "value": "City", "fallback": "there"}}
    template_variables: Mapped[dict[str, Any]] = mapped_column(default=dict)
    target_type: Mapped[TargetType | None]
    # {"tag": "goa"}, {"customer_ids": [1, 2]}, {"segment": public id, "name": "Pune"} or {"query": conditions},
    # {"response": "read", "campaigns": [public ids]}
    segment_query: Mapped[dict[str, Any]] = mapped_column(default=dict)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("imports.id"))
    status: Mapped[CampaignStatus] = mapped_column(default=CampaignStatus.DRAFT, index=True)
    pause_reason: Mapped[PauseReason | None]
    resumes_at: Mapped[datetime | None]  # when a pause of its own making ends, as far as we know
    failure: Mapped[str | None]
    launch_when_ready: Mapped[bool] = mapped_column(default=False)
    scheduled_for: Mapped[datetime | None] = mapped_column(index=True)
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    # How it repeats (see `recurrence`): each occurrence is a campaign of its own, made when its time comes.
    recurrence: Mapped[dict[str, Any] | None]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id", ondelete="SET NULL"))
    occurrence_at: Mapped[datetime | None]
    # The hours of the customer's own day in which to write; both null: at any time.
    window_opens: Mapped[time | None]
    window_closes: Mapped[time | None]
    weekdays: Mapped[list[int]] = mapped_column(
        ARRAY(SmallInteger), default=lambda: list(EVERY_DAY), server_default="{1,2,3,4,5,6,7}"
    )
    rate_limit: Mapped[int | None]  # messages per minute
    # Its share when several campaigns compete for the messaging limit, beside the others' weights.
    weight: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    when_capped: Mapped[WhenCapped] = mapped_column(default=WhenCapped.SKIP, server_default="skip")
    # Percent of the last 200 messages; above it the campaign pauses itself. Null: never.
    max_failure_share: Mapped[int | None] = mapped_column(SmallInteger, default=20, server_default="20")
    # The last message before it paused for too many errors: what failed until then counts no more.
    judged_up_to: Mapped[int | None] = mapped_column(BigInteger)
    retry_failed: Mapped[bool] = mapped_column(default=True)
    max_retries: Mapped[int] = mapped_column(default=3)
    tags: Mapped[list[str]] = mapped_column(default=list)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    channel: Mapped[Channel] = relationship()
    template: Mapped[MessageTemplate | None] = relationship()
    import_: Mapped[Import | None] = relationship()


class RecipientState(StrEnum):
    PENDING = "pending"
    SKIPPED = "skipped"  # will not be sent, for `skip_reason`
    HANDED = "handed"  # to its message, which tells the rest


class Recipient(Row, Base):
    """A customer in a campaign. Once handed over, its message tells what became of it."""

    __tablename__ = "recipients"
    __table_args__ = (
        UniqueConstraint("campaign_id", "phone"),
        Index(
            "uq_recipients_user",
            "campaign_id",
            "user_id",
            unique=True,
            postgresql_where="user_id IS NOT NULL",
        ),
        # The claim walks this one, those due first: whoever waits for a morning costs it nothing.
        Index("ix_recipients_pending", "campaign_id", "due_at", "position", postgresql_where="state = 'pending'"),
        Index("ix_recipients_position", "campaign_id", "position"),
        Index("ix_recipients_message", "message_id", postgresql_where="message_id IS NOT NULL"),
        Index("ix_recipients_customer", "customer_id", postgresql_where="customer_id IS NOT NULL"),
        {"postgresql_with": {"fillfactor": "80"}},
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="SET NULL"))
    position: Mapped[int]
    phone: Mapped[str | None]
    user_id: Mapped[str | None]
    name: Mapped[str | None]
    variables: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    state: Mapped[RecipientState] = mapped_column(default=RecipientState.PENDING, server_default="pending")
    skip_reason: Mapped[SkipReason | None]
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())  # while pending: not before this
    waits_for: Mapped[WaitReason | None]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))
    retry_count: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    last_retry_at: Mapped[datetime | None]


class CampaignProgress(Base):
    """A campaign's figures, kept by statement-level triggers on recipients and messages.

    Sharded so that writers do not wait for each other; the sum of the shards equals a count of the rows
    in every snapshot. Only the triggers and `flask stats rebuild` write here.
    """

    __tablename__ = "campaign_progress"
    __table_args__ = ({"postgresql_with": {"fillfactor": "20"}},)

    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    shard: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    total: Mapped[int] = mapped_column(default=0, server_default="0")
    pending: Mapped[int] = mapped_column(default=0, server_default="0")
    waiting: Mapped[int] = mapped_column(default=0, server_default="0")
    skipped: Mapped[int] = mapped_column(default=0, server_default="0")
    sending: Mapped[int] = mapped_column(default=0, server_default="0")
    unconfirmed: Mapped[int] = mapped_column(default=0, server_default="0")
    accepted: Mapped[int] = mapped_column(default=0, server_default="0")
    failed: Mapped[int] = mapped_column(default=0, server_default="0")
    delivered: Mapped[int] = mapped_column(default=0, server_default="0")
    read: Mapped[int] = mapped_column(default=0, server_default="0")
    responded: Mapped[int] = mapped_column(default=0, server_default="0")
    clicked: Mapped[int] = mapped_column(default=0, server_default="0")
    opted_out: Mapped[int] = mapped_column(default=0, server_default="0")


class SendingSlot(Base):
    """The right to send a campaign: one process per slot, by a lease that it renews."""

    __tablename__ = "sending_slots"

    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    owner: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
