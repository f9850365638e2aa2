"""Campaigns, their recipients and their figures."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, RootModel

from app.api.paging import Paged, Paging
from app.api.schemas.common import Incoming, PhoneText, Text, Words
from app.campaigns.models import CampaignStatus, PauseReason, TargetType

MOST_PICKED = 1000
MOST_ADDED = 1000
FASTEST = 60_000

VARIABLES = """How each variable of the template is filled. Keys are the variables' own, as `GET /templates` lists them
("body.1", "header.first_name", "header.media", "button.0.1", "limited_time_offer.expiration", "card.0.body.1");
"body." may be left out ("1"). Options may be told too; "payload" serves every quick reply without one of its own.
What cannot be used in its place is refused: media that is not https, an offer that has ended. A value is a fixed text,
or a rule: `source` "column" takes the recipient's value of that name (a column of the CSV file), "field" the
customer's (name, first_name, phone, email, city), "text" a fixed text; `fallback` stands in where that is empty."""


class Rule(Incoming):
    """Where a variable's value comes from."""

    source: Literal["column", "field", "text"]
    value: Text = ""
    fallback: Text = ""


class SegmentQuery(Incoming):
    """Which customers: for target_type `tag` the tag, for `manual` those picked, by phone number or id."""

    tag: Words | None = Field(default=None, examples=["goa"])
    phones: Annotated[list[PhoneText], Field(max_length=MOST_PICKED)] | None = None
    customer_ids: Annotated[list[UUID], Field(max_length=MOST_PICKED)] | None = None


class CampaignChange(Incoming):
    """What may be said of a campaign. What is left out stays as it is."""

    name: Words | None = Field(default=None, examples=["Monsoon in Goa"])
    description: Text | None = None
    template_name: Words | None = Field(default=None, examples=["goa_monsoon_offer"])
    template_language: Words | None = Field(default=None, examples=["en"], description="Left out: the approved one.")
    target_type: TargetType | None = Field(
        default=None,
        description="all: every customer who opted in. tag: those of them with a tag. manual: picked customers. "
        "imported: a CSV file or a list of yours. segment and responders are not there yet.",
    )
    segment_query: SegmentQuery | None = Field(default=None, examples=[{"tag": "goa"}])
    template_variables: dict[Words, Text | int | float | Rule] | None = Field(
        default=None,
        max_length=100,
        description=VARIABLES,
        examples=[{"1": {"source": "column", "value": "Name", "fallback": "there"}, "body.2": "Goa"}],
    )
    rate_limit: int | None = Field(default=None, ge=1, le=FASTEST, description="Messages a minute at most.")
    scheduled_for: AwareDatetime | None = Field(
        default=None,
        examples=["2027-06-01T09:00:00+05:30"],
        description="Start then and not at once. With an offset. Null takes it back.",
    )


class CampaignIn(CampaignChange):
    """A new campaign. Only the name is needed now; template, target and variables before the start."""

    name: Words = Field(examples=["Monsoon in Goa"])


class CampaignOut(BaseModel):
    """A campaign as it stands."""

    id: UUID
    name: str
    description: str
    status: CampaignStatus
    pause_reason: PauseReason | None
    resumes_at: datetime | None = Field(description="When a pause of its own making ends, as far as that is known.")
    failure: str | None = Field(description="Why its recipients could not be had, or why it did not start.")
    template_name: str | None
    template_language: str | None
    template_variables: dict[str, Rule]
    target_type: TargetType | None
    segment_query: SegmentQuery
    import_id: UUID | None
    total_recipients: int
    rate_limit: int | None
    scheduled_for: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    created_at: datetime


class CampaignFilter(Paging):
    """Which campaigns are asked for."""

    status: CampaignStatus | None = None


class CampaignPage(Paged):
    """A page of campaigns, the newest first."""

    items: list[CampaignOut]


class Moved(BaseModel):
    """What the campaign is now. `estimated_completion` is null where nobody can know it."""

    id: UUID
    status: CampaignStatus
    estimated_completion: datetime | None


class StatusOut(BaseModel):
    """A campaign's figures, all from one moment, each equal to a count of its rows."""

    id: UUID
    name: str
    status: CampaignStatus
    pause_reason: PauseReason | None
    total_recipients: int
    pending_count: int
    skipped_count: int
    sent_count: int = Field(description="Everything Meta accepted.")
    delivered_count: int = Field(description="Includes the read.")
    read_count: int
    failed_count: int
    unconfirmed_count: int = Field(description="The request left and no clear answer came.")
    responded_count: int
    progress: float = Field(ge=0, le=1, description="The part of the recipients that is settled, 0 to 1.")
    daily_limit: int | None = Field(description="Null: Meta sets no limit.")
    daily_limit_remaining: int | None


class Rates(BaseModel):
    """Parts, 0 to 1: delivered of those accepted, read of those delivered, the rest of all recipients."""

    delivered: float
    read: float
    responded: float
    failed: float
    skipped: float


class ReasonOut(BaseModel):
    """So many recipients with one reason."""

    reason: str = Field(description="Meta's error code, or the word for why it was skipped.")
    message: str
    hint: str
    count: int


class StatsOut(BaseModel):
    """What became of a campaign."""

    id: UUID
    figures: StatusOut
    rates: Rates
    failures: list[ReasonOut]
    skips: list[ReasonOut]


RecipientStatus = Literal[
    "pending",
    "sending",
    "unconfirmed",
    "sent",
    "delivered",
    "read",
    "responded",
    "clicked",
    "opted_out",
    "failed",
    "skipped",
]


class RecipientFilter(Paging):
    """Which recipients are asked for: those behind that figure, so `sent` includes the delivered and the read."""

    status: RecipientStatus | None = None


class RecipientOut(BaseModel):
    """Where a recipient stands."""

    phone: str | None
    name: str | None
    status: str
    reason: str = Field(description="Why it was skipped or failed; empty for all others.")
    error_code: int | None
    variables: dict[str, str]
    message_id: UUID | None
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    failed_at: datetime | None
    responded_at: datetime | None


class RecipientPage(Paged):
    """A page of recipients, in the order they came in."""

    items: list[RecipientOut]


class RecipientIn(Incoming):
    """Somebody to write to."""

    phone: PhoneText
    name: Words | None = None
    variables: dict[Words, Text] = Field(default_factory=dict, max_length=200, examples=[{"City": "Pune"}])


class RecipientsIn(RootModel[list[RecipientIn]]):
    """People to write to."""

    root: list[RecipientIn] = Field(
        min_length=1,
        max_length=MOST_ADDED,
        examples=[[{"phone": "+919812345678", "name": "Asha", "variables": {"City": "Pune"}}]],
    )


class RowError(BaseModel):
    """An entry that did not become a recipient."""

    row: int = Field(description="Its place in the request, from 0.")
    phone: str
    reason: str


class Added(BaseModel):
    """What became of the entries."""

    status: CampaignStatus
    added: int
    suppressed: int = Field(description="Of those added: opted out, so they are skipped.")
    duplicates: int
    invalid: int
    errors: list[RowError]
