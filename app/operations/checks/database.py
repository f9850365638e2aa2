"""The database: it answers, is young enough, has our tables, knows the zones of time."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo

from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.auth import workspace
from app.extensions import db
from app.operations.checks.findings import Finding, bad, ok
from app.shared import clock

OLDEST_POSTGRESQL = 15


def database() -> Finding:
    """PostgreSQL answers and is young enough."""
    try:
        version = int(db.session.scalar(text("SHOW server_version_num")) or 0) // 10_000
    except SQLAlchemyError:
        db.session.rollback()
        return bad("Database", "PostgreSQL cannot be reached.", "Check DATABASE_URL and that the server runs.")
    if version < OLDEST_POSTGRESQL:
        return bad("Database", f"PostgreSQL {version} is too old.", f"Upgrade to {OLDEST_POSTGRESQL} or newer.")
    return ok("Database", f"PostgreSQL {version} answers.")


def migrations() -> Finding:
    """The tables are those this program expects."""
    try:
        current = MigrationContext.configure(db.session.connection()).get_current_revision()
    except SQLAlchemyError:
        db.session.rollback()
        return bad("Migrations", "The database gave no answer.", "See Database.")
    if current != (head := _head(str(current_app.extensions["migrate"].directory))):
        sentence = f"The database stands at {current or 'nothing'}, the program at {head}."
        return bad("Migrations", sentence, "Run: flask db upgrade")
    return ok("Migrations", f"All are applied ({head}).")


@cache
def _head(directory: str) -> str | None:
    settings = AlembicConfig()
    settings.set_main_option("script_location", directory)
    return ScriptDirectory.from_config(settings).get_current_head()


def time_zones() -> Finding:
    """Both know the workspace's zone, and when its day begins: send windows and daily figures rest on it."""
    name, now = workspace.zone().key, clock.now()
    known = db.session.scalar(text("SELECT count(*) FROM pg_timezone_names WHERE name = :name"), {"name": name})
    if not known:
        return bad("Time zones", f"PostgreSQL does not know {name}.", "Install the tzdata package beside PostgreSQL.")
    theirs = db.session.scalar(text("SELECT timezone(:name, :now)"), {"name": name, "now": now})
    if theirs != now.astimezone(ZoneInfo(name)).replace(tzinfo=None):
        sentence = f"This machine and PostgreSQL do not agree what time it is in {name}."
        return bad("Time zones", sentence, "Upgrade the tzdata packages on both machines.")
    return ok("Time zones", f"This machine and PostgreSQL agree what time it is in {name}.")
