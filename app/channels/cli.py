"""`flask channels …`: the channel from the terminal, without its secrets."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from app import config
from app.channels import jobs, notifying, queries, service, words
from app.channels.limits import messaging_limit
from app.channels.models import Channel
from app.extensions import db

commands = AppGroup("channels", help="The connected WhatsApp number.")
alerts = AppGroup("alerts", help="Alerts that are sent on (ALERT_EMAIL, ALERT_WEBHOOK_URL).")


@commands.command("ensure")
def ensure() -> None:
    """Make the environment's channel, or bring it up to date, and read it from Meta."""
    channel = service.ensure_channel(config.current())
    db.session.commit()
    jobs.refresh_channel(channel.id)
    _show(channel)


@commands.command("show")
def show() -> None:
    """Print the channel and what Meta last said of it."""
    channel = queries.the_channel()
    if channel is None:
        raise click.ClickException("There is no channel yet; run `flask channels ensure`.")
    _show(channel)


def _show(channel: Channel) -> None:
    limit = messaging_limit(channel, config.current().daily_limit)
    for label, value in (
        ("channel", channel.name),
        ("phone number id", channel.phone_number_id),
        ("business account id", channel.waba_id),
        ("number", channel.display_number or "not read yet"),
        ("verified name", channel.verified_name or "not read yet"),
        ("status", words.status(channel).text),
        ("stopped", service.blocked(channel) or "no"),
        ("quality", words.quality(channel).text),
        ("messaging limit", f"{words.limit(limit)}. {limit.why}"),
        ("throughput", words.throughput(channel)),
        ("speed", f"{channel.messages_per_second} messages a second"),
        ("read from Meta", channel.read_at.isoformat(timespec="seconds") if channel.read_at else "never"),
    ):
        click.echo(f"{label:<20} {value}")
    if channel.read_error:
        click.echo(f"The last reading failed: {channel.read_error}", err=True)


@alerts.command("key")
def key() -> None:
    """Print what the receiver of alerts checks their signature with."""
    click.echo(notifying.signing_key())


@alerts.command("test")
def test() -> None:
    """Send a test by every way that is set up; ends with 1 when one fails."""
    ways = {name: way for name, way in notifying.WAYS.items() if way.is_set_up()}
    if not ways:
        raise click.ClickException("Set ALERT_EMAIL with SMTP_URL, or ALERT_WEBHOOK_URL, first.")
    for name, way in ways.items():
        try:
            way.send(notifying.sample())
        except notifying.NotTold as failure:
            raise click.ClickException(str(failure)) from failure
        click.echo(f"Sent by {name}.")


def register(app: Flask) -> None:
    """Add these commands to the application."""
    app.cli.add_command(commands)
    app.cli.add_command(alerts)
