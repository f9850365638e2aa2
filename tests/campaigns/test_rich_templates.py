"""The wizard and the try-out page with places, offers, products and carousels."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask

from app.campaigns import fitness
from app.campaigns.models import Campaign, CampaignStatus, TargetType
from app.campaigns.queries import rehearsal
from app.campaigns.service import lifecycle
from app.channels.models import Channel
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.message_templates.questions import sheet_of
from app.messaging.models import SkipReason
from app.meta.components import compile_template
from app.shared import clock
from app.shared.errors import Invalid
from tests import factories
from tests.campaigns.wizards import Browser, at, browser_of, fresh, ready
from tests.rich_templates import CARD, ENDS, OFFER, TEMPLATES, WORDS, template_at
from tests.sandboxes import Sandbox

OWN = "98200 12345"


@pytest.fixture
def mona(app: Flask, cast: SimpleNamespace) -> Browser:
    return browser_of(app, cast.mona)


@pytest.fixture
def channel(app: Flask) -> Channel:
    made: Channel = factories.make_channel()
    db.session.commit()
    return made


def template_of(name: str, channel: Channel | None = None) -> MessageTemplate:
    made: MessageTemplate = factories.make_template(channel, name=name, components=TEMPLATES[name].components)
    return made


def campaign_with(name: str) -> Campaign:
    return ready(1, template_of(name), template_variables={})


def typed(values: dict[str, str]) -> dict[str, str]:
    return {f"text:{key}": value for key, value in values.items()}


@pytest.mark.parametrize("name", ["place", "bill", "shop", "menu", "cards", "shelf"])
def test_it_saves_every_kind(mona: Browser, name: str) -> None:
    campaign = campaign_with(name)
    answer = mona.post(at(campaign, "variables"), **typed(TEMPLATES[name].values))
    assert answer.headers["Location"] == at(campaign, "schedule"), answer.text
    saved = {key: rule["value"] for key, rule in fresh(campaign).template_variables.items()}
    assert saved == TEMPLATES[name].values


def test_a_time_is_typed_and_shown_on_the_workspaces_clock(mona: Browser) -> None:
    campaign = campaign_with("flash")
    form = typed({"limited_time_offer.expiration": "2099-01-02T18:00", "button.0.code": "HALF"})
    mona.post(at(campaign, "variables"), **form)
    assert fresh(campaign).template_variables["limited_time_offer.expiration"]["value"] == ENDS
    page = mona.get(at(campaign, "variables")).text
    assert 'type="datetime-local" name="text:limited_time_offer.expiration" value="2099-01-02T18:00"' in page
    assert "Time zone: Asia/Kolkata." in page


@pytest.mark.parametrize(
    ("name", "values", "sentence"),
    [
        ("place", {"header.latitude": "north"}, "must be a number between -90 and 90"),
        ("flash", {"limited_time_offer.expiration": "2020-01-02T18:00"}, "The offer has ended already"),
        ("menu", {"button.0.sections": "LADDU-12; HAMPER"}, "title is empty"),
        ("cards", {"card.1.header.media": "http://example.in/a.jpg"}, "an address that begins with https"),
        ("question", {"button.0.payload": "x" * 257}, "At most 256 characters; it has 257."),
    ],
)
def test_it_tells_at_the_field_what_cannot_be_used(
    mona: Browser, name: str, values: dict[str, str], sentence: str
) -> None:
    campaign = campaign_with(name)
    answer = mona.post(at(campaign, "variables"), **typed(TEMPLATES[name].values | values))
    assert answer.status_code == 422
    assert re.search(
        f'id="v.-.-error" role="alert">[^<]*{sentence}|id="o.-.-error" role="alert">{sentence}', answer.text
    )
    assert fresh(campaign).template_variables == {}


def test_it_tells_all_faults_at_once_and_those_of_fallbacks(mona: Browser) -> None:
    campaign = campaign_with("place")
    bad = {"header.latitude": "north", "header.longitude": "east"}
    form = typed(TEMPLATES["place"].values | bad) | {"fallback:header.latitude": "91"}
    page = mona.post(at(campaign, "variables"), **form).text
    assert re.findall('id="(v[-0-9]+(?:-fallback)?)-error" role="alert"', page) == ["v1-1-fallback", "v1-1", "v1-2"]
    assert 'type="text" name="text:header.latitude" value="north"' in page


def test_a_card_that_was_begun_must_be_finished(app: Flask) -> None:
    shelf = compile_template(TEMPLATES["shelf"].components)
    rules = {key: {"source": "text", "value": value} for key, value in TEMPLATES["shelf"].values.items()}
    assert fitness.faults(shelf, rules) == {}
    rules["card.4.header.catalog_id"] = {"source": "text", "value": "9"}
    assert fitness.faults(shelf, rules) == {}  # a catalog alone begins no card
    words = {"type": "BODY", "text": "Only {{1}} left", "example": {"body_text": [["two"]]}}
    card = {"components": [{"type": "HEADER", "format": "PRODUCT"}, words]}
    spoken = compile_template([WORDS, {"type": "CAROUSEL", "cards": [card, card]}])
    full = {variable.key: {"source": "text", "value": "9"} for variable in spoken.variables}
    begun = full | {"card.2.header.product_retailer_id": {"source": "column", "value": "Third"}}
    assert list(fitness.faults(spoken, begun)) == ["card.2.body.1"]


def test_it_names_everything_in_plain_words(app: Flask) -> None:
    sheet = sheet_of(template_of("cards"))
    assert [group.title for group in sheet.wanted] == ["Card 1", "Card 2"]
    assert [one.place + one.label for one in sheet.wanted[1].questions] == [
        "Card 2 · Image",
        "Card 2 · Text",
        "Card 2 · Link of “Shop”",
    ]
    assert sheet.wanted[1].questions[2].hint.endswith("https://example.in/{{1}}")


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_asks_for_everything_that_can_be_filled(mona: Browser, name: str) -> None:
    campaign = campaign_with(name)
    page = mona.get(at(campaign, "variables")).text
    for key in TEMPLATES[name].values.keys() - {"payload"}:
        assert f'name="text:{key}"' in page
    assert ("<summary" in page) == bool(compile_template(TEMPLATES[name].components).options)


def test_the_preview_shows_cards_and_offer(mona: Browser) -> None:
    components = [OFFER, WORDS, {"type": "CAROUSEL", "cards": [CARD, CARD]}]
    campaign = ready(1, factories.make_template(components=components), template_variables={})
    shown = mona.post(at(campaign, "variables/preview"), **typed({"card.1.body.1": "five"})).text
    assert "Only five rooms left." in shown
    assert "Ends soon" in shown


def test_an_offer_that_ended_since_leads_back_and_says_so(mona: Browser) -> None:
    rules = {
        "limited_time_offer.expiration": {"source": "text", "value": "2020-01-02T18:00:00Z"},
        "button.0.code": {"source": "text", "value": "HALF"},
    }
    campaign = ready(1, template_of("flash"), template_variables=rules)
    assert mona.get(at(campaign, "review")).headers["Location"] == at(campaign, "variables")
    assert "The offer has ended already" in mona.get(at(campaign, "variables")).text


def test_an_offer_must_outlast_the_planned_start(mona: Browser) -> None:
    ends, start = clock.now() + timedelta(days=1), clock.now() + timedelta(days=2)
    rules = {
        "limited_time_offer.expiration": {"source": "text", "value": ends.isoformat()},
        "button.0.code": {"source": "text", "value": "HALF"},
    }
    campaign = ready(1, template_of("flash"), template_variables=rules, scheduled_for=start)
    assert "The offer ends before the campaign starts." in mona.get(at(campaign, "review")).text
    with pytest.raises(Invalid, match="before the campaign starts"):
        lifecycle.launch(campaign)
    assert campaign.status is CampaignStatus.READY


def test_it_counts_whose_own_values_are_of_no_use(app: Flask) -> None:
    rules = {key: {"source": "text", "value": value} for key, value in TEMPLATES["place"].values.items()}
    rules["header.latitude"] = {"source": "column", "value": "Lat", "fallback": "15"}
    rules["header.name"] = {"source": "column", "value": "Place", "fallback": ""}
    campaign = factories.make_campaign(template_of("place"), template_variables=rules, target_type=TargetType.IMPORTED)
    rows = ({"Lat": "15.1", "Place": "A"}, {"Place": "B"}, {"Lat": "north", "Place": "C"}, {"Lat": "x"}, {"Lat": "1"})
    for person, row in zip(factories.make_recipients(campaign, 5), rows, strict=True):
        person.variables = row
    db.session.commit()
    judged = rehearsal.rehearse(campaign)
    assert (judged.skips, judged.missing_of_first) == ({SkipReason.MISSING_VARIABLE: 3}, rehearsal.FIRST)


@pytest.mark.parametrize("name", ["place", "flash", "cards", "question"])
def test_it_is_tried_with_the_same_values(mona: Browser, sandbox: Sandbox, channel: Channel, name: str) -> None:
    template = template_at(sandbox, channel, name)
    values = TEMPLATES[name].values | {"limited_time_offer.expiration": "2099-01-02T18:00", "button.0.payload": "c42"}
    mona.get(f"/templates/{template.public_id}/try")
    form = {f"value:{key}": value for key, value in values.items()}
    answer = mona.post(f"/templates/{template.public_id}/try", phone=OWN, **form)
    assert answer.status_code == 302, answer.text
    [sent] = sandbox.control("GET", "messages")["messages"]
    assert sent["payload"]["template"]["components"] == TEMPLATES[name].sent


def test_the_try_out_tells_faults_at_their_fields(mona: Browser, channel: Channel) -> None:
    template = template_of("place", channel)
    db.session.commit()
    answer = mona.post(f"/templates/{template.public_id}/try", phone=OWN, **{"value:header.latitude": "north"})
    assert answer.status_code == 422
    assert 'name="value:header.latitude" value="north"' in answer.text
    assert "must be a number between -90 and 90" in answer.text
    assert answer.text.count("has no value") == 3


@pytest.mark.parametrize("written", ["4071040200", "2099-01-02T12:30:00Z"])
def test_every_way_to_write_a_time_is_shown_on_the_clock(mona: Browser, written: str) -> None:
    rules = {"limited_time_offer.expiration": {"source": "text", "value": written}}
    campaign = ready(1, template_of("flash"), template_variables=rules)
    assert 'value="2099-01-02T18:00"' in mona.get(at(campaign, "variables")).text
    assert datetime.fromisoformat(ENDS).astimezone(UTC).timestamp() == 4071040200
