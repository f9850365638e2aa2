"""The list of campaigns."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.auth.access import needs
from app.campaigns.queries import figures, listing
from app.campaigns.routes.blueprint import bp
from app.shared.pagination import page_of


@bp.get("/campaigns")
@needs("campaigns.view")
def index() -> ResponseReturnValue:
    asked = {"tab": request.args.get("status", ""), "search": request.args.get("search", "").replace("\x00", "")}
    page = page_of(listing.matching(**asked), request.args.get("page", 1, type=int), 25, scalars=False)
    now = figures.of_many(campaign.id for campaign, _ in page.items)
    return render_template(
        "campaigns/_rows.html" if "HX-Request" in request.headers else "campaigns/index.html",
        page=page,
        figures=now,
        asked=asked,
        tabs=listing.tabs(asked["search"]),
        is_live=any(figure.is_live for figure in now.values()),
    )
