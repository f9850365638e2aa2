"""Reading the channel from Meta over real HTTP: by the button, the job and the terminal."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from app import config
from app.channels import jobs, service
from app.channels.cli import commands
from app.channels.models import Channel
from app.extensions import db
from tests import factories
from tests.sandboxes import Sandbox


def ensured() -> Channel:
    channel = service.ensure_channel(config.current())
    db.session.commit()
    return channel


def test_it_records_what_meta_says(sandbox: Sandbox) -> None:
    channel = ensured()
    jobs.refresh_channel(channel.id)
    assert (channel.status, channel.read_error) == ("CONNECTED", None)
    assert channel.verified_name
    assert channel.tier
    assert channel.portfolio_id == "300000000000001"


def test_it_sees_a_new_limit(sandbox: Sandbox) -> None:
    channel = ensured()
    sandbox.control("PUT", "config", messaging_limit=2000)
    jobs.refresh_channel(channel.id)
    assert channel.tier == "TIER_2K"


def test_it_says_that_the_token_expired_and_keeps_the_rest(sandbox: Sandbox) -> None:
    channel = ensured()
    jobs.refresh_channel(channel.id)
    before = channel.read_at
    sandbox.control("PUT", "config", token_expired=True)
    jobs.refresh_channel(channel.id)
    assert channel.read_at == before
    assert "token" in (channel.read_error or "").lower()
    assert channel.token not in (channel.read_error or "")


def test_it_says_that_meta_is_away(nobody: None) -> None:
    channel = ensured()
    jobs.refresh_channel_now(channel.id)
    assert channel.read_error == "Meta could not be reached. Check the network and META_GRAPH_URL, then try again."
    assert channel.read_at is None


def test_it_reads_at_a_click(sandbox: Sandbox, client: FlaskClient, cast) -> None:
    ensured()
    answer = factories.login(client, cast.alice).post("/settings/channel/read", follow_redirects=True)
    assert "Read from Meta: this is what it says now." in answer.text
    assert "Connected" in answer.text


def test_it_shows_the_trouble_and_what_was_known(nobody: None, client: FlaskClient, cast) -> None:
    ensured().verified_name = "Sahyadri Holidays"
    db.session.commit()
    answer = factories.login(client, cast.alice).post("/settings/channel/read", follow_redirects=True)
    assert "Meta could not be reached" in answer.text
    assert "Sahyadri Holidays" in answer.text


def test_it_is_ensured_from_the_terminal_without_secrets(sandbox: Sandbox, app: Flask) -> None:
    result = app.test_cli_runner().invoke(commands, ["ensure"])
    assert result.exit_code == 0
    assert "Connected" in result.output
    assert not any(secret in result.output for secret in ("sandbox-token", "sandbox-app-secret", "sandbox-verify"))


def test_it_is_ensured_also_while_meta_is_away(nobody: None, app: Flask) -> None:
    result = app.test_cli_runner().invoke(commands, ["ensure"])
    assert result.exit_code == 0
    assert "The last reading failed: Meta could not be reached" in result.output


def test_it_has_nothing_to_show_before(app: Flask) -> None:
    result = app.test_cli_runner().invoke(commands, ["show"])
    assert result.exit_code == 1
    assert "flask channels ensure" in result.output
