"""What to look at before a campaign starts: each check with its verdict, a sentence, and where to mend it."""

from __future__ import annotations

from dataclasses import dataclass

from app.campaigns import fitness, recurrence, windows
from app.campaigns.forecast import Limit
from app.campaigns.models import Campaign
from app.campaigns.queries.rehearsal import Rehearsal
from app.campaigns.recurrence import Rule
from app.campaigns.routes import steps
from app.campaigns.service import drafts
from app.channels import words
from app.messaging.models import SkipReason
from app.meta.components import compile_template
from app.shared import clock

GOOD, DOUBTFUL, BAD = "good", "doubtful", "bad"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `step` is where in the wizard it can be mended, if there."""

    verdict: str
    sentence: str
    step: str = ""


def checks(campaign: Campaign, judged: Rehearsal, limit: Limit) -> list[Check]:
    """All findings. A bad one forbids the start, a doubtful one only wants to be seen."""
    found = [_template(campaign), _recipients(judged), _variables(campaign, judged), _schedule(campaign)]
    return [*found, _channel(campaign), _limit(judged, limit)]


def forbids(found: list[Check]) -> bool:
    """Whether the campaign must not start like this."""
    return any(check.verdict == BAD for check in found)


def _template(campaign: Campaign) -> Check:
    if campaign.template is None:
        return Check(BAD, "No template is chosen.", "template")
    if reason := drafts.why_not(campaign.template):
        return Check(BAD, reason, "template")
    if campaign.template.quality == "RED":
        return Check(DOUBTFUL, "Customers take this template badly; Meta may pause it.", "template")
    return Check(GOOD, "The template is approved.")


def _recipients(judged: Rehearsal) -> Check:
    if not judged.eligible:
        return Check(BAD, "Nobody would be written to.", "recipients")
    return Check(GOOD, f"{judged.eligible:,} people would be written to.")


def _variables(campaign: Campaign, judged: Rehearsal) -> Check:
    if steps.gaps(campaign):
        return Check(BAD, "Not every variable is filled.", "variables")
    if faults := _faults(campaign):
        return Check(BAD, next(iter(faults.values())), "variables")
    if missing := judged.skips.get(SkipReason.MISSING_VARIABLE, 0):
        return Check(DOUBTFUL, f"{missing:,} people lack a usable value; a fallback may reach them too.", "variables")
    return Check(GOOD, "Every variable has a value.")


def _faults(campaign: Campaign) -> fitness.Faults:
    """What cannot be used at the time it would be sent."""
    template, planned = campaign.template, campaign.scheduled_for
    if template is None:
        return {}
    compiled = compile_template(template.components, template.parameter_format)
    starts_at = planned if planned and planned > clock.now() else None
    return fitness.faults(compiled, campaign.template_variables, starts_at)


def _schedule(campaign: Campaign) -> Check:
    if drafts.is_overdue(campaign):
        return Check(BAD, "The time you planned has passed.", "schedule")
    return Check(GOOD, f"{_start(campaign)} {windows.sentence(campaign)}.")


def _start(campaign: Campaign) -> str:
    if campaign.recurrence is not None:
        return f"{recurrence.sentence(Rule.from_json(campaign.recurrence))}, each time to whoever belongs to it then."
    return "It starts at the planned time." if campaign.scheduled_for else "It starts when you press send."


def _channel(campaign: Campaign) -> Check:
    channel = campaign.channel
    status = words.status(channel)
    if channel.read_error:
        return Check(DOUBTFUL, f"The channel could not be read: {channel.read_error}")
    if status.color == "red":
        return Check(DOUBTFUL, f"The number is {status.text.lower()}: {status.meaning}")
    if channel.quality == "RED":
        return Check(DOUBTFUL, f"The number's quality is low: {words.quality(channel).meaning}")
    return Check(GOOD, "The number is healthy, as far as Meta has told.")


def _limit(judged: Rehearsal, limit: Limit) -> Check:
    if limit.remaining is None:
        return Check(GOOD, "Meta sets no messaging limit.")
    if judged.eligible > limit.remaining:
        left = f"{limit.remaining:,} of {limit.size:,}"
        return Check(DOUBTFUL, f"Only {left} places are left in 24 hours; it will pause and go on by itself.")
    return Check(GOOD, "It fits into today's messaging limit.")
