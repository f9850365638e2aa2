"""What stops a campaign, seen in a browser while it happens: told in words without a reload, and healed by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time, timedelta
from itertools import count
from typing import Any

import pytest
import requests
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app import create_app
from app.campaigns.models import Campaign, CampaignStatus, PauseReason, RecipientState
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.messaging.models import MessageState, SkipReason, WaitReason
from app.shared import clock
from tests import factories
from tests.browser.house import EMAIL, House
from tests.browser.looks import look_all_ways
from tests.browser.test_campaign import TEMPLATE, set_speed
from tests.campaigns.test_engine_pages import tried

SOON = 30_000
PEOPLE = 150
STRANGERS = count(30_000_000)


@pytest.fixture(scope="session")
def token(house: House) -> str:
    return house.flask("tokens", "create", "--email", EMAIL, "--name", "Browser")


@pytest.fixture(scope="session")
def inside(house: House) -> Flask:
    """The application on the house's own database, to put rows there that would take a day to come about."""
    return create_app(house.environment)


@pytest.fixture
def watched(owner: Page, house: House, token: str) -> Iterator[Page]:
    """The page of a campaign that is being sent, slowly enough to be watched."""
    house.sandbox("POST", "reset")
    set_speed(owner, house)
    campaign = begun(house, token)
    owner.goto(f"{house.url}/campaigns/{campaign}")
    expect(owner.locator("#funnel-sent .funnel-number")).not_to_have_text("0", timeout=SOON)
    yield owner
    house.sandbox("PUT", "config", token_expired=False)
    happens_to_the_template(house, "APPROVED")


def begun(house: House, token: str, **fields: Any) -> str:
    """Start a campaign to a list through the API; its id."""
    variables = {"body.1": "Asha", "body.2": "Goa"}
    about = {"name": "Watched", "template_name": TEMPLATE, "template_variables": variables, "rate_limit": 600} | fields
    campaign: str = ask(house, token, "campaigns", about)["id"]
    people = [{"phone": f"+9199{next(STRANGERS):08d}"} for _ in range(PEOPLE)]  # whom the weekly cap does not spare
    ask(house, token, f"campaigns/{campaign}/recipients", people)
    ask(house, token, f"campaigns/{campaign}/start", {})
    return campaign


