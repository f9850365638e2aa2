"""Buttons for what only a person may decide: failures tried again, messages in doubt taken for sent or sent again."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.auth.models import AuditEntry
from app.campaigns.models import Campaign, CampaignStatus, Recipient, RecipientState
from app.campaigns.queries import figures
from app.extensions import db
from app.messaging.models import Message, MessageState
from app.shared import clock
from tests import factories
from tests.campaigns.test_engine_pages import read, tried
from tests.campaigns.wizards import Browser, browser_of, fresh, page

LONG = timedelta(minutes=16)


@pytest.fixture
def mona(app: Flask, cast: SimpleNamespace) -> Browser:
    return browser_of(app, cast.mona)


def failed(*codes: int, **columns: Any) -> Campaign:
    """A campaign whose messages failed with these codes two days ago."""
    long_ago = clock.now() - timedelta(days=2)
    fields: dict[str, Any] = {"status": CampaignStatus.COMPLETED, "completed_at": long_ago} | columns
    campaign = factories.make_campaign(**fields)
    for recipient, code in zip(factories.make_recipients(campaign, len(codes)), codes, strict=True):
        tried(recipient, code, failed_at=long_ago, created_at=long_ago)
    return campaign


def doubtful(*ages: timedelta, **columns: Any) -> Campaign:
    """A campaign with a message in doubt for each of these times."""
    fields: dict[str, Any] = {"status": CampaignStatus.COMPLETED, "completed_at": clock.now()} | columns
    campaign = factories.make_campaign(**fields)
    for recipient, age in zip(factories.make_recipients(campaign, len(ages)), ages, strict=True):
        tried(recipient, None, MessageState.UNCONFIRMED, created_at=clock.now() - age)
    return campaign


def ids(campaign: Campaign) -> list[int]:
    mine = select(Recipient.id).where(Recipient.campaign_id == campaign.id).order_by(Recipient.position)
    return list(db.session.scalars(mine))


def deeds() -> list[tuple[str, object]]:
    """What the audit log has of decisions, and for how many."""
    rows = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(row.action, row.details["number"]) for row in rows if "number" in row.details]


def test_it_says_how_many_another_attempt_can_reach_and_whom_not(mona: Browser) -> None:
    shown = read(mona, page(failed(131000, 131000, 131049, 131026, 132000), "/reasons"))
    assert "3 of 5 can be reached by another attempt; all others would fail again. Retry failed" in shown
    assert re.search("got much marketing lately.*Another attempt can succeed 24 hours after the failure", shown)
    assert re.search("This phone cannot get the message.*Another attempt would fail again", shown)


def test_where_nobody_can_be_reached_no_button_is_offered(mona: Browser) -> None:
    shown = read(mona, page(failed(131026), "/reasons"))
    assert "Another attempt would fail again for everybody here." in shown
    assert "Retry failed" not in shown


def test_a_cancelled_campaign_tries_nobody_again(mona: Browser) -> None:
    campaign = failed(131000, status=CampaignStatus.CANCELLED)
    assert "another attempt" not in read(mona, page(campaign, "/reasons")).lower()
    mona.post(page(campaign, "/retry"))
    assert fresh(campaign).status is CampaignStatus.CANCELLED
    assert deeds() == []


def test_failures_are_tried_again_once_however_often_pressed(mona: Browser) -> None:
    campaign = failed(131000, 131026)
    mona.post(page(campaign, "/retry"))
    mona.post(page(campaign, "/retry"))
    assert deeds() == [("campaign.retry_failed", 1)]
    assert fresh(campaign).status is CampaignStatus.SENDING
    assert (figures.of(campaign.id).pending, figures.of(campaign.id).failed) == (1, 1)
    shown = read(mona, page(campaign))
    assert "1 message will be tried again." in shown
    assert "Every failed message would fail again" in shown


@pytest.mark.parametrize("deed", ["assume-sent", "send-again"])
def test_all_in_doubt_are_decided_at_once(mona: Browser, deed: str) -> None:
    campaign = doubtful(LONG, LONG, timedelta(minutes=14))
    assert "Send the message to all 2 again? Whoever has it already gets it twice." in mona.get(page(campaign)).text
    mona.post(page(campaign, f"/people/{deed}"), all="yes")
    mona.post(page(campaign, f"/people/{deed}"), all="yes")
    assert deeds() == [(f"campaign.{deed.replace('-', '_')}", 2)]
    now = figures.of(fresh(campaign).id)
    assert (now.unconfirmed, now.accepted + now.pending) == (1, 2)


def test_a_cancelled_campaign_sends_nothing_again(mona: Browser) -> None:
    campaign = doubtful(LONG, status=CampaignStatus.CANCELLED)
    assert "Send again" not in read(mona, page(campaign, "/live"))
    mona.post(page(campaign, "/people/assume-sent"), all="yes")
    assert (figures.of(campaign.id).accepted, fresh(campaign).status) == (1, CampaignStatus.CANCELLED)


def test_only_who_is_in_doubt_for_long_can_be_ticked(mona: Browser) -> None:
    campaign = doubtful(LONG, timedelta(minutes=14))
    first, second = ids(campaign)
    shown = mona.get(page(campaign, "/people?status=unconfirmed")).text
    assert f'name="recipient" value="{first}"' in shown
    assert f'name="recipient" value="{second}"' not in shown


def test_those_ticked_are_decided_and_nobody_else(mona: Browser) -> None:
    campaign = doubtful(LONG, LONG, LONG)
    first, _, third = ids(campaign)
    mona.post(page(campaign, "/people/send-again"), recipient=[first, third])
    assert deeds() == [("campaign.send_again", 2)]
    waiting = select(Recipient.id).where(Recipient.state == RecipientState.PENDING).order_by(Recipient.id)
    assert db.session.scalars(waiting).all() == [first, third]
    assert fresh(campaign).status is CampaignStatus.SENDING


def test_one_person_is_decided_on_their_own_page(mona: Browser) -> None:
    campaign = doubtful(LONG, LONG)
    path = page(campaign, f"/people/{ids(campaign)[0]}")
    assert "Send the message to this person again?" in mona.get(path).text
    answer = mona.post(page(campaign, "/people/assume-sent"), person=ids(campaign)[0])
    assert answer.headers["Location"] == path
    shown = read(mona, path)
    assert "somebody decided that it was sent" in shown
    assert "Send again" not in shown
    assert fresh(campaign).status is CampaignStatus.COMPLETED


@pytest.mark.parametrize("given", [{}, {"recipient": "x"}, {"recipient": str(10**30)}, {"recipient": "-1"}])
def test_with_nobody_ticked_nothing_is_done(mona: Browser, given: dict[str, str]) -> None:
    campaign = doubtful(LONG)
    assert mona.post(page(campaign, "/people/send-again"), **given).status_code == 302
    assert "Tick somebody first." in read(mona, page(campaign))
    assert figures.of(campaign.id).unconfirmed == 1


def test_a_recipient_of_another_campaign_is_left_alone(mona: Browser) -> None:
    mine = doubtful(LONG)
    other = factories.make_campaign(mine.template, status=CampaignStatus.COMPLETED)
    (stranger,) = factories.make_recipients(other, 1, first_phone=919900000001)
    tried(stranger, None, MessageState.UNCONFIRMED, created_at=clock.now() - LONG)
    mona.post(page(mine, "/people/send-again"), recipient=stranger.id)
    assert deeds() == []
    assert db.session.get_one(Message, stranger.message_id).state is MessageState.UNCONFIRMED


@pytest.mark.parametrize("who", ["bob", "vera"])
@pytest.mark.parametrize("deed", ["retry", "people/assume-sent", "people/send-again"])
def test_agents_and_viewers_decide_nothing(app: Flask, cast: SimpleNamespace, who: str, deed: str) -> None:
    browser, campaign = browser_of(app, getattr(cast, who)), doubtful(LONG)
    assert browser.post(page(campaign, f"/{deed}"), all="yes").status_code == 403
    assert "<form" not in browser.get(page(campaign, "/live")).text
    assert "checkbox" not in browser.get(page(campaign, "/people?status=unconfirmed")).text
