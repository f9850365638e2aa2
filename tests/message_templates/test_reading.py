"""Templates synced from Meta over real HTTP: by the button, the job and the terminal."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.channels.models import Channel
from app.extensions import db
from app.message_templates import queries
from app.message_templates.cli import commands
from app.message_templates.jobs import reading
from tests import factories
from tests.sandboxes import Sandbox


@pytest.fixture
def channel(app: Flask) -> Channel:
    channel: Channel = factories.make_channel()
    db.session.commit()
    return channel


def test_it_takes_over_all_that_meta_has(sandbox: Sandbox, channel: Channel) -> None:
    result = reading.sync_templates(channel.id)
    assert result is not None
    assert result.added == queries.gallery(channel).total >= 8
    assert channel.templates_synced_at is not None


def test_it_changes_nothing_the_second_time(sandbox: Sandbox, channel: Channel) -> None:
    first, second = reading.sync_templates(channel.id), reading.sync_templates(channel.id)
    assert first is not None
    assert second is not None
    assert (second.added, second.changed, second.removed, second.unchanged) == (0, 0, 0, first.added)


def test_it_follows_what_happens_at_meta(sandbox: Sandbox, channel: Channel) -> None:
    reading.sync_templates(channel.id)
    body = {"type": "BODY", "text": "New fares to Goa are here."}
    fields = {"name": "new_fares", "language": "en", "category": "MARKETING", "components": [body]}
    sandbox.graph("POST", f"{channel.waba_id}/message_templates", **fields)
    sandbox.graph("DELETE", f"{channel.waba_id}/message_templates?name=trip_feedback")
    result = reading.sync_templates(channel.id)
    assert result is not None
    assert (result.added, result.removed) == (1, 1)
    assert queries.by_name(channel, "trip_feedback") is None


def test_it_loses_nothing_while_meta_is_away(nobody: None, channel: Channel, client: FlaskClient, cast) -> None:
    factories.make_template(channel)
    db.session.commit()
    answer = factories.login(client, cast.mona).post("/templates/sync", follow_redirects=True)
    assert "The last reading failed: Meta could not be reached" in answer.text
    assert "goa_monsoon_offer" in answer.text
    assert [template.status for template in queries.sendable_templates(channel)] == ["APPROVED"]


def test_it_keeps_the_trouble_until_a_sync_succeeds(sandbox: Sandbox, channel: Channel) -> None:
    sandbox.control("PUT", "config", token_expired=True)
    assert reading.sync_templates(channel.id) is None
    assert "token" in (channel.templates_sync_error or "").lower()
    sandbox.control("PUT", "config", token_expired=False)
    reading.sync_templates(channel.id)
    assert channel.templates_sync_error is None


def test_it_syncs_at_a_click(sandbox: Sandbox, channel: Channel, client: FlaskClient, cast) -> None:
    answer = factories.login(client, cast.mona).post("/templates/sync", follow_redirects=True)
    assert "Read from Meta: " in answer.text
    assert "goa_monsoon_offer" in answer.text


def test_it_shows_every_template_of_the_sandbox(sandbox: Sandbox, channel: Channel, client: FlaskClient, cast) -> None:
    reading.sync_templates(channel.id)
    factories.login(client, cast.vera)
    for template in queries.gallery(channel).items:
        assert client.get(f"/templates/{template.public_id}").status_code == 200


def test_it_syncs_from_the_terminal(sandbox: Sandbox, app: Flask, channel: Channel) -> None:
    result = app.test_cli_runner().invoke(commands, ["sync"])
    assert result.exit_code == 0
    assert "new, 0 changed, 0 gone" in result.output


def test_it_fails_at_the_terminal_with_a_sentence(nobody: None, app: Flask, channel: Channel) -> None:
    result = app.test_cli_runner().invoke(commands, ["sync"])
    assert result.exit_code == 1
    assert "Meta could not be reached" in result.output
