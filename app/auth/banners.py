"""Banners above every page. Upper rooms hang them up in `app.extensions["banners"]`, one callable each."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app


@dataclass(frozen=True, slots=True)
class Banner:
    """One sentence everybody should see. `level` is a Tabler colour: danger, warning, info."""

    text: str
    level: str = "warning"
    url: str = ""
    action: str = ""  # the link's words


def up() -> list[Banner]:
    """The banners that have something to say now."""
    found = [look() for look in current_app.extensions["banners"]]
    return [banner for banner in found if banner]
