"""Campaigns that Meta stops, and that go on by themselves when it lets them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import responses
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.campaigns.jobs import send
from app.campaigns.models import Campaign, CampaignStatus, PauseReason
from app.campaigns.service import lifecycle
from app.channels import changes, service
from app.channels.models import Alert, Channel
from app.extensions import db
from app.message_templates import events
from app.message_templates import service as templates
from app.messaging.engine import direct
from app.messaging.models import Message
from app.meta.phone_numbers import PhoneNumber
from app.operations import tick
from app.shared import clock
from app.shared.errors import Refused
from tests import factories
from tests.sandboxes import Sandbox


@pytest.fixture
def campaign(app: Flask) -> Campaign:
    return sending(0)


def sending(recipients: int, **columns: Any) -> Campaign:
    columns = {"status": CampaignStatus.SENDING, "target_type": "imported"} | columns
    campaign = factories.make_campaign(**columns)
    campaign.channel.messages_per_second = 1000
    factories.make_recipients(campaign, recipients)
    db.session.commit()
    return campaign


def restrict(channel: Channel, days: float | None = None) -> None:
    now = clock.now()
    changes.restrict(
        channel, "DISABLED", "Meta disabled the account.", now, now + timedelta(days=days) if days else None
    )
    db.session.commit()


def ticked(campaign: Campaign) -> tuple[CampaignStatus, PauseReason | None]:
    tick.heed_meta()
    db.session.expire_all()
    return campaign.status, campaign.pause_reason


PAUSED_BY_TEMPLATE = (CampaignStatus.PAUSED, PauseReason.TEMPLATE_PAUSED)
PAUSED_BY_ACCOUNT = (CampaignStatus.PAUSED, PauseReason.ACCOUNT_BLOCKED)
SENDING = (CampaignStatus.SENDING, None)
NUMBER = ("1", None, None, "GREEN", "CONNECTED", None, None, "TIER_10K")


def listed(campaign: Campaign, **fields: Any) -> dict[str, Any]:
    """The campaign's template as Meta lists it."""
    template = campaign.template
    assert template is not None
    about = {"id": template.meta_id, "name": template.name, "language": template.language, "category": "MARKETING"}
    return about | {"status": "APPROVED", "components": template.components} | fields


def test_a_pause_that_only_the_sync_saw_stops_and_its_end_lets_go_on(campaign: Campaign) -> None:
    templates.sync(campaign.channel, [listed(campaign, status="PAUSED")], clock.now())
    assert ticked(campaign) == PAUSED_BY_TEMPLATE
    templates.sync(campaign.channel, [listed(campaign)], clock.now())
    assert ticked(campaign) == SENDING
    assert [event.after for event in events.history(campaign.template)] == ["APPROVED", "PAUSED"]


def test_a_restriction_ends_by_itself(campaign: Campaign) -> None:
    restrict(campaign.channel, days=1)
    assert ticked(campaign) == PAUSED_BY_ACCOUNT
    campaign.channel.restricted_until = clock.now() - timedelta(seconds=1)
    db.session.commit()
    assert ticked(campaign) == SENDING
    assert campaign.channel.restriction is None
    assert db.session.scalars(select(Alert).where(Alert.resolved_at.is_(None))).all() == []


def test_a_restriction_without_an_end_stays(campaign: Campaign) -> None:
    restrict(campaign.channel)
    assert ticked(campaign) == ticked(campaign) == PAUSED_BY_ACCOUNT


def test_what_was_paused_by_hand_stays_paused(campaign: Campaign) -> None:
    lifecycle.pause(campaign)
    restrict(campaign.channel)
    ticked(campaign)
    changes.lift(campaign.channel, "It is over.", clock.now() + timedelta(seconds=1))
    assert ticked(campaign) == (CampaignStatus.PAUSED, PauseReason.BY_HAND)


def test_nobody_resumes_what_meta_forbids_and_reads_why(campaign: Campaign) -> None:
    restrict(campaign.channel)
    ticked(campaign)
    with pytest.raises(Refused, match="Meta disabled the account"):
        lifecycle.resume(lifecycle.locked(campaign.id))


def test_nobody_resumes_a_stopped_template_and_reads_why(campaign: Campaign) -> None:
    campaign.template.status = "PENDING_DELETION"
    db.session.commit()
    ticked(campaign)
    with pytest.raises(Refused, match="is pending deletion; only approved ones can be sent"):
        lifecycle.resume(lifecycle.locked(campaign.id))


def test_nobody_starts_while_the_account_is_stopped(app: Flask) -> None:
    campaign = sending(1, status=CampaignStatus.READY)
    restrict(campaign.channel)
    with pytest.raises(Refused, match="Meta disabled the account"):
        lifecycle.launch(campaign)
    campaign.scheduled_for = clock.now() + timedelta(days=5)
    lifecycle.launch(campaign)
    assert campaign.status is CampaignStatus.SCHEDULED


@pytest.mark.parametrize("by", ["template", "account"])
def test_a_scheduled_one_waits_at_its_time_and_begins_when_it_may(app: Flask, by: str) -> None:
    campaign = sending(1, status=CampaignStatus.SCHEDULED, scheduled_for=clock.now())
    if by == "template":
        campaign.template.status = "PAUSED"
        db.session.commit()
    else:
        restrict(campaign.channel, days=1)
    tick.begin_due_campaigns()
    db.session.expire_all()
    assert (campaign.status, campaign.started_at) == (CampaignStatus.PAUSED, None)
    assert ticked(campaign) == (PAUSED_BY_TEMPLATE if by == "template" else PAUSED_BY_ACCOUNT)
    campaign.template.status = "APPROVED"
    changes.lift(campaign.channel, "It is over.", clock.now() + timedelta(seconds=1))
    db.session.commit()
    assert ticked(campaign) == SENDING
    assert campaign.started_at is not None


