"""`flask templates …`: message templates from the terminal."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from app.channels.queries import the_channel
from app.message_templates.jobs import reading

commands = AppGroup("templates", help="Meta's message templates.")


@commands.command("sync")
def sync() -> None:
    """Take over the message templates from Meta."""
    channel = the_channel()
    if channel is None:
        raise click.ClickException("There is no channel yet; run `flask channels ensure`.")
    result = reading.sync_templates(channel.id)
    if result is None:
        raise click.ClickException(channel.templates_sync_error or "The templates could not be read.")
    click.echo(f"Message templates: {result}.")


def register(app: Flask) -> None:
    """Add these commands to the application."""
    app.cli.add_command(commands)
