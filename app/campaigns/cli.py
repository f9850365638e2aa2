"""Commands for the figures: `flask stats verify`, `flask stats rebuild`."""

from __future__ import annotations

import sys

import click
from flask import Flask
from flask.cli import AppGroup

from app.auth import audit
from app.campaigns.service import recount
from app.extensions import db

stats = AppGroup("stats", help="The figures of campaigns, and whether they are true.")


def register(app: Flask) -> None:
    """Add the commands to `flask`."""
    app.cli.add_command(stats)


@stats.command("verify")
def verify() -> None:
    """Compare every campaign's figures with a count of its rows; ends with 1 when something differs."""
    found = recount.differences()
    for it in found:
        click.echo(f"Campaign {it.campaign_id}: {it.figure} is kept as {it.kept}, its rows say {it.counted}.")
    if found:
        click.echo(f"{len(found)} figures differ. Repair them with: flask stats rebuild")
        sys.exit(1)
    click.echo("Every figure equals a count of its rows.")


@stats.command("rebuild")
def rebuild() -> None:
    """Write every campaign's figures anew from its rows. Sending waits meanwhile."""
    number = recount.rebuild()
    audit.record("stats.rebuild", campaigns=number)
    db.session.commit()
    click.echo(f"Rebuilt the figures of {number} campaigns.")
