"""What happened to message templates: the history of each, the facts it changes, the alerts it raises.

A webhook may come late or twice: what is older than the newest known change of its kind stays out of the facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.auth.models import User
from app.channels import alerts
from app.channels.models import Channel, Severity
from app.extensions import db
from app.message_templates.models import MessageTemplate, Status, TemplateEvent

STATUS_ALERT = "template.status"
FLAG_ALERT = "template.flag"
QUALITY_ALERT = "template.quality"
CATEGORY_ALERT = "template.category"

# Kind of a change -> the template's column. Whatever else changes has no history.
KINDS = {"status": "status", "quality": "quality", "category": "category", "components": "components"}

# Meta's status -> how grave, and what helps. Whatever is not approved cannot be sent, with or without an alert.
TROUBLES: dict[str, tuple[Severity, str]] = {
    "PAUSED": (Severity.WARNING, "Customers disliked it. Meta lifts the pause by itself; its campaigns go on then."),
    "DISABLED": (Severity.CRITICAL, "Meta switched it off for good. Make a new template with other content."),
    "REJECTED": (Severity.WARNING, "Read the reason on its page, change the template and submit it again."),
    "LOCKED": (Severity.WARNING, "It cannot be sent or changed now. See WhatsApp Manager."),
    "LIMIT_EXCEEDED": (Severity.WARNING, "The account has as many templates as it may have. Delete some."),
    "IN_APPEAL": (Severity.INFO, "Meta looks at your appeal."),
    "ARCHIVED": (Severity.WARNING, "It was not used for long. Bring it back in WhatsApp Manager, or Meta deletes it."),
    "PENDING_DELETION": (Severity.INFO, "It is being deleted at Meta."),
    "DELETED": (Severity.INFO, "It no longer exists at Meta. Campaigns that need it must use another."),
}
# Meta stopped these: they have an alert also when we first meet them so.
STOPPED = ("PAUSED", "DISABLED")
FLAGGED = "Its quality is low. If customers go on to dislike it, Meta pauses it: send it to fewer people."
POOR = {
    "YELLOW": "Some customers block or report it; choose better whom you send it to.",
    "RED": "Many customers block or report it; Meta may pause it soon.",
}


def record_change(
    template: MessageTemplate,
    kind: str,
    before: str | None,
    after: str | None,
    at: datetime,
    reason: str | None = None,
    actor: User | None = None,
) -> None:
    """Append to the template's history: status, quality, category, components, submitted, edited.

    Kept in whole seconds, as Meta tells times: else Meta's answer of the same second would look older.
    """
    event = TemplateEvent(template_id=template.id, kind=kind, before=before, after=after, reason=reason)
    event.at, event.actor_id = at.replace(microsecond=0), actor.id if actor else None
    db.session.add(event)
    db.session.flush()


def history(template: MessageTemplate) -> list[TemplateEvent]:
    """All that happened to it, the latest first."""
    query = select(TemplateEvent).where(TemplateEvent.template_id == template.id)
    return list(db.session.scalars(query.order_by(TemplateEvent.at.desc(), TemplateEvent.id.desc())))


def is_superseded(template: MessageTemplate, kind: str, at: datetime) -> bool:
    """Whether a newer change of this kind is known."""
    newest = select(func.max(TemplateEvent.at)).where(
        TemplateEvent.template_id == template.id, TemplateEvent.kind == kind
    )
    known = db.session.scalar(newest)
    return known is not None and known > at


def change_status(
    template: MessageTemplate, status: str, at: datetime, reason: str | None = None, advice: str | None = None
) -> bool:
    """Meta told a status, its word for the reason and its sentence; False when something newer is known."""
    if not _take(template, "status", status, at, advice or reason):
        return False
    is_rejected = status == "REJECTED"
    template.rejected_reason = reason if is_rejected else None
    template.rejection_advice = advice if is_rejected else None
    _judge_status(template, at, advice or reason)
    return True


def flag(template: MessageTemplate, at: datetime, advice: str | None) -> bool:
    """Meta warns of this template; it can still be sent. False when something newer is known."""
    if is_superseded(template, "status", at):
        return False
    title = f"Meta flagged the template {template.name}."
    alerts.raise_alert(*_alert(template, FLAG_ALERT), Severity.WARNING, title, _with(FLAGGED, advice), at)
    return True


def change_quality(template: MessageTemplate, quality: str, at: datetime) -> bool:
    """Meta rates it anew; False when something newer is known."""
    if not _take(template, "quality", quality, at):
        return False
    _judge_quality(template, at)
    return True


def change_category(template: MessageTemplate, category: str, at: datetime) -> bool:
    """Meta moved it to another category; False when something newer is known."""
    before = template.category
    if not _take(template, "category", category, at):
        return False
    _announce_move(template, before, at)
    return True


def announce_category(template: MessageTemplate, category: str, comes_at: datetime | None, at: datetime) -> bool:
    """Meta will move it to another category, usually a day later; False when something newer is known."""
    if is_superseded(template, "category", at):
        return False
    template.next_category, template.next_category_at = category, comes_at
    title = f"Meta will move the template {template.name} from {_low(template.category)} to {_low(category)}."
    _announce(template, title, at)
    return True


def note_edit(template: MessageTemplate, at: datetime) -> None:
    """Its text changed at Meta, once however often it is told; what it is now comes with the next reading."""
    query = select(TemplateEvent.id).where(TemplateEvent.template_id == template.id, TemplateEvent.at == at)
    if db.session.scalar(query.where(TemplateEvent.kind == "components").limit(1)) is None:
        record_change(template, "components", None, None, at)


def note_news(template: MessageTemplate, news: Mapping[str, Any], at: datetime) -> None:
    """Meta's list, read at this time, says otherwise than we knew (column -> new value): take it into the history."""
    before = {kind: getattr(template, column) for kind, column in KINDS.items()}
    for kind, column in KINDS.items():
        if column in news:
            told = (None, None) if kind == "components" else (before[kind], news[column])
            reason = news.get("rejected_reason") if kind == "status" else None
            record_change(template, kind, told[0], told[1], at, reason)
            setattr(template, column, news[column])
    if "status" in news:
        template.rejection_advice = None
        _judge_status(template, at, news.get("rejected_reason"))
    if "quality" in news:
        _judge_quality(template, at)
    if "category" in news:
        _announce_move(template, before["category"], at)


