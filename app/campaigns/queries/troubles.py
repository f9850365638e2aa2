"""Why a campaign stopped itself, with what a person can do about it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import func, or_, select

from app.campaigns.models import Campaign, PauseReason
from app.campaigns.queries.people import Group, failure_group
from app.channels import alerts, changes
from app.channels import words as channel_words
from app.channels.models import Alert
from app.channels.words import Place
from app.extensions import db
from app.message_templates.events import STATUS_ALERT
from app.messaging.models import Message, MessageState, Rank

OF_ACCOUNT = (changes.RESTRICTION, changes.REFUSED, changes.STATUS)
LATEST = 200  # finished messages: what a campaign's share of failures is reckoned by


@dataclass(frozen=True, slots=True)
class Trouble:
    """What stands in a campaign's way, what helps, and the page where that is done."""

    sentence: str
    advice: str
    place: Place


@dataclass(frozen=True, slots=True)
class Errors:
    """How many of a campaign's latest messages failed, and of what."""

    failed: int = 0
    finished: int = 0
    groups: list[Group] = field(default_factory=list)


def troubles_of(campaign: Campaign) -> list[Trouble]:
    """What Meta told us that keeps this campaign from going on, in the words of the alerts that stand."""
    if campaign.pause_reason not in (PauseReason.TEMPLATE_PAUSED, PauseReason.ACCOUNT_BLOCKED):
        return []
    about = [alert for alert in alerts.open_alerts(campaign.channel) if _is_about(alert, campaign)]
    return [Trouble(alert.title, alert.details, channel_words.place_of(alert)) for alert in about]


def latest_errors(campaign: Campaign) -> Errors:
    """The failures among the campaign's latest finished messages since it was last resumed, the most frequent first."""
    has_failed = Message.rank == Rank.FAILED
    latest = (
        select(Message.error_code, has_failed.label("has_failed"))
        .where(Message.campaign_id == campaign.id, Message.id > (campaign.judged_up_to or 0), ~Message.is_superseded)
        .where(or_(Message.state == MessageState.ACCEPTED, has_failed))
        .order_by(Message.id.desc())
        .limit(LATEST)
        .subquery()
    )
    query = select(latest.c.has_failed, latest.c.error_code, func.count()).group_by(*latest.c)
    rows = db.session.execute(query.order_by(func.count().desc())).all()
    failed = [(code, count) for has_failed, code, count in rows if has_failed]
    groups = [failure_group(code, count) for code, count in failed]
    return Errors(sum(group.count for group in groups), sum(row[2] for row in rows), groups)


def _is_about(alert: Alert, campaign: Campaign) -> bool:
    """Whichever paused it: it goes on when neither its template nor its number is refused."""
    template = campaign.template
    of_template = alert.kind == STATUS_ALERT and template is not None and alert.subject == str(template.public_id)
    return of_template or alert.kind in OF_ACCOUNT
