"""Templates with parts from elsewhere: gallery, page, preview and sync bear them and show them as they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.channels.models import Channel
from app.extensions import db
from app.message_templates import forms, service
from app.message_templates.models import MessageTemplate
from app.shared import clock
from tests import factories

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "pywa" / "templates"
BODIES: list[dict[str, Any]] = [
    body for path in sorted(CORPORA.glob("*.json")) for body in json.loads(path.read_text()).values()
]
ODD: list[Any] = [
    [],
    ["not a component", 7, None],
    [{"type": "HOLOGRAM", "depth": 3}],
    [{"type": "CAROUSEL", "cards": "many"}],
    [{"type": "CAROUSEL", "cards": [{"components": [{"type": "BODY", "text": "Card one"}]}, {"components": None}]}],
    [{"type": "BUTTONS", "buttons": [{"type": "FLOW", "flow_id": 1}, {"type": "SPM"}, "x"]}],
    [{"type": "HEADER", "format": "GIF"}, {"type": "BODY", "text": 12}],
]


@pytest.fixture
def channel(app: Flask) -> Channel:
    return factories.make_channel(templates_synced_at=clock.now())


def take_over(channel: Channel, body: dict[str, Any], number: int) -> None:
    node = {"id": str(number), "name": f"from_elsewhere_{number}", "language": "en", "status": "APPROVED"}
    service.sync(channel, [{**body, **node}], clock.now())


@pytest.mark.parametrize("components", ODD, ids=str)
def test_it_shows_odd_parts_as_they_are(client: FlaskClient, cast, channel: Channel, components: list[Any]) -> None:
    take_over(channel, {"category": "MARKETING", "components": components}, 1)
    template = db.session.scalars(select(MessageTemplate)).one()
    factories.login(client, cast.mona)
    assert client.get("/templates").status_code == 200
    page = client.get(f"/templates/{template.public_id}")
    assert page.status_code == 200
    assert client.get(f"/templates/{template.public_id}/edit").status_code in (200, 409)


def test_it_shows_the_cards_of_a_carousel(client: FlaskClient, cast, channel: Channel) -> None:
    take_over(channel, {"category": "MARKETING", "components": ODD[4]}, 1)
    page = factories.login(client, cast.mona).get("/templates").text
    assert "phone-cards" in page
    assert "Card one" in page


@pytest.mark.skipif(not BODIES, reason="the corpora are not on this machine")
def test_it_shows_what_others_wrote(client: FlaskClient, cast, channel: Channel) -> None:
    assert len(BODIES) == 13
    factories.login(client, cast.mona)
    for number, body in enumerate(BODIES):
        template = factories.make_template(channel, name=f"theirs_{number}")
        node = {"id": str(number), "name": template.name, "language": "en", "status": "APPROVED"}
        service.adopt(template, {**body, **node}, clock.now())
        forms.definition_of(forms.fields_of(template))
        page = client.get(f"/templates/{template.public_id}")
        assert page.status_code == 200
        for strange in forms.strange_parts(template):
            assert strange.split()[0] in page.text
    assert client.get("/templates").status_code == 200
