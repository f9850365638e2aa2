"""Commands for the journal: `flask webhooks show`, `flask webhooks replay`, `flask webhooks purge`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import click
from flask import Flask
from flask.cli import AppGroup

from app.auth import audit, workspace
from app.extensions import db
from app.shared import clock
from app.shared.errors import Missing
from app.webhooks import journal, masking, replay
from app.webhooks.jobs import ring_for_digestion
from app.webhooks.models import WebhookEvent

webhooks = AppGroup("webhooks", help="What Meta posted to us.")
MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])


def register(app: Flask) -> None:
    """Add these commands to `flask`."""
    app.cli.add_command(webhooks)


@webhooks.command("show")
@click.argument("event_id")
def show(event_id: str) -> None:
    """Print the event EVENT_ID (a number, or the id in its page's address), its secrets masked."""
    event = _event(event_id)
    click.echo(f"came       {event.created_at.isoformat(timespec='seconds')}")
    click.echo(f"kinds      {', '.join(event.kinds) or 'not known yet'}")
    click.echo(f"digested   {event.digested_at.isoformat(timespec='seconds') if event.digested_at else 'not yet'}")
    click.echo(f"error      {event.error or 'none'}")
    click.echo(masking.legible(event.body))


@webhooks.command("replay")
@click.option("--id", "event_id", help="One event: its number, or the id in its page's address.")
@click.option("--since", type=MOMENT, help="Events from then on, in the workspace's zone.")
@click.option("--until", type=MOMENT, help="Events before then, in the workspace's zone.")
@click.option("--kind", default="", help="Events of this kind, for example messages.text.")
@click.option("--errors", is_flag=True, help="Events with an error.")
@click.option("--dry-run", is_flag=True, help="Only say how many.")
def replay_(
    event_id: str | None, since: datetime | None, until: datetime | None, kind: str, errors: bool, dry_run: bool
) -> None:
    """Digest events once more, all of them or those that the options name. Nothing is done twice by it."""
    if event_id:
        number = 1 if dry_run else _replay_one(_event(event_id))
    else:
        number = _replay_all(
            journal.Asked(kind, "errors" if errors else "", _local(since), _local(until)), dry_run=dry_run
        )
    click.echo(f"{number} events {'would be' if dry_run else 'are'} digested once more.")


@webhooks.command("purge")
@click.option("--older-than", default=replay.KEPT.days, type=click.IntRange(1), show_default=True, help="Days.")
def purge(older_than: int) -> None:
    """Delete digested events that came more than so many days ago. What they told us stays."""
    number = _in_batches(lambda: replay.purge_batch(timedelta(days=older_than)))
    audit.record("webhooks.purge", count=number, days=older_than)
    db.session.commit()
    click.echo(f"Deleted {number} events.")


def _replay_one(event: WebhookEvent) -> int:
    replay.replay(event.id)
    audit.record("webhooks.replay", event)
    db.session.commit()
    ring_for_digestion()
    return 1


def _replay_all(asked: journal.Asked, *, dry_run: bool) -> int:
    began = clock.now()
    if dry_run:
        return journal.count(asked, 1_000_000_000)
    number = _in_batches(lambda: replay.replay_batch(asked, began))
    audit.record("webhooks.replay", count=number, asked=asked.words())
    db.session.commit()
    ring_for_digestion()
    return number


def _in_batches(deed: Callable[[], int]) -> int:
    total = 0
    while number := deed():
        db.session.commit()
        total += number
    return total


def _event(words: str) -> WebhookEvent:
    """By its number or its public id."""
    try:
        found = _numbered(int(words)) if words.isdecimal() else journal.event(UUID(words))
    except (ValueError, Missing):
        found = None
    if found is None:
        raise click.ClickException(f"There is no event {words} in the journal.")
    return found


def _numbered(number: int) -> WebhookEvent | None:
    return db.session.get(WebhookEvent, number) if number <= journal.LAST_ID else None


def _local(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=workspace.zone()) if moment else None
