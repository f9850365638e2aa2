"""The workspace: what the whole team shares."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import has_request_context, request
from sqlalchemy import select

from app.auth.models import Workspace
from app.extensions import db


def current() -> Workspace:
    """The one workspace; made (flushed) with its habits for India when there is none yet."""
    found = db.session.scalar(select(Workspace).order_by(Workspace.id).limit(1))
    return found or _make()


def zone() -> ZoneInfo:
    """The zone of all times on pages, looked up once a request."""
    if not has_request_context():
        return ZoneInfo(current().zone)
    if "bulbul.zone" not in request.environ:
        request.environ["bulbul.zone"] = ZoneInfo(current().zone)
    found: ZoneInfo = request.environ["bulbul.zone"]
    return found


def set_sending_rules(marketing_cap: int | None, spares_only_us_area_codes: bool, limit_reserve: int) -> Workspace:
    """What holds for every campaign: marketing messages a week (None: no cap), which +1 numbers are spared, and the
    percent of the messaging limit that campaigns leave to replies and order notices.
    """
    workspace = current()
    workspace.marketing_cap = marketing_cap
    workspace.spares_only_us_area_codes = spares_only_us_area_codes
    workspace.limit_reserve = limit_reserve
    db.session.flush()
    return workspace


def _make() -> Workspace:
    made = Workspace(name="Bulbul")
    db.session.add(made)
    db.session.flush()
    return made
