"""A campaign before it is sent: each verb is one step of the wizard. All refuse once it is past changing."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from app.auth import workspace
from app.auth.models import User
from app.campaigns import fitness, variables
from app.campaigns.models import (
    CAMPAIGN_STATES,
    EDITABLE,
    EVERY_DAY,
    Campaign,
    CampaignStatus,
    TargetType,
    WhenCapped,
)
from app.campaigns.queries import targets
from app.campaigns.recurrence import Rule, next_occurrence
from app.campaigns.service import audience, missed
from app.channels.models import Channel
from app.customers.imports.models import Import
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.meta.components import compile_template
from app.shared import clock
from app.shared.errors import Invalid, Refused
from app.shared.hours import Hours
from app.shared.state import words

MAX_PICKED = 1000
LAST_ID = 2**63 - 1
FURTHEST = timedelta(days=365)
NOT_REPEATED = (
    "A file is one list, written to once; a campaign that repeats needs your customers: "
    "all, a segment, a tag or a pick."
)
_LIKENESS = (
    "description",
    "template_variables",
    "recurrence",
    "window_opens",
    "window_closes",
    "weekdays",
    "rate_limit",
    "weight",
    "when_capped",
    "max_failure_share",
    "retry_failed",
    "max_retries",
)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a campaign sends; the fields are the campaign's own."""

    rate_limit: int | None
    weight: int
    when_capped: WhenCapped
    max_failure_share: int | None
    retry_failed: bool
    max_retries: int

    @classmethod
    def of(cls, campaign: Campaign) -> Manner:
        """The manner the campaign has now."""
        return cls(**{name: getattr(campaign, name) for name in cls.__dataclass_fields__})


def create(name: str, channel: Channel, user: User | None, description: str = "") -> Campaign:
    """A new draft."""
    campaign = Campaign(
        name=name.strip(),
        description=description.strip(),
        channel=channel,
        created_by=user.id if user else None,
    )
    db.session.add(campaign)
    db.session.flush()
    return campaign


def require_editable(campaign: Campaign) -> None:
    """Raises `Refused` with a sentence unless the campaign is a draft or ready."""
    if campaign.status is CampaignStatus.SCHEDULED:
        raise Refused("This campaign is scheduled; unschedule it to change it.")
    if campaign.status is CampaignStatus.POPULATING:
        raise Refused("The recipients are still being brought together; this takes a moment.")
    if campaign.status not in EDITABLE:
        raise Refused(f"This campaign is {words(campaign.status)}; it cannot be changed any more.")


def rename(campaign: Campaign, name: str, description: str) -> None:
    """What the campaign is called."""
    require_editable(campaign)
    campaign.name, campaign.description = name.strip(), description.strip()
    db.session.flush()


def choose_template(campaign: Campaign, template: MessageTemplate) -> None:
    """Send this template; of the variables, those that it has too keep their values."""
    require_editable(campaign)
    if reason := why_not(template):
        raise Refused(reason)
    known = variables.kinds_of(compile_template(template.components, template.parameter_format))
    campaign.template_variables = {key: rule for key, rule in campaign.template_variables.items() if key in known}
    campaign.template, campaign.channel = template, template.channel
    db.session.flush()


def why_not(template: MessageTemplate) -> str:
    """Why a campaign cannot use this template; empty when it can."""
    if not template.is_sendable:
        return f"The template {template.name} is {template.status.lower()}; only approved ones can be sent."
    if parts := compile_template(template.components, template.parameter_format).unsupported:
        return f"Campaigns cannot fill this yet: {', '.join(parts)}."
    return ""


def choose_customers(campaign: Campaign, target: TargetType, query: dict[str, Any]) -> None:
    """Write to these customers; a worker brings them together. Rings are the caller's."""
    aim(campaign, target, query)
    campaign.failure = None
    CAMPAIGN_STATES.move(campaign, CampaignStatus.POPULATING)
    db.session.flush()


