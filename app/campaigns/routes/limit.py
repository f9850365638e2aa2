"""The page of the messaging limit, and the people behind its numbers."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block

from app.auth import workspace
from app.auth.access import needs
from app.campaigns.models import Campaign
from app.campaigns.queries import limit as reads
from app.campaigns.routes.blueprint import bp
from app.channels import words
from app.channels.queries import the_channel
from app.extensions import db
from app.shared import clock
from app.shared.errors import Missing
from app.shared.pagination import page_of

PAGE = "campaigns/limit.html"


@bp.record_once
def hang_up_note(state: BlueprintSetupState) -> None:
    """Let the menu say how full the limit is."""
    state.app.extensions["notes"]["campaigns.limit"] = _note


@bp.get("/limit")
@needs("campaigns.view")
def limit() -> ResponseReturnValue:
    return render_template(PAGE, **_facts())


@bp.get("/limit/live")
@needs("campaigns.view")
def limit_live() -> ResponseReturnValue:
    return render_block(PAGE, "live", **_facts())


@bp.get("/limit/single")
@needs("campaigns.view")
def limit_singles() -> ResponseReturnValue:
    return _people(None, "Single messages")


@bp.get("/limit/<int:campaign_id>")
@needs("campaigns.view")
def limit_people(campaign_id: int) -> ResponseReturnValue:
    campaign = db.session.get(Campaign, campaign_id)
    return _people(campaign_id, campaign.name if campaign else "A deleted campaign")


def _people(taken_by: int | None, name: str) -> str:
    if (channel := the_channel()) is None:
        raise Missing("No WhatsApp number is connected yet.")
    query = reads.people(channel.portfolio_id, taken_by)
    page = page_of(query, request.args.get("page", 1, type=int), scalars=False)
    known = reads.known([place.contact for place, _ in page.items])
    return render_template("campaigns/limit_people.html", page=page, name=name, known=known)


def _facts() -> dict[str, Any]:
    if (channel := the_channel()) is None:
        return {"meter": None}
    portfolio = channel.portfolio_id
    return {
        "meter": reads.meter(channel),
        "openings": reads.openings(portfolio),
        "uses": reads.users(portfolio),
        "days": reads.days(portfolio),
        "reserve": workspace.current().limit_reserve,
        "tier": words.tier(channel),
        "channel": channel,
        "now": clock.now().astimezone(workspace.zone()),
        "zone": workspace.zone(),
    }


def _note() -> str:
    percent = reads.percent_used()
    return f"{percent} %" if percent else ""
