"""Commands for a person's data: `flask customers export|erase`, `flask retention show|set|run`."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from app.auth import audit
from app.customers.jobs.retention import keep_house
from app.customers.privacy import erasure, export, retention
from app.customers.privacy.person import Person, person_at
from app.extensions import db
from app.shared.errors import Invalid

customers = AppGroup("customers", help="What is known of a person.")
keeping = AppGroup("retention", help="For how long data is kept.")


def register(app: Flask) -> None:
    """Add these commands to `flask`."""
    app.cli.add_command(customers)
    app.cli.add_command(keeping)


@customers.command("export")
@click.argument("address")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="A file; .zip holds a CSV for each table.")
def export_(address: str, to: Path | None) -> None:
    """Write all that is known of ADDRESS, a phone number or a WhatsApp user id; as JSON, to the terminal at first."""
    exported = export.export_person(_person(address))
    if to is None:
        click.echo(export.as_json(exported))
    elif to.suffix == ".zip":
        with to.open("wb") as archive:
            export.write_archive(exported, archive)
    else:
        to.write_text(export.as_json(exported))
    audit.record("customer.export", tables=sorted(name for name, rows in exported["tables"].items() if rows))
    db.session.commit()


@customers.command("erase")
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(address: str, yes: bool) -> None:
    """Forget ADDRESS, a phone number or a WhatsApp user id, everywhere. It cannot be taken back."""
    person = _person(address)
    if not yes:
        click.confirm("Everything known of this person is deleted; sales stay without them. Go on?", abort=True)
    begun = erasure.erase_person(person, None)
    erasure_id = begun.id
    db.session.commit()
    click.echo("What was theirs is gone. Searching for what names them ...")
    while step := erasure.take_step(erasure_id):
        db.session.commit()
        if step.is_last:
            click.echo("Nothing is left of them.")
            return
    db.session.rollback()
    click.echo("A worker searches on.")


@keeping.command("show")
def show() -> None:
    """Print for how long each kind of data is kept."""
    for rule in retention.rules():
        click.echo(f"{rule.kind.name:<20}{_days(rule.days):<12}{rule.kind.label}")


@keeping.command("set")
@click.argument("kind")
@click.argument("days")
def set_(kind: str, days: str) -> None:
    """Keep data of KIND for so many DAYS, or for `ever`."""
    if days != "ever" and not days.isdecimal():
        raise click.BadParameter("Give a number of days, or “ever”.", param_hint="DAYS")
    try:
        rule = retention.set_rule(kind, None if days == "ever" else int(days))
    except Invalid as error:
        raise click.ClickException(str(error)) from error
    audit.record("retention.set", kind=kind, days=rule.days)
    db.session.commit()
    click.echo(f"{rule.kind.label}: {_days(rule.days)}.")


@keeping.command("run")
@click.option("--dry-run", is_flag=True, help="Only say how much would go.")
def run(dry_run: bool) -> None:
    """Take away what is older than its rule; a second time at once there is nothing left to do."""
    numbers = {rule.kind.name: rule.count() for rule in retention.rules()} if dry_run else keep_house()
    for name, number in numbers.items():
        click.echo(f"{name:<20}{number} {'would go' if dry_run else 'gone'}")
    if not any(numbers.values()):
        click.echo("Nothing is older than its rule.")


def _days(days: int | None) -> str:
    return "for ever" if days is None else f"{days} days"


def _person(address: str) -> Person:
    try:
        return person_at(address)
    except Invalid as error:
        sys.exit(f"Error: {error}")
