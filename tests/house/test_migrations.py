"""Migrations: one head, no drift, and a way back."""

from __future__ import annotations

import io
from contextlib import redirect_stdout

from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import text

from app.extensions import db


def test_they_have_one_head() -> None:
    assert len(ScriptDirectory("migrations").get_heads()) == 1


def test_they_make_exactly_the_tables_of_the_models(app: Flask) -> None:
    with redirect_stdout(io.StringIO()):
        check()


def test_they_can_be_taken_back_and_run_again(app: Flask) -> None:
    db.session.remove()
    downgrade(revision="base")
    left = db.session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
    db.session.remove()
    upgrade()
    assert left == ["alembic_version"]
