"""What happens to a template between us and Meta: handed in, taken, refused, edited, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.auth.models import User
from app.extensions import db
from app.message_templates import drafts, events
from app.message_templates.models import MessageTemplate, Status, TemplateEvent
from app.meta.templates import EDITABLE, Submitted
from app.shared.errors import Refused

DAY, MONTH = timedelta(hours=24), timedelta(days=30)
EDITS_A_DAY, EDITS_A_MONTH = 1, 10  # of an approved template; Meta's rule


def begin(draft: MessageTemplate, by: User | None, at: datetime) -> None:
    """From here on nobody knows whether Meta has it, until Meta answers: a crash must not lead to a second one."""
    if draft.status != Status.DRAFT:
        raise Refused("This template was submitted already. Look at its page.")
    if found := drafts.problems(drafts.definition_of(draft), draft.sample_key):
        raise Refused(f"This template is not ready yet. {found[0].sentence}")
    draft.status, draft.synced_at = Status.UNCONFIRMED, at
    draft.rejected_reason = draft.rejection_advice = None
    events.record_change(draft, "submitted", None, None, at, actor=by)


def taken(draft: MessageTemplate, answer: Submitted) -> None:
    """Meta has it. A webhook may have told its status before the answer came."""
    if draft.status == Status.UNCONFIRMED:
        draft.status = answer.status.upper()
    draft.meta_id, draft.category = answer.id, answer.category or draft.category
    db.session.flush()


def refused(draft: MessageTemplate) -> None:
    """Meta certainly does not have it: a draft again."""
    if draft.status == Status.UNCONFIRMED:
        draft.status = Status.DRAFT
        db.session.flush()


def require_editable(template: MessageTemplate, at: datetime) -> None:
    """Raises Refused with when, where Meta would not take an edit now."""
    if template.status not in EDITABLE or not template.meta_id:
        raise Refused("Meta lets only approved, rejected and paused templates be edited. Make a copy instead.")
    if (again := next_edit(template, at)) and again > at:
        raise Refused("Meta takes one edit of an approved template a day, ten in 30 days. Make a copy instead.")


def next_edit(template: MessageTemplate, now: datetime) -> datetime | None:
    """When an approved template may be edited again, by the edits made here; None when it may be now."""
    if template.status != "APPROVED":
        return None
    made = edits(template, now)
    waits = [made[0] + DAY] if made and made[0] > now - DAY else []
    if len(made) >= EDITS_A_MONTH:
        waits.append(made[EDITS_A_MONTH - 1] + MONTH)
    return max(waits, default=None)


def edits(template: MessageTemplate, now: datetime) -> Sequence[datetime]:
    """The times at which we edited it in the last 30 days, the latest first."""
    query = select(TemplateEvent.at).where(TemplateEvent.template_id == template.id, TemplateEvent.kind == "edited")
    return db.session.scalars(query.where(TemplateEvent.at > now - MONTH).order_by(TemplateEvent.at.desc())).all()


def edited(
    template: MessageTemplate, changes: dict[str, Any], sample_key: str | None, by: User | None, at: datetime
) -> None:
    """Meta took the edit and reviews it."""
    events.record_change(template, "edited", None, None, at, actor=by)
    template.components, template.synced_at = changes["components"], at
    template.sample_key = sample_key
    template.category = changes.get("category", template.category)
    db.session.flush()


def deleted(template: MessageTemplate, at: datetime, *, everywhere: bool) -> int:
    """Meta deleted it, or all languages of its name; how many rows that were."""
    query = select(MessageTemplate).where(
        MessageTemplate.channel_id == template.channel_id,
        MessageTemplate.name == template.name,
        MessageTemplate.status.not_in((Status.DELETED, Status.DRAFT)),
    )
    gone = list(db.session.scalars(query)) if everywhere else [template]
    for each in gone:
        events.record_change(each, "status", each.status, Status.DELETED, at)
        each.status, each.synced_at = Status.DELETED, at
    db.session.flush()
    return len(gone)


def languages_of(template: MessageTemplate) -> int:
    """In how many languages Meta has a template of this name."""
    query = select(func.count()).where(
        MessageTemplate.channel_id == template.channel_id,
        MessageTemplate.name == template.name,
        MessageTemplate.status.not_in((Status.DELETED, Status.DRAFT)),
    )
    return db.session.scalar(query) or 0
