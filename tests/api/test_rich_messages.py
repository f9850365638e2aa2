"""Places, offers, products, carousels: what a program says of them is what Meta gets, or is refused at its field."""

from __future__ import annotations

from typing import Any

import pytest

from app.campaigns.models import Campaign, CampaignStatus
from app.channels.models import Channel
from app.extensions import db
from app.messaging.models import Message
from tests import factories
from tests.api.conftest import Caller
from tests.rich_templates import ENDS, TEMPLATES, template_at
from tests.sandboxes import Sandbox

ASHA = "+919812345678"
BAD: list[tuple[str, dict[str, str], str]] = [
    ("place", {"header.latitude": "north"}, "header.latitude"),
    ("place", {"header.longitude": "181"}, "header.longitude"),
    ("bill", {"header.media": "http://example.in/bill.pdf"}, "header.media"),
    ("flash", {"limited_time_offer.expiration": "2020-01-02T18:00:00Z"}, "limited_time_offer.expiration"),
    ("flash", {"limited_time_offer.expiration": "2099-01-02T18:00"}, "limited_time_offer.expiration"),
    ("flash", {"button.0.code": "X" * 21}, "button.0.code"),
    ("menu", {"button.0.sections": "Sweets:; Boxes: HAMPER"}, "button.0.sections"),
    ("cards", {"card.1.header.media": "beach.jpg"}, "card.1.header.media"),
    ("question", {"payload": "x" * 257}, "payload"),
]


@pytest.fixture
def asha(channel: Channel) -> None:
    factories.make_customer(phone=ASHA)
    db.session.commit()


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.usefixtures("asha")
def test_it_sends_what_it_was_told(api: Caller, sandbox: Sandbox, channel: Channel, name: str) -> None:
    template_at(sandbox, channel, name)
    values = TEMPLATES[name].values
    answer = api.post("/send-template", {"template_name": name, "recipient": ASHA, "variables": values})
    assert answer.status_code == 200, answer.text
    [sent] = sandbox.control("GET", "messages")["messages"]
    assert sent["payload"]["template"]["components"] == TEMPLATES[name].sent


def offered(channel: Channel, name: str) -> None:
    factories.make_template(channel, name=name, components=TEMPLATES[name].components)
    db.session.commit()


@pytest.mark.parametrize(("name", "values", "field"), BAD)
@pytest.mark.usefixtures("asha")
def test_it_refuses_to_send_at_the_field(
    api: Caller, channel: Channel, name: str, values: dict[str, str], field: str
) -> None:
    offered(channel, name)
    body = {"template_name": name, "recipient": ASHA, "variables": TEMPLATES[name].values | values}
    answer = api.post("/send-template", body)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [f"variables.{field}"]), answer.text
    assert db.session.query(Message).count() == 0


@pytest.mark.parametrize(("name", "values", "field"), BAD)
def test_it_refuses_to_draft_at_the_field(
    api: Caller, channel: Channel, name: str, values: dict[str, str], field: str
) -> None:
    offered(channel, name)
    answer = api.post("/campaigns", {"name": "Goa", "template_name": name, "template_variables": values})
    fields = list(answer.json["error"]["fields"])
    assert (answer.status_code, fields) == (422, [f"template_variables.{field}"]), answer.text


def test_it_refuses_a_fallback_that_cannot_stand_in(api: Caller, channel: Channel) -> None:
    offered(channel, "place")
    rule = {"source": "column", "value": "Lat", "fallback": "north"}
    body = {"name": "Goa", "template_name": "place", "template_variables": {"header.latitude": rule}}
    answer = api.post("/campaigns", body)
    assert list(answer.json["error"]["fields"]) == ["template_variables.header.latitude.fallback"]


def test_it_takes_what_recipients_bring(api: Caller, channel: Channel) -> None:
    offered(channel, "flash")
    rules: dict[str, Any] = {
        "limited_time_offer.expiration": {"source": "column", "value": "Ends", "fallback": ENDS},
        "button.0.code": {"source": "column", "value": "Code"},
    }
    answer = api.post("/campaigns", {"name": "Goa", "template_name": "flash", "template_variables": rules})
    assert (answer.status_code, answer.json["template_variables"]["button.0.code"]["value"]) == (201, "Code")


def test_an_offer_must_outlast_the_start(api: Caller, channel: Channel) -> None:
    template = factories.make_template(channel, name="flash", components=TEMPLATES["flash"].components)
    rules = {
        "limited_time_offer.expiration": {"source": "text", "value": "2020-01-02T18:00:00Z"},
        "button.0.code": {"source": "text", "value": "HALF"},
    }
    campaign: Campaign = factories.make_campaign(template, template_variables=rules)
    factories.make_recipients(campaign, 1)
    db.session.commit()
    answer = api.post(f"/campaigns/{campaign.public_id}/start")
    assert (answer.status_code, "ended" in answer.json["error"]["message"]) == (422, True)
    db.session.expire_all()
    assert campaign.status is CampaignStatus.READY


def test_the_list_tells_what_may_be_said(api: Caller, channel: Channel) -> None:
    offered(channel, "shelf")
    [template] = api.get("/templates").json["items"]
    assert template["variables"][0] == {
        "key": "card.0.header.product_retailer_id",
        "kind": "product",
        "card": 0,
        "sample": None,
    }
    assert "card.9.header.product_retailer_id" in [option["key"] for option in template["options"]]
