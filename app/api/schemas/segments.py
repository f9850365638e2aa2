"""Segments: questions about customers, asked anew each time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from app.api.paging import Paged, Paging
from app.api.schemas.common import Incoming, Text, Words
from app.api.schemas.customers import CustomerOut
from app.customers.segments.kinds import Kind, Takes
from app.customers.segments.people import SAMPLE
from app.customers.service.segments import MAX_NAME

BALI = {
    "logic": "AND",
    "conditions": [
        {"field": "saleDetails.destination", "operator": "contains", "value": "Bali", "since": "6 months"},
        {"field": "sales.total", "operator": "more_than", "value": 50000},
        {
            "logic": "OR",
            "not": True,
            "conditions": [
                {"field": "city", "operator": "is", "value": "Pune"},
                {"field": "tags", "operator": "has", "value": "vip"},
            ],
        },
    ],
}
Query = Annotated[
    dict[str, Any],
    Field(
        examples=[BALI],
        description="`logic` (AND or OR), `conditions` (1 to 50, groups up to 5 deep among them) and, for those "
        "of whom that is not true, `not`. A condition has `field`, `operator`, mostly a `value`, and where the field "
        'takes it a `since` ("6 months" or 2026-11-21). `GET /segments/fields` lists what can be asked.',
    ),
]
Name = Annotated[Words, Field(max_length=MAX_NAME, examples=["Bali, over 50,000"])]


class SegmentIn(Incoming):
    """A new segment."""

    name: Name = Field(description="No other segment has it.")
    description: Text = Field(default="", examples=["For the winter offers."])
    query: Query


class SegmentChange(Incoming):
    """What may be changed. What is left out stays as it is."""

    name: Name | None = None
    description: Text | None = None
    query: Query | None = None


class Preview(Incoming):
    """Conditions that need not be kept."""

    query: Query


class SegmentFilter(Paging):
    """Which segments are asked for."""

    search: Text = Field(default="", description="Part of the name.")


class SegmentOut(BaseModel):
    """A segment, as it is kept."""

    id: UUID
    name: str
    description: str
    query: dict[str, Any]
    sentence: str | None = Field(
        examples=["Customers who spent more than ₹50,000"],
        description="What it asks, in words; null when it asks about something that is no more.",
    )
    counted: int | None = Field(description="How many it was when somebody last looked.")
    counted_at: datetime | None
    created_at: datetime
    updated_at: datetime


class SegmentDetail(SegmentOut):
    """A segment, and what uses it."""

    used_by: list[str] = Field(examples=[["the campaign “Monsoon”"]], description="In words. While any does, it stays.")


class SegmentPage(Paged):
    """A page of segments, by name."""

    items: list[SegmentOut]


class Seen(BaseModel):
    """Who answers to the conditions now."""

    sentence: str = Field(examples=["Customers who spent more than ₹50,000"])
    count: int
    sample: list[CustomerOut] = Field(max_length=SAMPLE, description="The newest of them.")


class ChoiceOut(BaseModel):
    """A value to choose from."""

    value: str
    label: str


class OperatorOut(BaseModel):
    """One thing to ask of a field."""

    name: str = Field(examples=["more_than"])
    label: str = Field(examples=["is more than"])
    takes: Takes = Field(
        description="What its `value` is. nothing: leave it out. text, choice: up to 200 characters. texts: a list of "
        'them. number: a number, or a text like "50,000". numbers: two, the smaller first. day: "2026-11-21". days: '
        'two, the earlier first; both belong to it. span: "30 days", "6 months". campaigns: a list of their ids, or '
        "`any`."
    )


class FieldOut(BaseModel):
    """One thing to ask about."""

    name: str = Field(examples=["sales.total"], description="One that ends in a dot is followed by one of its parts.")
    label: str = Field(examples=["Total spent"])
    theme: str = Field(examples=["Sales"])
    kind: Kind
    takes_since: bool = Field(description="Whether a condition may say `since` when rows count.")
    operators: list[OperatorOut]
    choices: list[ChoiceOut] = Field(description="Values to choose from. Of a choice there are no others.")
    parts: list[str] = Field(description="What may follow the dot: attributes that customers have. Others may, too.")


class FieldsOut(BaseModel):
    """All that can be asked about."""

    items: list[FieldOut]
