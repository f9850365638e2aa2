"""The gallery and the page of a template."""

from __future__ import annotations

from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.channels.models import Channel
from app.message_templates.models import MessageTemplate
from app.shared import clock
from tests import factories

ODD = [
    {"type": "HEADER", "format": "IMAGE"},
    {
        "type": "BODY",
        "text": "<script>alert(1)</script> *Sale* for {{1}}",
        "example": {"body_text": [["_Asha_"]]},
    },
    {"type": "FOOTER", "text": "Reply STOP to opt out"},
    {
        "type": "BUTTONS",
        "buttons": [{"type": "URL", "text": "Shop", "url": "https://e.in/{{1}}", "example": ["https://e.in/a"]}],
    },
]


@pytest.fixture
def channel(app: Flask) -> Channel:
    return factories.make_channel(templates_synced_at=clock.now())


@pytest.fixture
def template(channel: Channel) -> MessageTemplate:
    return factories.make_template(channel, components=ODD)


def test_it_shows_the_template_as_the_customer_sees_it(client: FlaskClient, cast, template: MessageTemplate) -> None:
    page = factories.login(client, cast.vera).get("/templates").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; <strong>Sale</strong> for <em>Asha</em>" in page
    assert "Reply STOP to opt out" in page
    assert "Shop" in page


def test_it_filters_by_the_address(client: FlaskClient, cast, channel: Channel, template: MessageTemplate) -> None:
    factories.make_template(channel, name="booking_done", category="UTILITY")
    factories.login(client, cast.vera)
    page = client.get("/templates?category=UTILITY&search=booking").text
    assert "booking_done" in page
    assert "goa_monsoon_offer" not in page
    assert 'value="UTILITY" selected' in page


def test_it_hides_the_deleted_unless_asked(client: FlaskClient, cast, channel: Channel) -> None:
    factories.make_template(channel, name="gone_offer", status="DELETED")
    factories.login(client, cast.vera)
    assert "gone_offer" not in client.get("/templates").text
    assert "gone_offer" in client.get("/templates?status=DELETED").text


@pytest.mark.parametrize(
    "query", ["search=%00", "page=0", "page=x", "page=-3", "status=%F0%9F%98%80", "language=' OR 1=1"]
)
def test_it_bears_odd_addresses(client: FlaskClient, cast, template: MessageTemplate, query: str) -> None:
    assert factories.login(client, cast.vera).get(f"/templates?{query}").status_code == 200


def test_it_tells_an_empty_gallery_from_a_filtered_one(client: FlaskClient, cast, channel: Channel) -> None:
    factories.login(client, cast.vera)
    assert "No message templates yet" in client.get("/templates").text
    assert "No template fits" in client.get("/templates?search=x").text


def test_it_says_so_where_there_is_no_channel(client: FlaskClient, cast) -> None:
    page = factories.login(client, cast.alice).get("/templates").text
    assert "No WhatsApp number is connected yet" in page
    assert client.post("/templates/sync").status_code == 404


def test_it_explains_a_rejection(client: FlaskClient, cast, channel: Channel) -> None:
    template = factories.make_template(channel, status="REJECTED", rejected_reason="SCAM")
    factories.login(client, cast.vera)
    assert "Meta took it for a scam." in client.get("/templates").text
    assert "Meta took it for a scam." in client.get(f"/templates/{template.public_id}").text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("APPROVED", "Campaigns can use it."),
        ("PAUSED", "stopped it for some hours"),
        ("DISABLED", "stopped it for good"),
        ("ARCHIVED", "Unused for a year"),
        ("NEW_AT_META", "New at meta"),
    ],
)
def test_it_explains_each_status(client: FlaskClient, cast, channel: Channel, status: str, words: str) -> None:
    template = factories.make_template(channel, status=status)
    assert words in factories.login(client, cast.vera).get(f"/templates/{template.public_id}").text


def test_it_lists_the_variables(client: FlaskClient, cast, template: MessageTemplate) -> None:
    page = factories.login(client, cast.vera).get(f"/templates/{template.public_id}").text
    for words in ("Address of an image", "End of the button&#39;s address", "_Asha_"):
        assert words in page


def test_it_offers_a_campaign_with_an_approved_template(client: FlaskClient, cast, channel: Channel) -> None:
    approved = factories.make_template(channel)
    waiting = factories.make_template(channel, name="waiting", status="PENDING")
    factories.login(client, cast.mona)
    link = f"/campaigns/new?template={approved.public_id}"
    assert link in client.get(f"/templates/{approved.public_id}").text
    assert "/campaigns/new?" not in client.get(f"/templates/{waiting.public_id}").text


def test_it_offers_no_campaign_with_what_we_cannot_fill(client: FlaskClient, cast, channel: Channel) -> None:
    template = factories.make_template(channel, components=[{"type": "CAROUSEL", "cards": []}])
    page = factories.login(client, cast.mona).get(f"/templates/{template.public_id}").text
    assert "cannot fill this part yet: CAROUSEL" in page
    assert "/campaigns/new?" not in page


def test_it_offers_no_campaign_to_a_viewer(client: FlaskClient, cast, template: MessageTemplate) -> None:
    page = factories.login(client, cast.vera).get(f"/templates/{template.public_id}").text
    assert "/campaigns/new?" not in page


def test_it_knows_no_template_that_is_not_there(client: FlaskClient, cast) -> None:
    assert factories.login(client, cast.vera).get(f"/templates/{uuid4()}").status_code == 404


@pytest.mark.parametrize("who", ["vera", "bob"])
def test_it_lets_only_managers_sync(client: FlaskClient, cast, channel: Channel, who: str) -> None:
    factories.login(client, getattr(cast, who))
    assert client.post("/templates/sync").status_code == 403
    assert "Sync now" not in client.get("/templates").text
