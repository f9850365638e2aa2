from __future__ import annotations

from dataclasses import replace

import pytest

from app.auth import cli, passwords, queries, tokens
from app.auth.models import Role, User
from app.extensions import db


@pytest.fixture
def run(app, monkeypatch):
    monkeypatch.setenv("NEW_PASSWORD", "a quite new password")
    return lambda group, *words: app.test_cli_runner().invoke(group, words)


def _as_admin(app, monkeypatch, password="a quite new password"):
    admin = replace(app.extensions["bulbul_config"], admin_email="Asha@example.com", admin_password=password)
    monkeypatch.setitem(app.extensions, "bulbul_config", admin)


def test_it_creates_somebody(run):
    words = (
        "--email",
        "asha@example.com",
        "--name",
        "Asha",
        "--role",
        "manager",
        "--password-from-env",
        "NEW_PASSWORD",
    )
    assert run(cli.users, "create", *words).exit_code == 0
    asha = queries.user_by_email("asha@example.com")
    assert asha.role == Role.MANAGER
    assert passwords.matches(asha, "a quite new password")


def test_it_refuses_an_address_that_is_taken(run, cast):
    words = ("--email", cast.bob.email, "--name", "Bob", "--password-from-env", "NEW_PASSWORD")
    result = run(cli.users, "create", *words)
    assert result.exit_code == 1
    assert "already in the team" in result.output


def test_it_makes_the_first_owner_once(app, run, monkeypatch):
    _as_admin(app, monkeypatch)
    assert run(cli.users, "ensure-owner").exit_code == 0
    assert run(cli.users, "ensure-owner").output == ""
    owner = db.session.query(User).one()
    assert (owner.email, owner.role) == ("asha@example.com", Role.OWNER)


def test_it_makes_no_owner_where_there_is_somebody(app, run, cast, monkeypatch):
    _as_admin(app, monkeypatch)
    assert run(cli.users, "ensure-owner").exit_code == 0
    assert queries.user_by_email("asha@example.com") is None


def test_it_says_when_the_owners_password_cannot_be_used(app, run, monkeypatch):
    _as_admin(app, monkeypatch, password="short")
    result = run(cli.users, "ensure-owner")
    assert result.exit_code == 1
    assert "10 to 200 characters" in result.output


def test_it_replaces_a_password(run, cast):
    run(cli.users, "set-password", "--email", cast.bob.email, "--password-from-env", "NEW_PASSWORD")
    assert passwords.matches(cast.bob, "a quite new password")


def test_it_lists_the_team(run, cast):
    assert "bob@example.com\tBob\tagent\tactive" in run(cli.users, "list").output


def test_it_prints_a_token_and_nothing_else(run, cast):
    output = run(cli.keys, "create", "--email", cast.bob.email, "--name", "Nightly import").output
    assert tokens.authenticate(output.removesuffix("\n")) == cast.bob


def test_it_makes_no_token_for_strangers(run, cast):
    result = run(cli.keys, "create", "--email", "nobody@example.com", "--name", "x")
    assert result.exit_code == 1
    assert "Nobody in the team" in result.output
