"""A campaign made to be what a request says of it: each given field by the wizard's own verb."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select

from app import config
from app.api.schemas.campaigns import CampaignChange, Recurrence, SegmentQuery, SendWindow
from app.api.whereabouts import template_of
from app.auth import workspace
from app.campaigns import fitness, variables, windows
from app.campaigns.models import Campaign, CampaignStatus, TargetType
from app.campaigns.recurrence import Rule
from app.campaigns.service import drafts
from app.campaigns.service.drafts import Manner
from app.customers.models import Customer
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.meta.components import CompiledTemplate, compile_template
from app.shared import clock, phone
from app.shared.errors import Invalid, Refused
from app.shared.hours import Hours

NOT_YET = {
    TargetType.SEGMENT: "Segments are not there yet; use all, tag, manual or imported.",
    TargetType.RESPONDERS: "Responders cannot be chosen yet; use all, tag, manual or imported.",
}
SAID_BY = {TargetType.TAG: {"tag"}, TargetType.MANUAL: {"phones", "customer_ids"}}


def apply(campaign: Campaign, change: CampaignChange) -> None:
    """Take over every given field. Raises `Invalid` at the field or `Refused`."""
    given = change.model_fields_set
    if given & {"name", "description"}:
        description = campaign.description if change.description is None else change.description
        drafts.rename(campaign, change.name or campaign.name, description)
    if change.template_name or change.template_language:
        drafts.choose_template(campaign, _template(campaign, change))
    if change.target_type is not None or change.segment_query is not None:
        _choose_people(campaign, change)
    if change.template_variables is not None:
        _fill(campaign, change.template_variables)
    if given & {"scheduled_for", "recurrence"}:
        _plan(campaign, change)
    if "send_window" in given:
        drafts.set_hours(campaign, _hours(change.send_window))
    if manner := {name: getattr(change, name) for name in given & Manner.__dataclass_fields__.keys()}:
        drafts.set_manner(campaign, replace(Manner.of(campaign), **manner))


def usual_hours(campaign: Campaign, change: CampaignChange) -> None:
    """Of whom nothing was said: by day. On the sandbox at any time, for no phone rings."""
    if "send_window" not in change.model_fields_set and not config.current().sandbox:
        drafts.set_hours(campaign, windows.USUAL)


def suggest_variables(campaign: Campaign, columns: Sequence[str]) -> None:
    """Fill the template's variables that nobody spoke of from these columns, as far as they reach."""
    if campaign.template is None:
        return
    needed = _compiled(campaign.template).variables
    missing = set(variables.missing(needed, campaign.template_variables))
    if open_ := [gap for gap in needed if gap.key in missing]:
        campaign.template_variables = variables.suggest(open_, columns) | campaign.template_variables


def _plan(campaign: Campaign, change: CampaignChange) -> None:
    """Once or again and again; what is said of one takes the other back."""
    given = change.model_fields_set
    if change.scheduled_for is not None and change.recurrence is not None:
        raise Invalid("Say scheduled_for or recurrence, not both.", "scheduled_for")
    planned = None if campaign.recurrence is not None else campaign.scheduled_for
    if change.recurrence is not None:
        _repeat(campaign, change.recurrence)
    elif "recurrence" in given or change.scheduled_for is not None or campaign.recurrence is None:
        drafts.set_start(campaign, change.scheduled_for if "scheduled_for" in given else planned)


def _repeat(campaign: Campaign, said: Recurrence) -> None:
    today = clock.now().astimezone(workspace.zone()).date()
    lists = {"weekdays": tuple(sorted(set(said.weekdays))), "monthdays": tuple(sorted(set(said.monthdays)))}
    rule = Rule(**said.model_dump() | lists | {"starts_on": said.starts_on or today, "at": said.at})
    try:
        drafts.set_start(campaign, None, rule)
    except Invalid as error:
        name = "" if error.field == "recurrence" else f".{error.field}"
        raise Invalid(str(error), f"recurrence{name}") from error


def _hours(window: SendWindow | None) -> Hours | None:
    if window is None:
        return None
    if window.opens == window.closes:
        raise Invalid("These are no hours; say null for any time.", "send_window.to")
    return Hours(window.opens, window.closes, frozenset(window.weekdays))


def _template(campaign: Campaign, change: CampaignChange) -> MessageTemplate:
    name = change.template_name or (campaign.template.name if campaign.template else None)
    if name is None:
        raise Invalid("Say which template, too.", "template_name")
    return template_of(campaign.channel, name, change.template_language)


def _fill(campaign: Campaign, given: dict[str, Any]) -> None:
    """Unlike the wizard's step, gaps may stay: a file's columns fill them later, or the start is refused.

    What is said must be of use.
    """
    if campaign.template is None:
        raise Invalid("Say which template has these variables.", "template_name")
    plain = {key: rule.model_dump() if isinstance(rule, BaseModel) else rule for key, rule in given.items()}
    template = _compiled(campaign.template)
    try:
        normal = variables.normalise(plain, template)
        for name, sentence in fitness.of_what_is_said(fitness.faults(template, normal), template, normal).items():
            raise Invalid(sentence, name)
    except Invalid as error:
        raise Invalid(str(error), f"template_variables.{error.field}") from error
    campaign.template_variables = normal


def _compiled(template: MessageTemplate) -> CompiledTemplate:
    return compile_template(template.components, template.parameter_format)


def _choose_people(campaign: Campaign, change: CampaignChange) -> None:
    target = change.target_type or campaign.target_type
    if target is None:
        raise Invalid("Say the target_type, too.", "target_type")
    if target in NOT_YET:
        raise Invalid(NOT_YET[target], "target_type")
    if campaign.status is not CampaignStatus.DRAFT:
        raise Refused("This campaign has its recipients already; make another one for others.")
    query = change.segment_query or SegmentQuery()
    # Ignored, a narrower wish would write to everybody.
    if strange := query.model_dump(exclude_none=True).keys() - SAID_BY.get(target, set()):
        name = min(strange)
        raise Invalid(f"A campaign to {target} does not go by {name}.", f"segment_query.{name}")
    if target is TargetType.MANUAL:
        drafts.pick_customers(campaign, _picked(query))
        return
    if target is TargetType.TAG and not query.tag:
        raise Invalid('Say which tag: {"tag": "goa"}.', "segment_query.tag")
    campaign.target_type = target
    campaign.segment_query = {"tag": query.tag} if target is TargetType.TAG else {}
    db.session.flush()


def _picked(query: SegmentQuery) -> list[int]:
    """The customers asked for, by phone number and by id. Raises `Invalid` naming the first nobody has."""
    region = workspace.current().default_region
    return [
        *_found(Customer.phone, [_number(written, region) for written in query.phones or []], "phones"),
        *_found(Customer.public_id, query.customer_ids or [], "customer_ids"),
    ]


def _found(column: Any, wanted: Sequence[str | UUID], field: str) -> list[int]:
    query = select(column, Customer.id).where(column.in_(wanted))
    found: dict[Any, int] = dict(db.session.execute(query).all())
    for one in wanted:
        if one not in found:
            way = "; bring strangers in by POST /campaigns/{id}/recipients." if field == "phones" else "."
            raise Invalid(f"No customer has {one}{way}", f"segment_query.{field}")
    return [found[one] for one in wanted]


def _number(written: str, region: str) -> str:
    try:
        return phone.parse(written, region)
    except phone.Unusable as reason:
        raise Invalid(f"{written} cannot be used: {reason}.", "segment_query.phones") from reason
