"""The commands of every room under `flask`."""

from __future__ import annotations

from flask import Flask

from app.auth import cli as auth
from app.campaigns import cli as campaigns
from app.channels import cli as channels
from app.customers import cli as customers
from app.customers.segments import cli as segments
from app.message_templates import cli as message_templates
from app.operations import cli as operations
from app.webhooks import cli as webhooks


def register(app: Flask) -> None:
    """Add them to the application."""
    for room in (auth, channels, message_templates, customers, segments, campaigns, webhooks, operations):
        room.register(app)
