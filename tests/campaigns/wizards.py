"""Walking through the wizard as a browser does: with the token that stands in the page."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.campaigns.jobs.populate import populate
from app.campaigns.models import Campaign, CampaignStatus
from app.extensions import db
from app.message_templates.models import MessageTemplate
from tests import factories

PERSONAL = {
    "source:body.1": "field:first_name",
    "fallback:body.1": "there",
    "source:body.2": "text",
    "text:body.2": "Goa",
}


class Browser:
    """A client that sends the CSRF token of the page it looked at last."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = ""

    def get(self, path: str, **options: Any) -> TestResponse:
        answer = self.client.get(path, **options)
        if found := re.search(r'name="csrf-token" content="([^"]+)"', answer.text):
            self.token = found[1]
        return answer

    def post(self, path: str, **form: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token, **form})


def browser_of(app: Flask, user: Any) -> Browser:
    """A logged-in browser, for whom CSRF is on as it is for everybody outside the tests."""
    app.config["WTF_CSRF_ENABLED"] = True
    browser = Browser(app.test_client())
    page = browser.get("/login")
    assert page.status_code == 200
    answer = browser.post("/login", email=user.email, password=factories.PASSWORD)
    assert answer.status_code == 302, answer.text
    browser.get("/account")
    return browser


def draft(**columns: Any) -> Campaign:
    """A campaign at its beginning."""
    columns = {"status": CampaignStatus.DRAFT, "target_type": None, "template_variables": {}} | columns
    campaign = factories.make_campaign(**columns)
    db.session.commit()
    return campaign


def ready(people: int = 3, template: MessageTemplate | None = None, **columns: Any) -> Campaign:
    """A campaign whose recipients are opted-in customers."""
    for _ in range(people):
        factories.make_customer()
    campaign = factories.make_campaign(template, status=CampaignStatus.POPULATING, **columns)
    db.session.commit()
    populate(campaign.id)
    db.session.expire_all()
    assert campaign.status is CampaignStatus.READY
    return campaign


def fresh(campaign: Campaign) -> Campaign:
    """The campaign as the database has it now."""
    db.session.rollback()
    db.session.expire_all()
    return campaign


def at(campaign: Campaign, step: str) -> str:
    """The address of a step."""
    return f"/campaigns/{campaign.public_id}/edit/{step}"


def page(campaign: Campaign, rest: str = "") -> str:
    """The address of the campaign's page, or of something below it."""
    return f"/campaigns/{campaign.public_id}{rest}"
