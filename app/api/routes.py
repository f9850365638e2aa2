"""The JSON API's table of contents, and its description for programs."""

from __future__ import annotations

from typing import Any

from flask import jsonify

from app.api import (
    campaigns,
    consent,
    customers,
    decisions,
    import_runs,
    imports,
    messages,
    populating,
    progress,
    recipients,
    sales,
    segments,
    setup,
    templates,
)
from app.api.calls import bp, spec

ROOMS = (
    campaigns,
    recipients,
    populating,
    progress,
    decisions,
    customers,
    consent,
    sales,
    segments,
    imports,
    import_runs,
    messages,
    templates,
    setup,
)


@bp.get("/api/openapi.json")
def openapi() -> Any:
    """The OpenAPI 3.1 description of every call; open to everybody."""
    return jsonify(spec.spec)
