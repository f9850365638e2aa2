"""A campaign made to be what a request says of it: each given field by the wizard's own verb."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from app import config
from app.api import audience
from app.api.schemas.campaigns import CampaignChange, Recurrence, SendWindow
from app.api.whereabouts import template_of
from app.auth import workspace
from app.campaigns import fitness, variables, windows
from app.campaigns.models import Campaign
from app.campaigns.recurrence import Rule
from app.campaigns.service import drafts
from app.campaigns.service.drafts import Manner
from app.message_templates.models import MessageTemplate
from app.meta.components import CompiledTemplate, compile_template
from app.shared import clock
from app.shared.errors import Invalid
from app.shared.hours import Hours


def apply(campaign: Campaign, change: CampaignChange) -> None:
    """Take over every given field. Raises `Invalid` at the field or `Refused`."""
    given = change.model_fields_set
    if given & {"name", "description"}:
        description = campaign.description if change.description is None else change.description
        drafts.rename(campaign, change.name or campaign.name, description)
    if change.template_name or change.template_language:
        drafts.choose_template(campaign, _template(campaign, change))
    if change.target_type is not None or change.segment_query is not None:
        audience.choose(campaign, change)
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
