"""Each way in which a campaign stops by itself: its page says so in words, and it goes on by itself when it may."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.auth import workspace
from app.campaigns.jobs import send
from app.campaigns.models import Campaign, CampaignStatus
from app.channels.jobs import refresh_channel
from app.extensions import db
from app.message_templates import service as templates
from app.operations import tick
from app.shared import clock
from tests import factories
from tests.campaigns.test_engine_pages import read
from tests.campaigns.wizards import Browser, browser_of, page
from tests.sandboxes import Sandbox


@pytest.fixture
def vera(app: Flask, cast: SimpleNamespace) -> Browser:
    return browser_of(app, cast.vera)


def sending(recipients: int, **columns: Any) -> Campaign:
    campaign = factories.make_campaign(status=CampaignStatus.SENDING, target_type="imported", **columns)
    campaign.channel.messages_per_second = 1000
    factories.make_recipients(campaign, recipients)
    db.session.commit()
    return campaign


def sent(campaign: Campaign) -> str:
    """Let a worker have its turn; the campaign's status then."""
    send.send_campaign(campaign.id)
    db.session.expire_all()
    return campaign.status.value


def ticked(campaign: Campaign) -> str:
    """Let the scheduler look; the campaign's status then."""
    tick.tick()
    db.session.expire_all()
    return campaign.status.value


def live(browser: Browser, campaign: Campaign) -> str:
    return read(browser, page(campaign, "/live"))


def with_limit(app: Flask, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = dataclasses.replace(app.extensions["bulbul_config"], daily_limit=limit)
    monkeypatch.setitem(app.extensions, "bulbul_config", settings)


def a_day_later() -> None:
    """Every place under the limit was taken so long ago that it is free again."""
    db.session.execute(text("UPDATE limit_guards SET counted_at = counted_at - interval '25 h'"))
    earlier = ", ".join(f"{column} = {column} - interval '25 h'" for column in ("first_granted_at", "granted_at"))
    db.session.execute(text(f"UPDATE limit_contacts SET {earlier}"))
    db.session.commit()


def test_the_limit_is_reached_and_opens_again(
    sandbox: Sandbox, app: Flask, vera: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_limit(app, 3, monkeypatch)
    campaign = sending(5)
    assert sent(campaign) == "paused"
    assert "The messaging limit of 24 hours is used up. It goes on by itself in" in live(vera, campaign)
    assert ticked(campaign) == "paused"
    a_day_later()
    assert ticked(campaign) == "sending"
    assert sent(campaign) == "completed"
    assert "Done: everybody was written to" in live(vera, campaign)


def test_the_window_is_closed_and_opens(sandbox: Sandbox, vera: Browser) -> None:
    local = clock.now().astimezone(workspace.zone())
    opens, closes = (local + timedelta(hours=2)).time(), (local + timedelta(hours=3)).time()
    campaign = sending(4, window_opens=opens, window_closes=closes)
    assert sent(campaign) == "paused"
    shown = live(vera, campaign)
    assert "Everybody who is left lives where messages may not be sent now. It goes on by itself in 2 hours" in shown
    assert "4 people wait; the first are due in 2 hours" in shown
    assert ticked(campaign) == "paused"
    campaign.window_opens, campaign.window_closes = (local - timedelta(hours=1)).time(), opens
    db.session.execute(text("UPDATE recipients SET due_at = now() - interval '1 s'"))
    campaign.resumes_at = clock.now() - timedelta(seconds=1)
    db.session.commit()
    assert ticked(campaign) == "sending"
    assert sent(campaign) == "completed"


def test_the_token_has_expired_and_a_reading_succeeds_again(sandbox: Sandbox, vera: Browser) -> None:
    campaign = sending(3)
    sandbox.control("PUT", "config", token_expired=True)
    assert sent(campaign) == "paused"
    shown = live(vera, campaign)
    assert "Meta refused to send: The access token is no longer valid." in shown
    assert "Make a new system-user token" in shown
    assert "3 people" not in shown
    assert ticked(campaign) == "paused"
    sandbox.control("PUT", "config", token_expired=False)
    db.session.execute(
        text("UPDATE alerts SET raised_at = raised_at - interval '2 s'")
    )  # Meta's times are whole seconds
    db.session.commit()
    refresh_channel(campaign.channel_id)
    assert ticked(campaign) == "sending"
    assert sent(campaign) == "completed"
    assert "no longer valid" not in live(vera, campaign)


def test_the_template_is_paused_and_approved_again(sandbox: Sandbox, vera: Browser) -> None:
    campaign = sending(3)
    template = campaign.template
    assert template is not None
    event = {"event": "PAUSED", "message_template_name": template.name, "message_template_language": "en"}
    sandbox.control("POST", "event", field="message_template_status_update", value=event)
    assert sent(campaign) == "paused"
    shown = live(vera, campaign)
    assert (
        "Meta refused the template goa_monsoon_offer: Meta paused the template because customers disliked it." in shown
    )
    assert re.search("Wait for the pause to end, or improve it. See the template", shown)
    assert ticked(campaign) == "paused"
    sandbox.control("POST", "event", field="message_template_status_update", value=event | {"event": "APPROVED"})
    about = {"id": template.meta_id, "name": template.name, "language": "en", "category": "MARKETING"}
    listed = about | {"status": "APPROVED", "components": template.components}
    templates.sync(campaign.channel, [listed], clock.now() + timedelta(seconds=2))
    db.session.commit()
    assert ticked(campaign) == "sending"
    assert sent(campaign) == "completed"
