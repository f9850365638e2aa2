"""Static files: served by WhiteNoise, cached for a year, their address changing with their content."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask
from whitenoise import WhiteNoise

YEAR = 365 * 24 * 3600


def register(app: Flask) -> None:
    """Serve `app`'s static folder, and give each `url_for("static", ...)` the file's version."""
    root = Path(str(app.static_folder))
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(root),
        prefix="static/",
        max_age=YEAR,
        autorefresh=app.debug,
        allow_all_origins=False,
        add_headers_function=_harden,
    )

    @app.url_defaults
    def version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values:
            values["v"] = _version(root / values["filename"])


def _version(file: Path) -> str | None:
    try:
        return _digest(file, file.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


@lru_cache(maxsize=256)
def _digest(file: Path, changed: int) -> str:
    """Ten letters of the content's hash. `changed` makes an edited file another question."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10]


def _harden(headers: Any, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
