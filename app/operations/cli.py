"""Commands that run and examine the house: `flask doctor`, `flask tick`, `flask limit show`, `flask seed`."""

from __future__ import annotations

import sys

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from app.campaigns.queries import limit as messaging_limit
from app.channels.queries import the_channel
from app.extensions import db
from app.operations import tick as ticking
from app.operations.checks import table
from app.operations.checks.findings import Finding, Level
from app.operations.seed.demo import sow
from app.shared.errors import Refused

COLORS = {Level.OK: "green", Level.WARN: "yellow", Level.BAD: "red"}

limit = AppGroup("limit", help="Meta's messaging limit.")


def register(app: Flask) -> None:
    """Add these commands to `flask`."""
    for command in (doctor, tick, limit, seed):
        app.cli.add_command(command)


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Examine the house; ends with 1 when something is wrong."""
    diagnosis = table.diagnosis()
    for group, findings in diagnosis.groups.items():
        click.secho(group, bold=True)
        for finding in findings:
            _show(finding)
    click.echo(diagnosis.verdict)
    if diagnosis.level is Level.BAD:
        sys.exit(1)


def _show(finding: Finding) -> None:
    level = click.style(f"{finding.level:<5}", fg=COLORS[finding.level])
    click.echo(f"  {level}{finding.name:<18}{finding.sentence}")
    if finding.fix:
        click.echo(f"{'':25}-> {finding.fix}")


@click.command("tick")
@with_appcontext
def tick() -> None:
    """Do once what the scheduler does every two seconds."""
    ticking.tick()


@limit.command("show")
def show_limit() -> None:
    """Print how much of the messaging limit is used, by whom, and when places come back."""
    if (channel := the_channel()) is None:
        raise click.ClickException("There is no channel yet; run `flask channels ensure`.")
    meter = messaging_limit.meter(channel)
    click.echo(f"used          {meter.used}")
    click.echo(f"limit         {'none' if meter.limit is None else meter.limit}  ({meter.why})")
    click.echo(f"remaining     {_or_any(meter.remaining)}")
    click.echo(
        f"campaigns     {_or_any(meter.remaining_for_campaigns)}  ({meter.kept} are kept for replies and notices)"
    )
    click.echo(f"next opening  {meter.opens_at.isoformat(timespec='seconds') if meter.opens_at else 'now'}")
    for use in messaging_limit.users(channel.portfolio_id):
        click.echo(f"used by       {use.places:>7}  {use.name}")
    for opening in messaging_limit.openings(channel.portfolio_id):
        click.echo(f"comes back    {opening.places:>7}  by {opening.at.isoformat(timespec='minutes')}")


def _or_any(number: int | None) -> str:
    return "any number" if number is None else str(number)


@click.command("seed")
@with_appcontext
def seed() -> None:
    """Fill the sandbox's workspace with demo data; a second time changes nothing."""
    try:
        harvest = sow()
    except Refused as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(str(harvest))
