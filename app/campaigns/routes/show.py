"""A campaign's page: where it stands, what it waits for, why people were not reached."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from app.auth import workspace
from app.auth.access import needs
from app.campaigns import windows, words
from app.campaigns.models import Campaign, CampaignStatus, PauseReason
from app.campaigns.queries import audience, figures, outlook, people, rehearsal, series, troubles, waits
from app.campaigns.queries.targets import ANEW
from app.campaigns.routes import door
from app.campaigns.routes.blueprint import bp
from app.campaigns.service import policy
from app.extensions import db
from app.message_templates import queries as templates
from app.message_templates.questions import Question, sheet_of
from app.shared import clock, phone

MINUTE = timedelta(minutes=1)
ON_THE_CLOCK = (CampaignStatus.SENDING, CampaignStatus.SCHEDULED)
GOES_ON = (PauseReason.MESSAGING_LIMIT, PauseReason.SEND_WINDOW)  # and the forecast knows when
RETRIED_IN = (CampaignStatus.SENDING, CampaignStatus.PAUSED, CampaignStatus.COMPLETED)
AFTERGLOW = timedelta(minutes=10)  # after the last message left, while most of its statuses still come in


@bp.get("/campaigns/<uuid:public_id>")
@needs("campaigns.view")
def show(public_id: UUID) -> ResponseReturnValue:
    campaign = door.find(public_id)
    return render_template(
        "campaigns/show.html",
        **_live(campaign) | _reasons(campaign),
        window_words=windows.sentence(campaign),
        series=series.of(campaign, workspace.zone()),
        parent=db.session.get(Campaign, campaign.parent_id) if campaign.parent_id else None,
        asked_for=_asked_for(campaign),
        audience=audience.sentence(campaign),
        is_found_anew=campaign.started_at is None and campaign.target_type in ANEW,
        **_example(campaign),
    )


@bp.get("/campaigns/<uuid:public_id>/live")
@needs("campaigns.view")
def live(public_id: UUID) -> ResponseReturnValue:
    return render_template("campaigns/_live.html", is_news=True, **_live(door.find(public_id)))


@bp.get("/campaigns/<uuid:public_id>/reasons")
@needs("campaigns.view")
def reasons(public_id: UUID) -> ResponseReturnValue:
    return render_template("campaigns/_reasons.html", **_reasons(door.find(public_id)))


def _live(campaign: Campaign) -> dict[str, Any]:
    now = figures.of(campaign.id)
    per_minute = figures.sent_last_minute(campaign) if campaign.status is CampaignStatus.SENDING else 0
    is_steady = campaign.updated_at < clock.now() - MINUTE  # neither started nor resumed within what was measured
    measured = per_minute / 60 if per_minute and is_steady else None
    is_expected = now.pending and (campaign.status in ON_THE_CLOCK or now.pause_reason in GOES_ON)
    starts_at = campaign.scheduled_for if campaign.status is CampaignStatus.SCHEDULED else None
    undecided = people.undecided(campaign) if now.unconfirmed else 0
    has_errors = now.pause_reason is PauseReason.TOO_MANY_ERRORS
    return {
        "campaign": campaign,
        "figures": now,
        "now": clock.now(),
        "every": _every(campaign, now, now.unconfirmed > undecided),
        "per_minute": per_minute,
        "limit": outlook.limit_now(campaign.channel),
        "forecast": outlook.forecast_of(campaign, now.pending, starts_at, measured) if is_expected else None,
        "next_due": waits.next_due(campaign) if now.waiting else None,
        "troubles": troubles.troubles_of(campaign),
        "errors": troubles.latest_errors(campaign) if has_errors else None,
        "undecided": undecided,
        "words": words,
    }


def _every(campaign: Campaign, now: figures.Figures, has_doubt: bool) -> str:
    """How often the live part asks again; empty when nothing is going to change.

    A doubt is settled by a late status, or becomes a question; a time that was set comes.
    """
    if now.is_live:
        return "2s"
    is_glowing = campaign.completed_at is not None and campaign.completed_at > clock.now() - AFTERGLOW
    return "10s" if is_glowing or has_doubt or campaign.status is CampaignStatus.SCHEDULED else ""


def _reasons(campaign: Campaign) -> dict[str, Any]:
    now = figures.of(campaign.id)
    failures = people.failure_groups(campaign) if now.failed else []
    chances = {group.key: policy.second_chance(people.code_of(group.key)) for group in failures}
    return {
        "campaign": campaign,
        "figures": now,
        "now": clock.now(),
        "waiting": waits.wait_groups(campaign) if now.waiting else [],
        "failures": failures,
        "may_retry": campaign.status in RETRIED_IN,
        "chances": chances,
        "retryable": sum(group.count for group in failures if chances[group.key] is not None),
        "skips": people.skip_groups(campaign) if now.skipped else [],
    }


def _asked_for(campaign: Campaign) -> list[Question]:
    """What the template must be told, and what it was told beyond."""
    questions = sheet_of(campaign.template).questions if campaign.template else []
    return [one for one in questions if not one.is_optional or one.key in campaign.template_variables]


def _example(campaign: Campaign) -> dict[str, Any]:
    """The template as the first recipient gets it, and who that is; with its samples while nobody can."""
    shown = rehearsal.first(campaign)
    if shown and not shown.missing:
        return {"rendered": shown.rendered, "shown_to": shown.name or phone.display(shown.phone or "")}
    return {"rendered": templates.sample(campaign.template) if campaign.template else None, "shown_to": None}
