"""The wizard's seven steps: which are finished, which may be opened."""

from __future__ import annotations

from dataclasses import dataclass

from app.campaigns import fitness, variables
from app.campaigns.models import Campaign, CampaignStatus
from app.campaigns.queries import figures
from app.campaigns.service import drafts
from app.meta.components import compile_template


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the wizard. `wanted` says what is missing while it is not finished."""

    key: str
    title: str
    wanted: str


STEPS = (
    Step("name", "Name", "Give the campaign a name first."),
    Step("template", "Template", "Choose a message template first."),
    Step("recipients", "Recipients", "Choose the recipients first."),
    Step("variables", "Variables", "Say what to fill in for the template's variables first, so that it can be used."),
    Step("schedule", "Schedule", "The time you planned has passed; choose another one first."),
    Step("review", "Review", ""),
    Step("send", "Send", ""),
)
ORDER = {step.key: number for number, step in enumerate(STEPS)}


@dataclass(frozen=True, slots=True)
class Mark:
    """A step as the stepper shows it."""

    step: Step
    is_current: bool
    is_done: bool
    is_open: bool


def first_open(campaign: Campaign | None) -> Step:
    """The first step that is not finished; the review when all are."""
    for step in STEPS[:5]:
        if not _is_done(campaign, step.key):
            return step
    return STEPS[5]


def may_open(campaign: Campaign | None, key: str) -> bool:
    """Whether everything before this step is finished."""
    first = ORDER[first_open(campaign).key]
    return ORDER[key] <= max(first, ORDER["send"] if first == ORDER["review"] else 0)


def trail(campaign: Campaign | None, current: str) -> list[Mark]:
    """All steps, as seen from the current one."""
    first = ORDER[first_open(campaign).key]
    done = ORDER["send"] if current == "send" else first  # who stands at the last step has reviewed
    return [
        Mark(step, step.key == current, number < done, may_open(campaign, step.key))
        for number, step in enumerate(STEPS)
    ]


def after(key: str) -> Step:
    """The step that follows."""
    return STEPS[ORDER[key] + 1]


def before(key: str) -> Step | None:
    """The step that goes before; None for the first."""
    return STEPS[ORDER[key] - 1] if ORDER[key] else None


def _is_done(campaign: Campaign | None, key: str) -> bool:
    if campaign is None:
        return False
    return {
        "name": lambda: True,
        "template": lambda: campaign.template is not None and not drafts.why_not(campaign.template),
        "recipients": lambda: campaign.status is CampaignStatus.READY and figures.of(campaign.id).total > 0,
        "variables": lambda: not gaps(campaign),
        "schedule": lambda: not drafts.is_overdue(campaign),
    }[key]()


def gaps(campaign: Campaign) -> list[str]:
    """The template's variables nobody has said anything about, and what can be used no more."""
    if campaign.template is None:
        return []
    template = compile_template(campaign.template.components, campaign.template.parameter_format)
    missing = variables.missing(template.variables, campaign.template_variables)
    return missing or list(fitness.faults(template, campaign.template_variables))
