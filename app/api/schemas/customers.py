"""Customers: who they are, how they are found, and what they agreed to."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, EmailStr, Field, FiniteFloat, StringConstraints

from app.api.paging import Paged, Paging
from app.api.schemas.common import Incoming, PhoneText, Text, Words
from app.customers.service.profiles import MOST_ATTRIBUTES, MOST_TAGS

LARGEST_NUMBER = 10**15
MOST_EVIDENCE = 50

Whole = Annotated[int, Field(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]
Broken = Annotated[FiniteFloat, Field(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]
Scalar = Text | bool | Whole | Broken
Tag = Annotated[Words, Field(examples=["goa"])]
UserId = Annotated[Words, Field(examples=["IN.1284930573"], description="Meta's business-scoped user id.")]


class CustomerChange(Incoming):
    """What may be said of a customer. What is left out stays as it is; null empties it."""

    phone: PhoneText | None = Field(default=None, examples=["+919812345678"])
    user_id: UserId | None = None
    name: Words | None = Field(default=None, examples=["Asha Rao"])
    email: Annotated[EmailStr, StringConstraints(max_length=254)] | None = Field(
        default=None, examples=["asha@example.com"]
    )
    city: Words | None = Field(default=None, examples=["Pune"])
    zone: Words | None = Field(default=None, examples=["Asia/Kolkata"], description="The IANA name of their time zone.")
    locale: Annotated[str, StringConstraints(max_length=20, pattern=r"^[a-z]{2,3}([_-][A-Za-z0-9]{2,4})*$")] | None = (
        Field(default=None, examples=["hi"], description="Their language, like `hi` or `en_GB`.")
    )
    attributes: Annotated[dict[Words, Scalar | None], Field(max_length=MOST_ATTRIBUTES)] | None = Field(
        default=None,
        examples=[{"Loyalty card": "gold", "Children": 2}],
        description="Added to those they have; one that is null goes.",
    )
    tags: Annotated[list[Tag], Field(max_length=MOST_TAGS)] | None = Field(
        default=None, examples=[["goa", "family"]], description="Instead of those they have. Kept in lower case."
    )


class CustomerIn(CustomerChange):
    """A customer, known by phone or by Meta's user id."""


class Retag(Incoming):
    """Tags to add, and tags to take away."""

    add: Annotated[list[Tag], Field(max_length=MOST_TAGS)] = Field(default=[], examples=[["goa"]])
    remove: Annotated[list[Tag], Field(max_length=MOST_TAGS)] = Field(default=[], examples=[["bali"]])


class CustomerFilter(Paging):
    """Which customers are asked for; all that is said must hold."""

    search: Text = Field(default="", description="Part of the number or the name.")
    phone: PhoneText | None = Field(default=None, examples=["+919812345678"], description="Who has this number.")
    tag: Tag | None = None
    city: Words | None = None
    consent: Literal["in", "out", "unknown", "suppressed"] | None = Field(
        default=None,
        description="in: said yes to marketing. out: said no. unknown: said nothing. suppressed: on the suppression "
        "list, whatever they said; they are in none of the others.",
    )
    active_since: AwareDatetime | None = Field(
        default=None, examples=["2026-01-01T00:00:00+05:30"], description="Wrote to us at that time or later."
    )


class CustomerOut(BaseModel):
    """A customer as known now."""

    id: UUID
    phone: str | None
    user_id: str | None
    name: str | None
    email: str | None
    city: str | None
    zone: str | None
    locale: str | None
    tags: list[str]
    attributes: dict[str, Any]
    marketing_opt_in: bool = Field(description="Said yes to marketing, and not no since.")
    marketing_opt_in_at: datetime | None
    marketing_opt_out_at: datetime | None
    last_inbound_at: datetime | None = Field(description="When they wrote to us last.")
    created_at: datetime
    updated_at: datetime


class CustomerPage(Paged):
    """A page of customers, the newest first."""

    items: list[CustomerOut]


class SalesTotal(BaseModel):
    """What a customer's sales in one currency come to."""

    currency: str
    count: int
    amount: Decimal
    last_at: datetime
    next_starts_on: date | None = Field(description="The next booking to begin, today's included.")


class CustomerDetail(CustomerOut):
    """A customer, and what their sales come to."""

    is_suppressed: bool = Field(description="Never gets marketing again, whatever is said of them.")
    sales: list[SalesTotal] = Field(description="By currency.")


class ErasureOut(BaseModel):
    """A person on their way out. Nothing here says who they were."""

    id: UUID
    status: Literal["searching", "finished"]
    progress: int = Field(description="How much has been searched for what others wrote of them, in percent.")
    created_at: datetime
    finished_at: datetime | None


class ConsentIn(Incoming):
    """A yes or a no to marketing, and how we know."""

    granted: bool = Field(description="True: yes. False: no, which takes effect at once.")
    source: Words | None = Field(
        default=None,
        examples=["website checkout"],
        description="Where it was said, in your words. A yes needs it; `api` for a no without one.",
    )
    wording: Text | None = Field(
        default=None,
        examples=["Yes, send me travel offers on WhatsApp"],
        description="The words that were agreed to, or in which it was refused. A yes needs them.",
    )
    at: AwareDatetime | None = Field(
        default=None,
        examples=["2026-10-02T11:30:00+05:30"],
        description="When it was said; left out: now. The newest answer holds, of two at the same moment the no.",
    )
    evidence: Annotated[dict[Words, Scalar], Field(max_length=MOST_EVIDENCE)] = Field(
        default={}, examples=[{"form": "checkout-7", "ip": "203.0.113.7"}], description="What else proves it."
    )


class ConsentOut(BaseModel):
    """An answer in the ledger."""

    granted: bool
    at: datetime
    source: str
    wording: str | None
    evidence: dict[str, Any]
    actor: str | None = Field(description="Who of the team, or whose token, wrote it down.")


class ConsentState(BaseModel):
    """Whether a customer may get marketing, and every answer that led there, the newest written down first."""

    customer_id: UUID
    marketing_opt_in: bool
    is_suppressed: bool = Field(description="On the suppression list: no marketing, whatever the answers say.")
    ledger: list[ConsentOut]
