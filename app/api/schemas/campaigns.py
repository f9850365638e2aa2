"""Campaigns, their recipients and their figures."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, RootModel

from app.api.paging import Paged, Paging
from app.api.schemas.common import Incoming, PhoneText, Text, Words
from app.campaigns.models import EVERY_DAY, CampaignStatus, PauseReason, TargetType, WhenCapped
from app.campaigns.recurrence import LONGEST_INTERVAL, MOST_TIMES
from app.customers.segments.values import MAX_ITEMS

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
    """Which customers.

    For target_type `tag` the tag. For `manual` those picked, by phone number or id. For `segment` a kept one by its id,
    or conditions as `POST /segments` takes them. For `responders` what they did with which earlier campaigns.
    """

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    tag: Words | None = Field(default=None, examples=["goa"])
    phones: Annotated[list[PhoneText], Field(max_length=MOST_PICKED)] | None = None
    customer_ids: Annotated[list[UUID], Field(max_length=MOST_PICKED)] | None = None
    segment_id: UUID | None = None
    logic: Literal["AND", "OR"] | None = None
    conditions: list[Any] | None = Field(
        default=None, examples=[[{"field": "sales.total", "operator": "more_than", "value": 50000}]]
    )
    negated: bool | None = Field(default=None, alias="not", description="Those of whom the conditions are not true.")
    response: Literal["read", "replied", "clicked", "not_read"] | None = Field(
        default=None, description="not_read: they got it and did not read it."
    )
    campaign_ids: Annotated[list[UUID], Field(max_length=MAX_ITEMS)] | None = None


def _on_the_wall(at: time) -> time:
    if at.tzinfo is not None:
        raise ValueError("A time of day has no offset here; it is read by the clock on the wall")
    return at


Clock = Annotated[
    time,
    AfterValidator(_on_the_wall),
    PlainSerializer(lambda at: at.strftime("%H:%M"), return_type=str),
    Field(examples=["09:00"]),
]
Weekdays = Annotated[
    list[Annotated[int, Field(ge=1, le=7)]], Field(max_length=7, description="ISO: 1 is Monday, 7 is Sunday.")
]


class SendWindow(Incoming):
    """Hours of the customer's own day, over midnight where `to` is not later than `from`."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    opens: Clock = Field(alias="from", examples=["09:00"])
    closes: Clock = Field(alias="to", examples=["21:00"])
    weekdays: Weekdays = Field(default=list(EVERY_DAY), min_length=1, validate_default=True)


class Recurrence(Incoming):
    """A calendar's rule on the workspace's clock. End it by `until`, by `times`, or by neither."""

    every: Literal["day", "week", "month"]
    interval: int = Field(default=1, ge=1, le=LONGEST_INTERVAL, description="2: every second day, week or month.")
    weekdays: Weekdays = Field(default=[], description="For weeks. ISO: 1 is Monday, 7 is Sunday.")
    monthdays: list[Annotated[int, Field(ge=-1, le=31)]] = Field(
        default=[], max_length=32, description="For months: 1 to 31, -1 the last. A day that a month lacks is its last."
    )
    at: Clock
    starts_on: date | None = Field(default=None, description="Left out: today.")
    until: date | None = Field(default=None, description="The last day on which it may happen.")
    times: int | None = Field(default=None, ge=1, le=MOST_TIMES)


class CampaignChange(Incoming):
    """What may be said of a campaign. What is left out stays as it is."""

    name: Words | None = Field(default=None, examples=["Monsoon in Goa"])
    description: Text | None = None
    template_name: Words | None = Field(default=None, examples=["goa_monsoon_offer"])
    template_language: Words | None = Field(default=None, examples=["en"], description="Left out: the approved one.")
    target_type: TargetType | None = Field(
        default=None,
        description="all: every customer who opted in. tag: those of them with a tag. manual: picked customers. "
        "imported: a CSV file or a list of yours. segment: whoever answers to its conditions when it starts. "
        "responders: who did something with earlier campaigns. Who gets no marketing is skipped with that reason.",
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
    recurrence: Recurrence | None = Field(
        default=None,
        examples=[{"every": "week", "weekdays": [1, 4], "at": "10:00", "until": "2027-12-31"}],
        description="Repeat: each time a campaign of its own is made, with whoever belongs to its target then. Not "
        "together with `scheduled_for`, nor for `imported`. Null takes it back.",
    )
    send_window: SendWindow | None = Field(
        default=None,
        examples=[{"from": "09:00", "to": "21:00", "weekdays": [1, 2, 3, 4, 5, 6]}],
        description="When to write, in each customer's own time zone; who is outside waits. Null: at any time. Left "
        "out of a new campaign: 09:00 to 21:00 every day, on the sandbox at any time.",
    )
    weight: int = Field(
        default=1, ge=1, le=10, description="Its share where campaigns compete for the messaging limit; high is 3."
    )
    when_capped: WhenCapped = Field(
        default=WhenCapped.SKIP, description="Who got as much marketing as they may within seven days: skip or wait."
    )
    max_failure_share: int | None = Field(
        default=20, ge=1, le=100, description="Percent of the last 200 messages; above it, it pauses. Null: never."
    )
    retry_failed: bool = Field(default=True, description="Try again where the phone could not be reached.")
    max_retries: int = Field(default=3, ge=0, le=10, description="Tries after the first where an error passes.")


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
    scheduled_for: datetime | None = Field(description="When it starts; of one that repeats, its next date.")
    recurrence: Recurrence | None
    parent_id: UUID | None = Field(description="The campaign that repeats and made this one.")
    send_window: SendWindow | None
    weight: int
    when_capped: WhenCapped
    max_failure_share: int | None
    retry_failed: bool
    max_retries: int
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


class FailureOut(ReasonOut):
    """So many recipients whose message failed for one reason, and what was done about it."""

    done: str = Field(description="What was done about it by itself.")
    can_be_tried_again: bool = Field(description="Whether `POST /campaigns/{id}/retry-failed` takes them.")


class StatsOut(BaseModel):
    """What became of a campaign."""

    id: UUID
    figures: StatusOut
    rates: Rates
    failures: list[FailureOut]
    skips: list[ReasonOut]


RecipientStatus = Literal[
    "pending",
    "waiting",
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
