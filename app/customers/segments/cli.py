"""Commands for segments: `flask segments ensure`."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from app.customers.service import segments
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
