"""The Setup page: there at once, complete a moment later; the verify token for the owner alone."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.auth.models import AuditEntry
from app.extensions import db
from tests.factories import login

HTMX = {"HX-Request": "true"}


def test_it_stands_there_at_once_without_asking_meta(client: FlaskClient, cast, nobody, connected) -> None:
    page = login(client, cast.vera).get("/setup").text
    assert "No worker runs." in page
    assert "could not be reached" not in page
    assert 'hx-get="/setup/findings" hx-trigger="load"' in page


def test_it_fetches_the_whole_diagnosis(client: FlaskClient, cast, sandbox, connected, door) -> None:
    part = login(client, cast.vera).get("/setup/findings", headers=HTMX).text
    for words in ("things are wrong.", "Meta takes it", "Our app is subscribed", "was refused.", "No worker runs."):
        assert words in part
    assert "<html" not in part
    assert "hx-trigger" not in part


def test_it_shows_the_same_to_a_browser_without_scripts(client: FlaskClient, cast, nobody, connected) -> None:
    page = login(client, cast.vera).get("/setup/findings").text
    assert "could not be reached" in page
    assert "Webhook fields" in page


def test_it_says_what_meta_must_be_given(client: FlaskClient, cast, connected) -> None:
    page = login(client, cast.alice).get("/setup").text
    assert 'data-copy="http://127.0.0.1:8000/webhooks/whatsapp"' in page
    for field in ("messages", "message_template_status_update", "user_preferences", "business_capability_update"):
        assert f"<code>{field}</code>" in page


def test_it_shows_the_verify_token_to_the_owner_alone(client: FlaskClient, cast, connected) -> None:
    assert connected.verify_token in login(client, cast.alice).get("/setup").text
    for person in (cast.mona, cast.bob, cast.vera):
        client.post("/logout")
        assert connected.verify_token not in login(client, person).get("/setup").text


def test_it_never_shows_token_or_app_secret(client: FlaskClient, cast, sandbox, connected) -> None:
    page = login(client, cast.alice).get("/setup/findings").text
    assert connected.token not in page
    assert connected.app_secret not in page


def test_it_subscribes_our_app(client: FlaskClient, cast, sandbox, connected) -> None:
    sandbox.graph("DELETE", f"{connected.waba_id}/subscribed_apps")
    login(client, cast.alice)
    assert "Subscribe now</button>" in client.get("/setup/findings").text
    assert "Our app is subscribed" in client.post("/setup/subscribe", follow_redirects=True).text
    assert "Subscribe now</button>" not in client.get("/setup/findings").text
    assert db.session.scalars(select(AuditEntry.action).where(AuditEntry.action == "channel.subscribe")).one()


def test_it_lets_the_owner_alone_subscribe(client: FlaskClient, cast, sandbox, connected) -> None:
    sandbox.graph("DELETE", f"{connected.waba_id}/subscribed_apps")
    page = login(client, cast.mona).get("/setup/findings").text
    assert "No app is subscribed" in page
    assert "Subscribe now</button>" not in page
    assert client.post("/setup/subscribe").status_code == 403


def test_it_says_why_meta_did_not_subscribe(client: FlaskClient, cast, nobody, connected) -> None:
    page = login(client, cast.alice).post("/setup/subscribe", follow_redirects=True).text
    assert "Meta could not be reached." in page


def test_it_has_nobody_to_subscribe_in_an_empty_house(client: FlaskClient, cast) -> None:
    assert login(client, cast.alice).post("/setup/subscribe").status_code == 404


@pytest.mark.parametrize("path", ["/setup", "/setup/findings"])
def test_it_asks_strangers_to_log_in(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 302


def test_the_first_steps_lead_there(client: FlaskClient, cast) -> None:
    assert '<a href="/setup">Connect your WhatsApp number</a>' in login(client, cast.alice).get("/").text
