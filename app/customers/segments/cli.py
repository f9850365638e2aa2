"""Commands for segments: `flask segments ensure`, and `verify` and `rebuild` for the sums they ask about."""

from __future__ import annotations

import sys

import click
from flask import Flask
from flask.cli import AppGroup

from app.auth import audit
from app.customers.service import sale_totals, segments
from app.extensions import db

commands = AppGroup("segments", help="Questions about customers that are asked anew each time.")


def register(app: Flask) -> None:
    """Add the commands to `flask`."""
    app.cli.add_command(commands)


@commands.command("ensure")
def ensure() -> None:
    """Make the ready segments when there is none yet; people change or delete them as they like."""
    made = segments.ensure_ready()
    db.session.commit()
    click.echo(f"Made {made} ready segments." if made else "There are segments already.")


@commands.command("verify")
def verify() -> None:
    """Compare what customers' sales are kept to come to with the sales; ends with 1 when something differs."""
    if number := sale_totals.differences():
        click.echo(f"The sums of {number:,} customers differ. Repair them with: flask segments rebuild")
        sys.exit(1)
    click.echo("Every sum equals its sales.")


@commands.command("rebuild")
def rebuild() -> None:
    """Add up everybody's sales anew. Whoever records sales waits meanwhile."""
    number = sale_totals.rebuild()
    audit.record("segments.rebuild", sums=number)
    db.session.commit()
    click.echo(f"Added up {number:,} sums.")
