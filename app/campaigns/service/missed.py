"""What was due while nothing ran here: a little late is made up for; of what is older, a person decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from app.auth import workspace
from app.campaigns.models import Campaign
from app.channels import alerts
from app.channels.models import Severity
from app.shared import clock

MADE_UP_FOR = timedelta(hours=2)
ALERT = "campaign.missed"
NAMED = 10  # dates that a note tells one by one

log = structlog.get_logger()


def is_long_ago(moment: datetime) -> bool:
    """Whether it is too late to be made up for without asking."""
    return clock.now() - moment >= MADE_UP_FOR


def ask(campaign: Campaign, moment: datetime) -> None:
    """Say on its page and by an alert that its time was missed; it is started by hand, or not."""
    when = _on_the_clock(moment)
    campaign.failure = f"Its time, {when}, passed while nothing was running here. Send it now, or choose another time."
    title = f"{campaign.name} was due {when} and was not sent."
    details = "Nothing was running here then. Its page asks whether it should still be sent."
    subject = str(campaign.public_id)
    alerts.raise_alert(campaign.channel, ALERT, subject, Severity.WARNING, title, details, clock.now())
    log.warning("campaign.missed", campaign_id=campaign.id, due=moment.isoformat())


def answered(campaign: Campaign) -> None:
    """Somebody has decided."""
    alerts.resolve(campaign.channel, ALERT, str(campaign.public_id), clock.now())


def note_left_out(series: Campaign, moments: Sequence[datetime]) -> None:
    """Write down which dates of a series nobody will make up for: older than the latest, they are no news."""
    named = ", ".join(_on_the_clock(moment) for moment in moments[-NAMED:])
    more = f"{len(moments) - NAMED} more, " if len(moments) > NAMED else ""
    title = f"{series.name} left out {len(moments)} {'date' if len(moments) == 1 else 'dates'}."
    details = f"Nothing was running here then: {more}{named}."
    alerts.note(series.channel, ALERT, str(series.public_id), title, details, clock.now())
    log.warning("campaign.left_out", campaign_id=series.id, count=len(moments))


def _on_the_clock(moment: datetime) -> str:
    local = moment.astimezone(workspace.zone())
    return f"{local:%a} {local.day} {local:%b %H:%M}"
