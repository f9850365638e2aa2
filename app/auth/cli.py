"""Commands for people and their keys: `flask users …`, `flask tokens …`."""

from __future__ import annotations

import os

import click
from flask import Flask
from flask.cli import AppGroup

from app import config
from app.auth import audit, queries, service, tokens
from app.auth.models import Role, User
from app.extensions import db
from app.shared.errors import Invalid

users = AppGroup("users", help="The people of the team.")
keys = AppGroup("tokens", help="Keys to the JSON API.")
password_option = click.option("--password-from-env", metavar="VAR", help="The variable that holds the password.")


def register(app: Flask) -> None:
    """Add the commands to `flask`."""
    app.cli.add_command(users)
    app.cli.add_command(keys)


@users.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.AGENT.value, show_default=True)
@password_option
def create(email: str, name: str, role: str, password_from_env: str | None) -> None:
    """Add somebody to the team."""
    password = _password(password_from_env)
    try:
        user = service.create_user(email, name, Role(role), password)
    except Invalid as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(f"{user.name} <{user.email}> can log in as {user.role}.")


@users.command("list")
def list_() -> None:
    """Show everybody."""
    for user in queries.team():
        click.echo(f"{user.email}\t{user.name}\t{user.role}\t{'active' if user.is_active else 'disabled'}")


@users.command("set-password")
@click.option("--email", required=True)
@password_option
def set_password(email: str, password_from_env: str | None) -> None:
    """Replace somebody's password and end all their sessions."""
    user, password = _user(email), _password(password_from_env)
    try:
        service.replace_password(user, password)
    except Invalid as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(f"The password of {user.email} is replaced; all sessions are ended.")


@users.command("ensure-owner")
def ensure_owner() -> None:
    """Make the first owner from ADMIN_EMAIL and ADMIN_PASSWORD, when there is nobody yet."""
    settings = config.current()
    try:
        made = service.ensure_owner(settings.admin_email, settings.admin_password)
    except Invalid as error:
        raise click.ClickException(f"ADMIN_EMAIL or ADMIN_PASSWORD cannot be used. {error}") from error
    db.session.commit()
    if made:
        click.echo(f"{made.email} is the owner.")


@keys.command("create")
@click.option("--email", required=True, help="Whom the token acts for.")
@click.option("--name", required=True, help="What uses it.")
def create_token(email: str, name: str) -> None:
    """Make a token and print it, once and alone."""
    try:
        token, plain = tokens.create(_user(email), name)
    except Invalid as error:
        raise click.ClickException(str(error)) from error
    audit.record("token.create", token, name=token.name)
    db.session.commit()
    click.echo(plain)


def _user(email: str) -> User:
    user = queries.user_by_email(email)
    if user is None:
        raise click.ClickException(f"Nobody in the team has the address {email}.")
    return user


def _password(variable: str | None) -> str:
    if variable is None:
        prompted: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return prompted
    if not os.environ.get(variable):
        raise click.ClickException(f"The variable {variable} is not set.")
    return os.environ[variable]
