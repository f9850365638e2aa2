"""Messages in and out, and the ledgers of the messaging limit."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Numeric, SmallInteger, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Row
from app.shared.ids import uuid7

NAMED = "answers_id IS NULL AND context_wamid IS NOT NULL"
WINDOW = timedelta(hours=24)  # of customer service: so long after their last message a customer gets free-form ones


class Direction(StrEnum):
    OUT = "out"
    IN = "in"


class MessageState(StrEnum):
    """Where our own hands are with an outgoing message. Meta's later news is `Message.rank`."""

    CREATED = "created"
    SENDING = "sending"  # committed before the request leaves; has a lease
    ACCEPTED = "accepted"  # Meta took it
    FAILED = "failed"  # Meta refused it, or it never left
    UNCONFIRMED = "unconfirmed"  # the request may have left; nobody knows. Never resent by itself
    RECEIVED = "received"  # incoming


class SkipReason(StrEnum):
    """Why a message was not sent, and will not be."""

    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    US_MARKETING = "us_marketing"
    MISSING_VARIABLE = "missing_variable"
    NO_ADDRESS = "no_address"
    DUPLICATE = "duplicate"  # the same customer is in this campaign by another number or id
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"  # on the list of numbers nobody may write marketing to again
    FREQUENCY_CAP = "frequency_cap"  # got as much marketing within a week as they may
    WINDOW_CLOSED = "window_closed"  # no template, and they wrote more than 24 hours ago


class WaitReason(StrEnum):
    """Why somebody is not written to yet; it heals by itself."""

    WINDOW = "window"  # outside the send window where they live
    CAP = "cap"  # they got as much marketing as they may within a week
    RETRY = "retry"  # an attempt failed and is tried again
    PAIR = "pair"  # they got another message a moment ago


class Rank:
    """Meta's statuses as numbers that only grow: twice, late and out of order all end the same.

    `failed` stands below `delivered`: a failure reported after a delivery does not undo it.
    """

    NONE = 0
    SENT = 10
    FAILED = 20
    DELIVERED = 30
    READ = 40


class Message(Row, Base):
    """One outgoing or incoming WhatsApp message: for what goes out, one attempt, one row.

    `public_id` travels as `biz_opaque_callback_data`, so every answer and status finds its row, even
    before the request's own answer came. `campaign_id` has no foreign key: campaigns stand above.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_wamid", "wamid", unique=True, postgresql_where="wamid IS NOT NULL"),
        # Partial on state, never naming rank: status updates stay heap-only (HOT).
        Index("ix_messages_lease", "lease_until", postgresql_where="state = 'sending'"),
        Index("ix_messages_campaign", "campaign_id", "id", postgresql_where="campaign_id IS NOT NULL"),
        # Today's figures read a day of a table that only grows at its end.
        Index("ix_messages_created_at", "created_at", postgresql_using="brin"),
        Index("ix_messages_customer", "customer_id", "id", postgresql_where="customer_id IS NOT NULL"),
        # Who answers may have been written to before anybody knew them as a customer.
        Index("ix_messages_phone", "phone", "id", postgresql_where="phone IS NOT NULL"),
        Index("ix_messages_answers", "answers_id", postgresql_where="answers_id IS NOT NULL"),
        # Names a message that was not there when it came.
        Index(
            "ix_messages_named", "context_wamid", postgresql_where="answers_id IS NULL AND context_wamid IS NOT NULL"
        ),
        Index("ix_messages_waiting", "id", postgresql_where="state = 'created'"),
        # What somebody may have to decide on: few, in campaigns of any size.
        Index("ix_messages_unconfirmed", "campaign_id", "id", postgresql_where="state = 'unconfirmed'"),
        # Earlier attempts of a recipient; the latest one is named by the recipient itself.
        Index("ix_messages_attempts", "recipient_id", postgresql_where="is_superseded"),
        {"postgresql_with": {"fillfactor": "80"}},
    )

    public_id: Mapped[UUID] = mapped_column(default=uuid7, unique=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="SET NULL"))
    campaign_id: Mapped[int | None] = mapped_column(BigInteger)
    recipient_id: Mapped[int | None] = mapped_column(BigInteger)  # in the campaign, without a foreign key too
    # A newer attempt of the same recipient exists; this row no longer counts in the campaign's figures.
    is_superseded: Mapped[bool] = mapped_column(default=False, server_default="false")
    direction: Mapped[Direction] = mapped_column(default=Direction.OUT, server_default="out")
    type: Mapped[str]
    phone: Mapped[str | None]
    body: Mapped[str | None]
    # Of what comes in: what we know of it besides its words. opted_out, edited_at, revoked_at.
    payload: Mapped[dict[str, Any] | None]
    wamid: Mapped[str | None]
    state: Mapped[MessageState]
    rank: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    lease_until: Mapped[datetime | None]
    error_code: Mapped[int | None]
    error_message: Mapped[str | None]
    sent_at: Mapped[datetime | None]  # of what comes in: the customer's own time
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    assumed_at: Mapped[datetime | None]  # somebody decided that it was sent, for no news ever came
    category: Mapped[str | None]
    pricing_type: Mapped[str | None]
    pricing_category: Mapped[str | None]
    estimated_cost: Mapped[Decimal | None] = mapped_column(Numeric(12, 4))
    # Of what goes out: when its customer first wrote back, tapped one of its buttons, opted out by it.
    responded_at: Mapped[datetime | None]
    clicked_at: Mapped[datetime | None]
    opted_out_at: Mapped[datetime | None]
    # Of what comes in: the message it answers, by Meta's context or as the last campaign message; and the other way
    # round for our own replies.
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))
    # Of what comes in: the wamid it names, be it there yet or not.
    context_wamid: Mapped[str | None]
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    # Sent to the sender's own phone to see how it looks: no customer got marketing by it.
    is_trial: Mapped[bool] = mapped_column(default=False, server_default="false")
    raw: Mapped[dict[str, Any] | None]

    @property
    def said_at(self) -> datetime:
        """When it was said: by the customer's own time, or when we wrote it down."""
        return (self.sent_at if self.direction is Direction.IN else None) or self.created_at


class ConversationStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Conversation(Row, Base):
    """Everything said with one customer over one channel. Begins when the customer first writes.

    Until `window_expires_at` (24 hours after the customer's last message) free-form messages are allowed.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("channel_id", "customer_id"),
        Index("ix_conversations_last_message_at", "last_message_at"),
    )

    public_id: Mapped[UUID] = mapped_column(default=uuid7, unique=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    window_expires_at: Mapped[datetime | None]
    last_message_at: Mapped[datetime | None]
    unread: Mapped[int] = mapped_column(default=0, server_default="0")
    status: Mapped[ConversationStatus] = mapped_column(default=ConversationStatus.OPEN, server_default="open")
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))


class StrayStatus(Row, Base):
    """A status of Meta's that named no message of ours when it came. Kept, and settled when its message is there."""

    __tablename__ = "stray_statuses"
    __table_args__ = (UniqueConstraint("wamid", "rank"),)

    wamid: Mapped[str]
    callback: Mapped[UUID | None]
    rank: Mapped[int] = mapped_column(SmallInteger)
    at: Mapped[datetime]
    error_code: Mapped[int | None]
    error_message: Mapped[str | None]
    pricing_type: Mapped[str | None]
    pricing_category: Mapped[str | None]
    estimated_cost: Mapped[Decimal | None] = mapped_column(Numeric(12, 4))


class LateFailure(Base):
    """A campaign's message of which Meta said after taking it that it failed; the campaign has not acted on it yet."""

    __tablename__ = "late_failures"

    message_id: Mapped[int] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


class LimitGuard(Base):
    """The lock before every grant, one row a portfolio, and how many unique customers its window holds.

    `used` is never below the truth: it grows with each grant and shrinks only by a recount under this lock.
    """

    __tablename__ = "limit_guards"

    portfolio_id: Mapped[str] = mapped_column(primary_key=True)
    used: Mapped[int] = mapped_column(default=0)
    counted_at: Mapped[datetime | None]


class LimitContact(Base):
    """Since when a customer has a place in the portfolio's rolling 24 hours, and from when on it counts anew.

    All grants of the window, so that they can be given back in any order: the place is free when none is left.
    """

    __tablename__ = "limit_contacts"
    __table_args__ = (Index("ix_limit_contacts_window", "portfolio_id", "granted_at"),)

    portfolio_id: Mapped[str] = mapped_column(primary_key=True)
    contact: Mapped[str] = mapped_column(primary_key=True)  # E.164, or Meta's user id
    first_granted_at: Mapped[datetime]  # when it took the place, and cost its day one
    granted_at: Mapped[datetime]  # the last of the grants that stand
    grants: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)), server_default="{}")
    taken_by: Mapped[int | None] = mapped_column(BigInteger)  # the campaign that took the place; null: a single message


class DailyCounter(Row, Base):
    """How many customers a calendar day has cost, for people to read."""

    __tablename__ = "daily_counters"
    __table_args__ = (UniqueConstraint("portfolio_id", "day"),)

    portfolio_id: Mapped[str]
    day: Mapped[date]
    count: Mapped[int] = mapped_column(default=0)
    limit: Mapped[int | None]


class MessageRate(Row, Base):
    """What a delivered message costs by market (calling code) and category, from a day on. Edited by people."""

    __tablename__ = "message_rates"
    __table_args__ = (UniqueConstraint("market", "category", "currency", "effective_on"),)

    market: Mapped[str]  # region code such as IN; "*" for all others
    category: Mapped[str]  # marketing, utility, authentication, service
    currency: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(Numeric(12, 4))
    effective_on: Mapped[date]