def test_the_limit_opens_nothing_that_meta_forbids(campaign: Campaign) -> None:
    lifecycle.pause(campaign, PauseReason.MESSAGING_LIMIT)
    campaign.template.status = "PAUSED"
    db.session.commit()
    tick.reopen_at_the_limit()
    assert ticked(campaign) == PAUSED_BY_TEMPLATE


def test_no_single_message_leaves_while_the_account_is_stopped(app: Flask) -> None:
    template = factories.make_template()
    restrict(template.channel)
    request = direct.Request(template.channel, template, "+919800000001", {}, None, "Asia/Kolkata", None, True)
    with pytest.raises(Refused, match="Meta disabled the account"):
        direct.prepare(request)


def test_the_page_of_a_stopped_campaign_refuses_with_the_sentence(
    client: FlaskClient, cast, campaign: Campaign
) -> None:
    restrict(campaign.channel)
    ticked(campaign)
    url = f"/campaigns/{campaign.public_id}/resume"
    assert "Meta disabled the account." in factories.login(client, cast.alice).post(url, follow_redirects=True).text


# What the sender meets


def one_that_gets(code: int) -> Campaign:
    """A campaign whose first message Meta refused with this code."""
    campaign = sending(1)
    error = {"error": {"code": code, "message": "No", "error_data": {"details": "Not now."}}}
    with responses.RequestsMock() as meta:
        meta.add(responses.POST, re.compile(".*/messages"), json=error, status=400)
        send.send_campaign(campaign.id)
    db.session.expire_all()
    return campaign


@pytest.mark.parametrize(("code", "reason"), [(132015, "template_paused"), (131031, "account_blocked")])
def test_a_refusal_for_everybody_stops_and_is_an_alert(app: Flask, code: int, reason: str) -> None:
    campaign = one_that_gets(code)
    assert (campaign.status, campaign.pause_reason) == (CampaignStatus.PAUSED, reason)
    assert db.session.scalars(select(Alert)).one().severity == "critical"
    assert ticked(campaign)[0] is CampaignStatus.PAUSED  # nobody has told that it is over


def test_somebody_may_try_again_after_such_a_refusal(app: Flask) -> None:
    campaign = one_that_gets(131031)
    lifecycle.resume(lifecycle.locked(campaign.id))
    assert campaign.status is CampaignStatus.SENDING


def test_a_reading_that_says_all_is_well_lets_go_on_after_a_refusal(app: Flask) -> None:
    campaign = one_that_gets(131031)
    service.record_reading(campaign.channel, PhoneNumber(*NUMBER, "AVAILABLE", ()), clock.now())
    db.session.commit()
    assert ticked(campaign) == SENDING


def test_a_sync_that_says_approved_lets_go_on_after_a_refusal(app: Flask) -> None:
    campaign = one_that_gets(132015)
    templates.sync(campaign.channel, [listed(campaign)], clock.now() - timedelta(minutes=5))
    assert ticked(campaign) == PAUSED_BY_TEMPLATE  # read before the refusal
    templates.sync(campaign.channel, [listed(campaign)], clock.now())
    assert ticked(campaign) == SENDING


def test_a_number_read_as_blocked_stops_until_it_is_read_as_well_again(campaign: Campaign) -> None:
    service.record_reading(campaign.channel, PhoneNumber(*NUMBER, "BLOCKED", ("No payment method.",)), clock.now())
    db.session.commit()
    assert ticked(campaign) == PAUSED_BY_ACCOUNT
    service.record_reading(campaign.channel, PhoneNumber(*NUMBER, "AVAILABLE", ()), clock.now())
    db.session.commit()
    assert ticked(campaign) == SENDING


# The limit and the way


def test_a_lowered_limit_holds_within_a_second(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = sending(300)
    campaign.channel.messages_per_second = 50
    db.session.commit()
    claimed, claim = [0], send.dispatch.claim

    def lowering(*arguments: Any) -> Any:
        claimed[0] += 1
        if claimed[0] == 3:  # a webhook comes in while the tick is under way
            with db.engine.begin() as elsewhere:
                elsewhere.exec_driver_sql("UPDATE channels SET tier = 'TIER_50'")
        return claim(*arguments)

    monkeypatch.setattr(send.dispatch, "claim", lowering)
    send.send_campaign(campaign.id)
    assert db.session.query(Message).count() <= 150
    assert ticked(campaign) == (CampaignStatus.PAUSED, PauseReason.MESSAGING_LIMIT)


@pytest.mark.parametrize(("category", "door"), [("MARKETING", "marketing_messages"), ("UTILITY", "messages")])
@responses.activate
def test_marketing_leaves_the_way_the_channel_says(app: Flask, category: str, door: str) -> None:
    campaign = sending(1)
    campaign.channel.uses_marketing_service, campaign.template.category = True, category
    db.session.commit()
    answer = {"messages": [{"id": "wamid.1"}], "contacts": [{"wa_id": "919800000001"}]}
    responses.add(responses.POST, re.compile(f".*/{campaign.channel.phone_number_id}/{door}(\\?|$)"), json=answer)
    send.send_campaign(campaign.id)
    db.session.expire_all()
    assert [(message.wamid, message.error_message) for message in db.session.query(Message)] == [("wamid.1", None)]