def aim(campaign: Campaign, target: TargetType, query: dict[str, Any]) -> None:
    """Remember whom it is for; nobody becomes a recipient yet. Raises `Invalid` when that is nobody."""
    _require_no_audience(campaign)
    targets.who(target, query)
    campaign.target_type, campaign.segment_query, campaign.import_ = target, query, None
    db.session.flush()


def find_anew(campaign: Campaign) -> None:
    """Bring the recipients together once more: those who belong to its target now. Rings are the caller's."""
    require_editable(campaign)
    if campaign.target_type not in targets.ANEW:
        raise Refused("The recipients of this campaign are a list; it does not change by itself.")
    CAMPAIGN_STATES.move(campaign, CampaignStatus.POPULATING)
    db.session.flush()


def pick_customers(campaign: Campaign, customer_ids: Sequence[int]) -> None:
    """Remember who was picked so far; nobody becomes a recipient yet."""
    _require_no_audience(campaign)
    if len(customer_ids) > MAX_PICKED:
        raise Invalid(f"Pick at most {MAX_PICKED:,} customers; for more use a segment, a tag or a file.", "customer")
    if any(not 0 < customer_id <= LAST_ID for customer_id in customer_ids):
        raise Invalid("There is no such customer.", "customer")
    campaign.target_type, campaign.import_ = TargetType.MANUAL, None
    campaign.segment_query = {"customer_ids": list(dict.fromkeys(customer_ids))}
    db.session.flush()


def attach_file(campaign: Campaign, import_: Import) -> None:
    """This file holds the recipients; how it is read can still be changed."""
    _require_no_audience(campaign)
    if campaign.recurrence is not None:
        raise Invalid(NOT_REPEATED, "file")
    if campaign.import_ is not import_:
        audience.forget_file(campaign)
    campaign.target_type, campaign.segment_query, campaign.import_ = TargetType.IMPORTED, {}, import_
    campaign.failure = None
    db.session.flush()


def begin_import(campaign: Campaign) -> None:
    """The file is read as it should be and its people agreed: a worker may bring them in."""
    _require_no_audience(campaign)
    if campaign.import_ is None:
        raise Invalid("Upload a CSV file first.", "file")
    if campaign.import_.reading.get("phone_column") is None:
        raise Invalid("Say which column holds the phone numbers.", "phone_column")
    campaign.failure = None
    CAMPAIGN_STATES.move(campaign, CampaignStatus.POPULATING)
    db.session.flush()


def forget_audience(campaign: Campaign) -> None:
    """Back to a draft without recipients."""
    require_editable(campaign)
    audience.clear_recipients(campaign)
    campaign.target_type, campaign.segment_query, campaign.import_ = None, {}, None
    campaign.failure, campaign.launch_when_ready = None, False
    if campaign.status is not CampaignStatus.DRAFT:
        CAMPAIGN_STATES.move(campaign, CampaignStatus.DRAFT)
    db.session.flush()


def set_variables(campaign: Campaign, mapping: dict[str, Any]) -> None:
    """Fill the template's variables like this. Raises `Invalid` naming the first that cannot be filled so."""
    require_editable(campaign)
    if campaign.template is None:
        raise Refused("Choose a message template first.")
    template = compile_template(campaign.template.components, campaign.template.parameter_format)
    normal = variables.normalise(mapping, template)
    if gaps := variables.missing(template.variables, normal):
        raise Invalid("Say what to fill in here, or what to write if that is empty.", gaps[0])
    columns = campaign.import_.reading.get("columns", []) if campaign.import_ else []
    for key, name in variables.unknown_words(normal, columns).items():
        raise Invalid(f"There is no column or field called {name}; write it as it stands in your file.", key)
    fitness.require(template, normal)
    campaign.template_variables = normal
    db.session.flush()


