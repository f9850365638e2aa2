"""The wizard, step by step: what it saves, what it refuses, and how one goes back without loss."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from app.auth.models import AuditEntry
from app.campaigns.models import Campaign, CampaignStatus
from app.extensions import db
from tests import factories
from tests.campaigns.wizards import PERSONAL, Browser, at, browser_of, draft, fresh, page, ready


@pytest.fixture
def mona(app: Flask, cast: SimpleNamespace) -> Browser:
    return browser_of(app, cast.mona)


def test_a_name_makes_a_draft_and_leads_to_the_template(mona: Browser) -> None:
    factories.make_channel()
    db.session.commit()
    mona.get("/campaigns/new")
    answer = mona.post("/campaigns/new", name=" Diwali ", description="Old customers")
    campaign = db.session.scalars(select(Campaign)).one()
    assert (campaign.name, campaign.status) == ("Diwali", CampaignStatus.DRAFT)
    assert answer.headers["Location"] == at(campaign, "template")
    assert db.session.scalars(select(AuditEntry.action)).all()[-1] == "campaign.create"


def test_it_takes_the_template_one_came_with(mona: Browser) -> None:
    template = factories.make_template()
    db.session.commit()
    answer = mona.post(f"/campaigns/new?template={template.public_id}", name="Diwali")
    campaign = db.session.scalars(select(Campaign)).one()
    assert campaign.template_id == template.id
    assert answer.headers["Location"] == at(campaign, "recipients")


@pytest.mark.parametrize("template", ["nonsense", "01a1fd98-c429-7ee9-a07a-3caf851aef51"])
def test_a_template_that_is_not_there_is_only_passed_over(mona: Browser, template: str) -> None:
    factories.make_channel()
    db.session.commit()
    assert mona.post(f"/campaigns/new?template={template}", name="Diwali").status_code == 302


@pytest.mark.parametrize(("name", "sentence"), [("", "Give the campaign a name."), ("x" * 121, "At most 120")])
def test_it_wants_a_usable_name(mona: Browser, name: str, sentence: str) -> None:
    factories.make_channel()
    db.session.commit()
    answer = mona.post("/campaigns/new", name=name)
    assert (answer.status_code, sentence in answer.text) == (422, True)


def test_it_says_so_where_there_is_no_channel(mona: Browser) -> None:
    assert "No WhatsApp number is connected yet" in mona.get("/campaigns/new").text


def test_renaming_keeps_everything_else(mona: Browser) -> None:
    campaign = ready()
    assert 'value="Monsoon"' in mona.get(at(campaign, "name")).text
    mona.post(at(campaign, "name"), name="Winter")
    assert (fresh(campaign).name, campaign.status) == ("Winter", CampaignStatus.READY)
    assert campaign.template_variables


def test_it_shows_approved_templates_and_counts_the_others(mona: Browser) -> None:
    campaign = draft()
    factories.make_template(campaign.channel, name="waiting", status="PENDING")
    db.session.commit()
    shown = mona.get(at(campaign, "template")).text
    assert "goa_monsoon_offer" in shown
    assert "waiting" not in shown
    assert "1 template is not approved" in shown


def test_it_disables_what_it_cannot_fill_with_the_reason(mona: Browser) -> None:
    campaign = draft()
    carousel = factories.make_template(
        campaign.channel, name="many_cards", components=[{"type": "CAROUSEL", "cards": []}]
    )
    db.session.commit()
    assert "Campaigns cannot fill this yet: CAROUSEL." in mona.get(at(campaign, "template")).text
    assert mona.post(at(campaign, "template"), template=carousel.public_id).status_code == 422
    assert fresh(campaign).template_id != carousel.id


@pytest.mark.parametrize("template", ["", "nonsense", "01a1fd98-c429-7ee9-a07a-3caf851aef51"])
def test_it_refuses_a_template_that_is_not_there(mona: Browser, template: str) -> None:
    assert mona.post(at(draft(), "template"), template=template).status_code == 422


def test_another_template_keeps_the_variables_that_both_have(mona: Browser) -> None:
    campaign = ready()
    shorter = factories.make_template(campaign.channel, "Hi {{1}}", name="hello")
    db.session.commit()
    answer = mona.post(at(campaign, "template"), template=shorter.public_id)
    assert answer.headers["Location"] == at(campaign, "recipients")
    assert list(fresh(campaign).template_variables) == ["body.1"]


def test_it_guesses_the_variables_and_stores_none_before_saving(mona: Browser) -> None:
    campaign = ready(template_variables={})
    shown = mona.get(at(campaign, "variables")).text
    assert 'value="field:name" selected' in shown
    assert fresh(campaign).template_variables == {}


def test_it_saves_the_variables(mona: Browser) -> None:
    campaign = ready(template_variables={})
    answer = mona.post(at(campaign, "variables"), **PERSONAL)
    assert answer.headers["Location"] == at(campaign, "schedule")
    assert fresh(campaign).template_variables == {
        "body.1": {"source": "field", "value": "first_name", "fallback": "there"},
        "body.2": {"source": "text", "value": "Goa", "fallback": ""},
    }


def test_it_says_which_variable_is_missing_and_keeps_the_rest(mona: Browser) -> None:
    campaign = ready(template_variables={})
    answer = mona.post(at(campaign, "variables"), **PERSONAL | {"text:body.2": " "})
    assert answer.status_code == 422
    assert "Say what to fill in here" in answer.text
    assert 'value="there"' in answer.text
    assert fresh(campaign).template_variables == {}


@pytest.mark.parametrize("source", ["field:password_hash", "column:" + "x" * 2000])
def test_it_refuses_sources_that_are_none(mona: Browser, source: str) -> None:
    campaign = ready(template_variables={})
    assert mona.post(at(campaign, "variables"), **PERSONAL | {"source:body.1": source}).status_code == 422


def test_the_preview_walks_through_real_people_with_what_the_form_says(mona: Browser) -> None:
    campaign = ready(people=2)
    first, second = (row.name.split()[0] for row in (factories.make_customer(), factories.make_customer()))
    assert (first, second) == ("Asha", "Asha")
    shown = mona.post(at(campaign, "variables/preview"), **PERSONAL | {"text:body.2": "Munnar"}).text
    assert "Hi Asha, monsoon fares to Munnar are open." in shown
    assert 'name="position" value="1"' in shown
    shown = mona.post(at(campaign, "variables/preview?move=on"), **PERSONAL, position="1").text
    assert 'name="position" value="2"' in shown
    shown = mona.post(at(campaign, "variables/preview?move=on"), **PERSONAL, position="2").text
    assert 'name="position" value="2"' in shown
    shown = mona.post(at(campaign, "variables/preview?move=back"), **PERSONAL, position="2").text
    assert 'name="position" value="1"' in shown


def test_it_says_how_many_would_be_skipped(mona: Browser) -> None:
    factories.make_customer(email="asha@example.com")
    campaign = ready(people=2)
    mapping = PERSONAL | {"source:body.1": "field:email", "fallback:body.1": ""}
    assert "2 people would be skipped" in mona.post(at(campaign, "variables/preview"), **mapping).text


@pytest.mark.parametrize("step", ["variables", "schedule", "review", "send"])
def test_it_leads_back_to_what_comes_first(mona: Browser, step: str) -> None:
    campaign = draft()
    answer = mona.get(at(campaign, step))
    assert answer.headers["Location"] == at(campaign, "recipients")
    assert "Choose the recipients first." in mona.get(at(campaign, "recipients")).text


def test_finished_steps_are_links_and_the_others_not(mona: Browser) -> None:
    campaign = draft()
    shown = mona.get(at(campaign, "recipients")).text
    assert f'href="{at(campaign, "template")}"' in shown
    assert f'href="{at(campaign, "review")}"' not in shown


def test_going_back_loses_nothing(mona: Browser) -> None:
    campaign = ready()
    mona.post(at(campaign, "variables"), **PERSONAL)
    for step in ("name", "template", "recipients", "variables", "schedule", "review"):
        assert mona.get(at(campaign, step)).status_code == 200
    assert fresh(campaign).template_variables["body.2"]["value"] == "Goa"
    assert campaign.status is CampaignStatus.READY


@pytest.mark.parametrize("status", ["sending", "paused", "completed", "cancelled", "failed", "scheduled"])
@pytest.mark.parametrize("step", ["name", "recipients", "send"])
def test_what_is_past_changing_leads_to_its_page(mona: Browser, status: str, step: str) -> None:
    campaign = draft(status=status)
    assert mona.get(at(campaign, step)).headers["Location"] == page(campaign)
    form = {"name": "Other"}
    assert mona.post(at(campaign, step), **form).headers["Location"] == page(campaign)
    assert fresh(campaign).name == "Monsoon"


@pytest.mark.parametrize("who", ["bob", "vera"])
@pytest.mark.parametrize("step", ["name", "template", "recipients", "variables", "schedule", "review", "send"])
def test_agents_and_viewers_change_nothing(app: Flask, cast: SimpleNamespace, who: str, step: str) -> None:
    campaign, browser = ready(people=1), browser_of(app, getattr(cast, who))
    assert browser.get(at(campaign, step)).status_code == 403
    if step != "review":
        assert browser.post(at(campaign, step), name="Other").status_code == 403
    assert fresh(campaign).status is CampaignStatus.READY


def test_a_form_without_its_token_is_refused(mona: Browser) -> None:
    campaign = draft()
    mona.token = "forged"
    assert mona.post(at(campaign, "name"), name="Other").status_code == 400


def test_nobody_knows_a_campaign_that_is_not_there(mona: Browser) -> None:
    assert mona.get("/campaigns/01a1fd98-c429-7ee9-a07a-3caf851aef51/edit/name").status_code == 404
