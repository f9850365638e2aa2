"""Sales: bookings and purchases of customers."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, RootModel, StringConstraints

from app.api.paging import Paged, Paging
from app.api.schemas.common import Incoming, PhoneText, Text, Words
from app.api.schemas.customers import UserId

MOST_SALES = 1000

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{3}$")]


class SaleIn(Incoming):
    """What a customer booked or bought. Say who it is by one of `customer_id`, `phone` and `user_id`."""

    customer_id: UUID | None = None
    phone: PhoneText | None = Field(default=None, examples=["+919812345678"])
    user_id: UserId | None = None
    amount: Decimal = Field(
        examples=["48500.00"], description="0 or more, with no more decimals than the currency has; best as a text."
    )
    currency: Currency = Field(examples=["INR"], description="The ISO code.")
    category: Words | None = Field(default=None, examples=["Bali"], description="What kind of thing, or where to.")
    product: Text | None = Field(default=None, examples=["Bali, 6 nights in Ubud"])
    sold_at: AwareDatetime = Field(examples=["2026-10-02T11:30:00+05:30"], description="With an offset.")
    starts_on: date | None = Field(default=None, examples=["2026-12-20"], description="When the booking begins.")
    external_id: Words | None = Field(
        default=None,
        examples=["ORD-2291"],
        description="Your own id of it. Told again, the sale is changed and not recorded twice.",
    )


class SalesIn(RootModel[list[SaleIn]]):
    """Several sales."""

    root: list[SaleIn] = Field(
        min_length=1,
        max_length=MOST_SALES,
        examples=[
            [
                {
                    "phone": "+919812345678",
                    "amount": "48500.00",
                    "currency": "INR",
                    "category": "Bali",
                    "sold_at": "2026-10-02T11:30:00+05:30",
                    "external_id": "ORD-2291",
                }
            ]
        ],
    )


class SaleOut(BaseModel):
    """A sale in the books."""

    id: UUID
    customer_id: UUID | None = Field(description="Null: the person was erased.")
    phone: str | None
    amount: Decimal
    currency: str
    category: str | None
    product: str | None
    sold_at: datetime
    starts_on: date | None
    source: str = Field(description="Who told of it: api, csv, form, order or seed.")
    external_id: str | None
    created_at: datetime
    updated_at: datetime


class SaleFilter(Paging):
    """Which sales are asked for; all that is said must hold."""

    customer_id: UUID | None = None
    category: Words | None = Field(default=None, examples=["Bali"])
    currency: Currency | None = None
    source: Words | None = Field(default=None, examples=["api"])
    external_id: Words | None = None
    sold_from: AwareDatetime | None = Field(default=None, description="Sold at that time or later.")
    sold_before: AwareDatetime | None = Field(default=None, description="Sold before that time.")
    starts_from: date | None = Field(default=None, description="Beginning on that day or later.")
    starts_until: date | None = Field(default=None, description="Beginning on that day or earlier.")


class SalePage(Paged):
    """A page of sales, the last sold first."""

    items: list[SaleOut]


class SaleDone(BaseModel):
    """An entry that is in the books."""

    row: int = Field(description="Its place in the request, from 0.")
    id: UUID
    outcome: Literal["created", "changed"]


class SaleError(BaseModel):
    """An entry that is not."""

    row: int = Field(description="Its place in the request, from 0.")
    field: str
    reason: str


class SalesRecorded(BaseModel):
    """What became of the entries."""

    created: int
    changed: int
    invalid: int
    sales: list[SaleDone]
    errors: list[SaleError]