def set_start(campaign: Campaign, scheduled_for: datetime | None, rule: Rule | None = None) -> None:
    """When to send: at this time, again and again by this rule, or (None, None) as soon as it is launched."""
    require_editable(campaign)
    if rule is not None:
        if campaign.target_type is TargetType.IMPORTED:
            raise Invalid(NOT_REPEATED, "recurrence")
        rule.check()
        scheduled_for = next_occurrence(rule, workspace.zone(), clock.now())
        _check_begins(scheduled_for)
    elif scheduled_for is not None:
        _check_ahead(scheduled_for)
    campaign.scheduled_for = scheduled_for
    campaign.recurrence = rule.as_json() if rule else None
    db.session.flush()


def set_hours(campaign: Campaign, hours: Hours | None) -> None:
    """In which hours of the customers' own days to write; None: at any time."""
    require_editable(campaign)
    campaign.window_opens, campaign.window_closes = (hours.opens, hours.closes) if hours else (None, None)
    campaign.weekdays = sorted(hours.weekdays) if hours else list(EVERY_DAY)
    db.session.flush()


def set_manner(campaign: Campaign, manner: Manner) -> None:
    """How to send: its speed, its share, and what to do where something is in the way."""
    require_editable(campaign)
    for name, value in asdict(manner).items():
        setattr(campaign, name, value)
    db.session.flush()


def require_repeatable(campaign: Campaign) -> None:
    """Raises `Invalid` where a campaign is to repeat whose recipients cannot be found anew."""
    if campaign.recurrence is not None and campaign.target_type is TargetType.IMPORTED:
        raise Invalid(NOT_REPEATED, "recurrence")


def is_overdue(campaign: Campaign) -> bool:
    """Whether the time it was planned for has passed before it was launched; of a series, the last one."""
    if campaign.recurrence is not None:
        return next_occurrence(Rule.from_json(campaign.recurrence), workspace.zone(), clock.now()) is None
    return campaign.scheduled_for is not None and campaign.scheduled_for <= clock.now()


def duplicate(campaign: Campaign, user: User | None) -> Campaign:
    """A new draft like this one, without its recipients: of customers the choice stays, a file is uploaded anew."""
    made = alike(campaign, f"{campaign.name[:113]} (copy)", user.id if user else None)
    db.session.add(made)
    db.session.flush()
    return made


def alike(campaign: Campaign, name: str, created_by: int | None) -> Campaign:
    """A draft that says the same, not stored yet: all but recipients and times."""
    made = Campaign(
        name=name,
        channel=campaign.channel,
        template=campaign.template,
        status=CampaignStatus.DRAFT,
        created_by=created_by,
    )
    chosen = ("target_type", "segment_query") if campaign.target_type is not TargetType.IMPORTED else ()
    for column in (*_LIKENESS, *chosen):
        setattr(made, column, copy(getattr(campaign, column)))
    return made


def discard(campaign: Campaign) -> None:
    """Delete a campaign of which nothing was sent."""
    if campaign.status not in EDITABLE:
        raise Refused(f"This campaign is {words(campaign.status)}; only drafts can be deleted.")
    missed.answered(campaign)
    db.session.delete(campaign)
    db.session.flush()


def _require_no_audience(campaign: Campaign) -> None:
    require_editable(campaign)
    if campaign.status is not CampaignStatus.DRAFT:
        raise Refused("This campaign has its recipients already; use a different audience to change them.")


def _check_ahead(moment: datetime) -> None:
    if moment <= clock.now():
        raise Invalid("This time has passed; choose one that lies ahead.", "scheduled_for")
    if moment > clock.now() + FURTHEST:
        raise Invalid("Choose a time within the next year.", "scheduled_for")


def _check_begins(first: datetime | None) -> None:
    if first is None:
        raise Invalid("No date is left before this end; choose a later one.", "until")
    if first > clock.now() + FURTHEST:
        raise Invalid("Let it begin within the next year.", "starts_on")