def ask(house: House, token: str, path: str, body: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.post(f"{house.url}/api/whatsapp/{path}", json=body, headers=headers, timeout=20)
    assert answer.ok, answer.text
    return answer.json()


def happens_to_the_template(house: House, word: str) -> None:
    about = {"event": word, "message_template_name": TEMPLATE, "message_template_language": "en"}
    house.sandbox("POST", "event", field="message_template_status_update", value=about)


def test_an_expired_token_is_told_and_a_reading_heals_it(watched: Page, house: House) -> None:
    house.sandbox("PUT", "config", token_expired=True)
    live, address = watched.locator("#live"), watched.url
    expect(live).to_contain_text("Meta refused to send: The access token is no longer valid.", timeout=SOON)
    expect(live).to_contain_text("goes on by itself as soon as a reading from Meta says that all is well")
    assert look_all_ways(watched, "campaign-token") == []
    house.sandbox("PUT", "config", token_expired=False)
    live.get_by_role("link", name="See the channel").click()
    watched.get_by_role("button", name="Read from Meta").click()
    watched.goto(address)
    expect(live).to_contain_text("Done: everybody was written to", timeout=2 * SOON)


def test_a_paused_template_is_told_and_its_approval_heals_it(watched: Page, house: House) -> None:
    happens_to_the_template(house, "PAUSED")
    live = watched.locator("#live")
    expect(live).to_contain_text("Meta does not deliver this template now.", timeout=SOON)
    expect(live.get_by_role("link", name="See the template")).to_be_visible()
    assert look_all_ways(watched, "campaign-template") == []
    happens_to_the_template(house, "APPROVED")
    expect(live).to_contain_text("Done: everybody was written to", timeout=2 * SOON)


def test_a_closed_window_is_told_with_everybody_who_waits(owner: Page, house: House, token: str) -> None:
    now = clock.now() + timedelta(hours=5, minutes=30)  # by the clock of these customers
    hours = {"from": f"{now + timedelta(hours=2):%H:%M}", "to": f"{now + timedelta(hours=3):%H:%M}"}
    owner.goto(f"{house.url}/campaigns/{begun(house, token, name='Tomorrow', send_window=hours)}")
    live = owner.locator("#live")
    expect(live).to_contain_text(re.compile(r"It goes on by itself in [12] hours?"), timeout=SOON)
    expect(live).to_contain_text(f"{PEOPLE} people wait; the first are due in")
    assert look_all_ways(owner, "campaign-window") == []
    owner.locator("#aside-waiting").click()
    expect(owner.locator("main")).to_contain_text("It is outside the hours in which they may be written to. Due in")
    assert look_all_ways(owner, "people-waiting") == []


def test_a_person_decides_about_messages_in_doubt(owner: Page, house: House, inside: Flask) -> None:
    with inside.app_context():
        campaign = of_the_house(name="In doubt", status=CampaignStatus.COMPLETED, completed_at=clock.now())
        for recipient in factories.make_recipients(campaign, 4, 919940000001):
            tried(recipient, None, MessageState.UNCONFIRMED, created_at=clock.now() - timedelta(minutes=20))
        address = f"{house.url}/campaigns/{campaign.public_id}"
    owner.goto(address)
    expect(owner.locator("#live")).to_contain_text("4 messages are unconfirmed for more than 15 minutes")
    assert look_all_ways(owner, "campaign-doubt") == []
    owner.get_by_role("link", name="See who").click()
    assert look_all_ways(owner, "people-doubt") == []
    owner.get_by_label("Tick +91 99400 00001").check()
    owner.locator("form.card").get_by_role("button", name="Assume sent").click()
    expect(owner.locator("#confirm")).to_contain_text("Counted as sent; nobody is written to again.")
    owner.locator("#confirm [data-confirm-yes]").click()
    expect(owner.locator("#toasts")).to_contain_text("1 message counts as sent.")
    owner.get_by_label("Tick everybody on this page").check()
    owner.locator("form.card").get_by_role("button", name="Send again").click()
    expect(owner.locator("#confirm")).to_contain_text("gets it twice")
    owner.locator("#confirm [data-confirm-yes]").click()
    expect(owner.locator("#toasts")).to_contain_text("3 messages are sent again.")
    owner.goto(address)
    expect(owner.locator("#funnel-sent .funnel-number")).to_have_text("4", timeout=SOON)
    owner.goto(f"{address}/people")
    owner.get_by_role("link", name="+91 99400 00002").click()
    expect(owner.locator("main")).to_contain_text("Another attempt followed.")
    assert look_all_ways(owner, "person") == []


def test_what_failed_is_tried_again_where_it_can_succeed(owner: Page, house: House, inside: Flask) -> None:
    with inside.app_context():
        columns = {"status": CampaignStatus.PAUSED, "pause_reason": PauseReason.TOO_MANY_ERRORS}
        campaign = of_the_house(name="Too many errors", **columns)
        recipients = factories.make_recipients(campaign, 30, 919950000001)
        for number, recipient in enumerate(recipients[:20]):
            tried(recipient, (132000, 131000, 131026)[number % 3], failed_at=clock.now())
        for recipient in recipients[20:24]:
            recipient.state, recipient.skip_reason = RecipientState.SKIPPED, SkipReason.FREQUENCY_CAP
        for reason, recipient in zip(WaitReason, recipients[24:28], strict=True):
            recipient.waits_for, recipient.due_at = reason, clock.now() + timedelta(hours=3)
        db.session.commit()
        address = f"{house.url}/campaigns/{campaign.public_id}"
    owner.goto(address)
    expect(owner.locator("#live")).to_contain_text("20 of the last 20 messages failed.")
    expect(owner.locator("#reasons")).to_contain_text("7 of 20 can be reached by another attempt")
    assert look_all_ways(owner, "campaign-errors") == []
    owner.get_by_role("button", name="Retry failed").click()
    owner.locator("#confirm [data-confirm-yes]").click()
    expect(owner.locator("#toasts")).to_contain_text("7 messages will be tried again.")
    expect(owner.locator("#aside-failed strong")).to_have_text("13")
    owner.goto(f"{house.url}/campaigns")
    expect(owner.locator("main")).to_contain_text("too many errors")
    assert look_all_ways(owner, "campaigns-stopped") == []
    owner.goto(house.url)
    assert look_all_ways(owner, "dashboard-stopped") == []


def test_a_missed_start_and_a_series_look_right(owner: Page, house: House, inside: Flask) -> None:
    rule = {"every": "week", "at": "10:00", "starts_on": "2026-01-01", "interval": 1, "weekdays": [1, 4]}
    rule |= {"monthdays": [], "until": None, "times": None}
    with inside.app_context():
        week = timedelta(days=7)
        series = of_the_house(
            name="Twice a week", status=CampaignStatus.SCHEDULED, recurrence=rule, scheduled_for=clock.now() + week
        )
        sentence = "Its time, Mon 5 Jan 10:00, passed while nothing was running here. Send it now, or choose another."
        missed = of_the_house(
            name="Twice a week, 5 Jan 2026",
            parent_id=series.id,
            occurrence_at=clock.now() - week,
            failure=sentence,
            window_opens=time(9),
            window_closes=time(21),
            weekdays=[1, 2, 3, 4, 5],
            weight=3,
        )
        factories.make_recipients(missed, 3, 919960000001)
        db.session.commit()
        addresses = {"series": series.public_id, "campaign-missed": missed.public_id}
    for name, public_id in addresses.items():
        owner.goto(f"{house.url}/campaigns/{public_id}")
        assert look_all_ways(owner, name) == []
    expect(owner.get_by_role("link", name="Choose another time")).to_be_visible()


def of_the_house(**columns: Any) -> Campaign:
    """A campaign of the house's number with its approved template."""
    approved = select(MessageTemplate).where(MessageTemplate.name == TEMPLATE, MessageTemplate.language == "en")
    return factories.make_campaign(db.session.scalars(approved).one(), target_type="imported", **columns)