def judge(templates: Iterable[MessageTemplate], at: datetime) -> None:
    """After a reading of Meta's list: what Meta stopped has its alert, and what is approved has none from before."""
    fine: dict[str, MessageTemplate] = {}
    for template in templates:
        if template.status in STOPPED and not alerts.stands(*_alert(template, STATUS_ALERT)):
            _judge_status(template, at, None)
        if template.quality in POOR and not alerts.stands(*_alert(template, QUALITY_ALERT)):
            _judge_quality(template, at)
        if template.status == Status.APPROVED:
            fine[str(template.public_id)] = template
    if fine:
        channel = next(iter(fine.values())).channel
        alerts.resolve_raised_before(channel, STATUS_ALERT, list(fine), at)


def _take(template: MessageTemplate, kind: str, value: str, at: datetime, reason: str | None = None) -> bool:
    """Set the fact and write it down; the same again is written down once."""
    if is_superseded(template, kind, at):
        return False
    if not _was_told(template, kind, value, at):
        record_change(template, kind, getattr(template, KINDS[kind]), value, at, reason)
    setattr(template, KINDS[kind], value)
    return True


def _was_told(template: MessageTemplate, kind: str, value: str, at: datetime) -> bool:
    same = (TemplateEvent.kind == kind, TemplateEvent.after == value, TemplateEvent.at == at)
    query = select(TemplateEvent.id).where(TemplateEvent.template_id == template.id, *same)
    return db.session.scalar(query.limit(1)) is not None


def _judge_status(template: MessageTemplate, at: datetime, reason: str | None) -> None:
    if trouble := TROUBLES.get(template.status):
        severity, advice = trouble
        title = f"The template {template.name} ({template.language}) is {_low(template.status)}."
        alerts.raise_alert(*_alert(template, STATUS_ALERT), severity, title, _with(advice, reason), at)
    elif template.status == Status.APPROVED:
        alerts.resolve(*_alert(template, STATUS_ALERT), at)
        alerts.resolve(*_alert(template, FLAG_ALERT), at)


def _judge_quality(template: MessageTemplate, at: datetime) -> None:
    if advice := POOR.get(template.quality or ""):
        severity = Severity.CRITICAL if template.quality == "RED" else Severity.WARNING
        word = "low" if template.quality == "RED" else "medium"
        title = f"The quality of the template {template.name} ({template.language}) is {word}."
        alerts.raise_alert(*_alert(template, QUALITY_ALERT), severity, title, advice, at)
    else:
        alerts.resolve(*_alert(template, QUALITY_ALERT), at)
        alerts.resolve(*_alert(template, FLAG_ALERT), at)


def _announce_move(template: MessageTemplate, before: str, at: datetime) -> None:
    template.next_category = template.next_category_at = None
    if before != template.category:
        moved = f"from {_low(before)} to {_low(template.category)}"
        _announce(template, f"Meta moved the template {template.name} {moved}.", at)


def _announce(template: MessageTemplate, title: str, at: datetime) -> None:
    advice = "Another category has another price and other rules; marketing needs the customer's consent."
    alerts.raise_alert(*_alert(template, CATEGORY_ALERT), Severity.WARNING, title, advice, at)


def _alert(template: MessageTemplate, kind: str) -> tuple[Channel, str, str]:
    return template.channel, kind, str(template.public_id)


def _with(advice: str, reason: str | None) -> str:
    return f"{advice} Meta says: {reason}" if reason else advice


def _low(word: str) -> str:
    return word.replace("_", " ").lower()
