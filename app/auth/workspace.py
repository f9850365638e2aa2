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


def _make() -> Workspace:
    made = Workspace(name="Bulbul")
    db.session.add(made)
    db.session.flush()
    return made
