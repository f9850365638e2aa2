"""A campaign's page, its live part, and the people behind its numbers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from app.auth.access import needs
from app.campaigns import words
from app.campaigns.models import Campaign, CampaignStatus
from app.campaigns.queries import figures, outlook, people, rehearsal
from app.campaigns.routes import door
from app.campaigns.routes.blueprint import bp
from app.message_templates import queries as templates
from app.message_templates.questions import Question, sheet_of
from app.shared import clock, phone
from app.shared.pagination import page_of

MINUTE = timedelta(minutes=1)
AFTERGLOW = timedelta(minutes=10)  # after the last message left, while most of its statuses still come in


@bp.get("/campaigns/<uuid:public_id>")
@needs("campaigns.view")
def show(public_id: UUID) -> ResponseReturnValue:
    campaign = door.find(public_id)
    return render_template(
        "campaigns/show.html",
        **_live(campaign) | _reasons(campaign),
        asked_for=_asked_for(campaign),
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


@bp.get("/campaigns/<uuid:public_id>/people")
@needs("campaigns.view")
def show_people(public_id: UUID) -> ResponseReturnValue:
    campaign, asked = door.find(public_id), _asked()
    page = page_of(people.behind(campaign, **asked), request.args.get("page", 1, type=int), scalars=False)
    return render_template(
        "campaigns/people.html",
        campaign=campaign,
        figures=figures.of(campaign.id),
        page=page,
        asked=asked,
        reason=people.reason_words(asked["status"], asked["reason"]),
        people=people,
        words=words,
    )


@bp.get("/campaigns/<uuid:public_id>/people.csv")
@needs("campaigns.view")
def people_csv(public_id: UUID) -> ResponseReturnValue:
    campaign, asked = door.find(public_id), _asked()
    lines = people.as_csv(people.behind(campaign, **asked))
    answer = Response(stream_with_context(lines), mimetype="text/csv")
    name = f"{campaign.name} - {words.PEOPLE[asked['status']].lower()}.csv"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _asked() -> dict[str, str]:
    status = request.args.get("status", "total")
    return {
        "status": status if status in people.BEHIND else "total",
        "reason": request.args.get("reason", ""),
        "search": request.args.get("search", ""),
    }


def _live(campaign: Campaign) -> dict[str, Any]:
    now = figures.of(campaign.id)
    per_minute = figures.sent_last_minute(campaign) if campaign.status is CampaignStatus.SENDING else 0
    is_steady = campaign.updated_at < clock.now() - MINUTE  # neither started nor resumed within what was measured
    measured = per_minute / 60 if per_minute and is_steady else None
    waits = now.pending and campaign.status in (CampaignStatus.SENDING, CampaignStatus.SCHEDULED)
    starts_at = campaign.scheduled_for if campaign.status is CampaignStatus.SCHEDULED else None
    return {
        "campaign": campaign,
        "figures": now,
        "every": _every(campaign, now),
        "per_minute": per_minute,
        "limit": outlook.limit_now(campaign.channel),
        "forecast": outlook.forecast_of(campaign, now.pending, starts_at, measured) if waits else None,
        "undecided": people.undecided(campaign) if now.unconfirmed else 0,
        "words": words,
    }


def _every(campaign: Campaign, now: figures.Figures) -> str:
    """How often the live part asks again; empty when nothing is going to change."""
    if now.is_live:
        return "2s"
    return "10s" if campaign.completed_at and campaign.completed_at > clock.now() - AFTERGLOW else ""


def _reasons(campaign: Campaign) -> dict[str, Any]:
    now = figures.of(campaign.id)
    return {
        "campaign": campaign,
        "figures": now,
        "failures": people.failure_groups(campaign) if now.failed else [],
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
