"""Commands for figures and rates: `flask stats verify`, `flask stats rebuild`, `flask rates ensure`."""

from __future__ import annotations

import sys

import click
from flask import Flask
from flask.cli import AppGroup

from app.auth import audit
from app.campaigns.service import recount
from app.extensions import db
from app.messaging import pricing
from app.messaging.engine import conversations

stats = AppGroup("stats", help="The figures of campaigns, and whether they are true.")
rates = AppGroup("rates", help="What a delivered message costs.")


def register(app: Flask) -> None:
    """Add the commands to `flask`."""
    app.cli.add_command(stats)
    app.cli.add_command(rates)


@stats.command("verify")
def verify() -> None:
    """Compare every campaign's figures with a count of its rows; ends with 1 when something differs."""
    if found := _tell_differences():
        click.echo(f"{len(found)} figures differ. Repair them with: flask stats rebuild")
        sys.exit(1)
    click.echo("Every figure equals a count of its rows.")


@stats.command("rebuild")
def rebuild() -> None:
    """Write every figure anew from its rows, and say what differed. Sending waits meanwhile."""
    found = _tell_differences()
    number, windows = recount.rebuild(), conversations.rebuild()
    audit.record("stats.rebuild", campaigns=number, differed=len(found), conversations=windows)
    db.session.commit()
    click.echo(f"Rebuilt the figures of {number} campaigns; {len(found)} figures had differed.")
    click.echo(f"Set the windows of {windows} conversations that had differed from their messages.")


def _tell_differences() -> list[recount.Difference]:
    found = recount.differences()
    for it in found:
        click.echo(f"Campaign {it.campaign_id}: {it.figure} is kept as {it.kept}, its rows say {it.counted}.")
    return found


@rates.command("ensure")
def ensure() -> None:
    """Enter Meta's published rates when no rate is entered yet; people edit them on the rates page."""
    number = 0 if pricing.has_rates() else pricing.seed_default_rates()
    db.session.commit()
    click.echo(f"Entered {number} rates." if number else "Rates are entered already.")
