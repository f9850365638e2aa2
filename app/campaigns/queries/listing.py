"""Reads for the list of campaigns: by tab and by words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from app.auth.models import User
from app.campaigns.models import Campaign, CampaignStatus
from app.extensions import db
from app.message_templates.models import MessageTemplate

S = CampaignStatus
TABS: dict[str, tuple[str, tuple[CampaignStatus, ...]]] = {
    "": ("All", tuple(S)),
    "running": ("Running", (S.POPULATING, S.SENDING, S.PAUSED)),
    "scheduled": ("Scheduled", (S.SCHEDULED,)),
    "drafts": ("Drafts", (S.DRAFT, S.READY)),
    "completed": ("Completed", (S.COMPLETED,)),
    "stopped": ("Stopped", (S.CANCELLED, S.FAILED)),
}


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the list and how many campaigns are behind it."""

    key: str
    label: str
    count: int


def matching(tab: str = "", search: str = "") -> Select[Campaign, str | None]:
    """(campaign, its maker's name) of a tab, with these words in the name or the template's; newest first."""
    query = (
        select(Campaign, User.name)
        .outerjoin(User, User.id == Campaign.created_by)
        .options(joinedload(Campaign.template))
        .order_by(Campaign.id.desc())
    )
    _, statuses = TABS.get(tab, TABS[""])
    found: Select[Campaign, str | None] = _with_words(query.where(Campaign.status.in_(statuses)), search)
    return found


def tabs(search: str = "") -> list[Tab]:
    """Every tab with its count, under the same words."""
    query = _with_words(select(Campaign.status, func.count()).select_from(Campaign), search)
    counts: dict[CampaignStatus, int] = dict(db.session.execute(query.group_by(Campaign.status)).all())
    return [
        Tab(key, label, sum(counts.get(status, 0) for status in statuses)) for key, (label, statuses) in TABS.items()
    ]


def _with_words(query: Any, search: str) -> Any:
    if not (words := search.strip()):
        return query
    named = Campaign.name.icontains(words, autoescape=True)
    template = MessageTemplate.name.icontains(words.replace(" ", "_"), autoescape=True)
    return query.where(or_(named, Campaign.template_id.in_(select(MessageTemplate.id).where(template))))
