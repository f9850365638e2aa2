"""Templates, the messaging limit, and whether all is set up."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.api.paging import Paged, Paging
from app.api.schemas.common import Incoming, Words


class TemplateFilter(Paging):
    """Which message templates are asked for."""

    status: Words | None = Field(default=None, examples=["APPROVED"])
    category: Words | None = Field(default=None, examples=["MARKETING"])
    language: Words | None = Field(default=None, examples=["en"])


class TemplateVariableOut(BaseModel):
    """A gap that a campaign or a message fills."""

    key: str = Field(examples=["body.1"])
    kind: str = Field(
        description="text, image, video, document (an https address or the id of a file at Meta), filename, latitude, "
        "longitude, place_name, place_address, product (a SKU), catalog (its id), sections (SKUs in sections: "
        '"Sweets: SKU1, SKU2; Boxes: SKU3"), expiration (a time with its zone), url_suffix, coupon_code or payload.'
    )
    card: int | None = Field(description="Which card of a carousel it belongs to, from 0; null outside of one.")
    sample: str | None


class TemplateOut(BaseModel):
    """A message template as Meta last described it."""

    id: UUID
    name: str
    language: str
    category: str
    status: str
    quality: str | None
    rejected_reason: str | None
    variables: list[TemplateVariableOut] = Field(description="What must have a value.")
    options: list[TemplateVariableOut] = Field(description="What may have one.")
    components: list[Any] = Field(description="Meta's own description.")
    synced_at: datetime


class TemplateIn(Incoming):
    """A new message template, as Meta wants it described."""

    name: Words = Field(examples=["diwali_offer"])
    language: Words = Field(examples=["en"])
    category: Literal["MARKETING", "UTILITY", "AUTHENTICATION"]
    parameter_format: Literal["POSITIONAL", "NAMED"] = "POSITIONAL"
    components: list[Any] = Field(
        min_length=1,
        description="Meta's components, with samples. The sample of a media header is a handle of Meta's.",
        examples=[[{"type": "BODY", "text": "Our shop is open again."}]],
    )


class TemplatePage(Paged):
    """A page of message templates, by name; those deleted at Meta only when asked for by status."""

    items: list[TemplateOut]


class Synced(BaseModel):
    """What reading the templates from Meta brought."""

    added: int
    changed: int
    removed: int
    unchanged: int


class LimitOpeningOut(BaseModel):
    """Places that come back within an hour."""

    by: datetime
    places: int


class LimitUseOut(BaseModel):
    """Places that a campaign took; without `campaign_id`: single messages, or a campaign that was deleted."""

    campaign_id: UUID | None
    name: str = Field(examples=["Diwali offer"])
    places: int


class LimitDayOut(BaseModel):
    """What a calendar day of the workspace's zone cost."""

    day: date
    count: int
    limit: int | None


class LimitOut(BaseModel):
    """Meta's messaging limit: unique customers in a rolling 24 hours.

    No limit: `limit`, `remaining` and what is left for campaigns are null.
    """

    limit: int | None
    used: int
    remaining: int | None
    next_opening: datetime | None = Field(description="When the next place becomes free, if none is now.")
    why: str
    limit_for_campaigns: int | None = Field(description="The limit without the reserve for replies and notices.")
    remaining_for_campaigns: int | None
    next_opening_for_campaigns: datetime | None
    openings: list[LimitOpeningOut] = Field(description="When the places that are used come back, by the hour.")
    used_by: list[LimitUseOut] = Field(description="Who used them, most first.")
    days: list[LimitDayOut] = Field(description="The last seven days by the calendar, today first.")


class CheckOut(BaseModel):
    """One thing that was looked at."""

    name: str = Field(examples=["access_token"])
    group: Literal["Meta", "Webhook", "House"] = Field(description="Where one must look to put it right.")
    level: Literal["ok", "warn", "bad"] = Field(description="Well; works, but wants a look; does not work.")
    ok: bool = Field(description="Not bad.")
    message: str
    fix: str = Field(description="The next step; empty when there is none to take.")


class SetupOut(BaseModel):
    """Whether messages can be sent and webhooks come in."""

    valid: bool = Field(description="Nothing is bad.")
    status: Literal["ok", "warn", "bad"] = Field(description="The level of the worst check.")
    message: str = Field(description="All of it in one sentence.")
    checks: list[CheckOut]
