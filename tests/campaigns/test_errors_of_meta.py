"""Meta's errors as the sandbox makes them, in answers and in webhooks: what a campaign does, and how it heals."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import responses
from flask import Flask
from sqlalchemy import select

from app.auth import workspace
from app.campaigns.jobs import heed, one_message, send
from app.campaigns.models import Campaign, CampaignStatus, PauseReason, Recipient, RecipientState
from app.campaigns.queries import figures
from app.campaigns.service import recount
from app.channels import changes, service
from app.channels.jobs import refresh_channel
from app.channels.models import Alert
from app.channels.queries import transport_for
from app.config import Config
from app.customers.models import ConsentEntry, Customer
from app.extensions import db
from app.messaging import jobs as messaging
from app.messaging.engine import direct, replies
from app.messaging.models import Conversation, Message
from app.operations import tick
from app.shared import clock
from app.webhooks import jobs
from app.webhooks.inbox import the_inbox
from tests import factories
from tests.campaigns.failing import only, sending
from tests.sandbox.programs import Receiver
from tests.sandboxes import Sandbox

PAUSED = CampaignStatus.PAUSED


@pytest.fixture
def told(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """Where the sandbox posts, quickly."""
    monkeypatch.setattr(jobs, "QUIET", 0.02)
    receiver = Receiver()
    receiver.open()
    sandbox.control("PUT", "config", webhooks={"url": receiver.url}, statuses={"delay_ms": 20, "read_rate": 0})
    yield receiver
    receiver.close()


def digested(receiver: Receiver, statuses: int) -> None:
    """Wait for so many statuses and digest them."""
    deadline = time.monotonic() + 10
    while len(receiver.statuses()) < statuses:
        assert time.monotonic() < deadline, receiver.statuses()
        time.sleep(0.02)
    for post in receiver.posts:
        the_inbox().keep(post.raw)
    jobs.digest_events()
    heed.heed_failures()
    db.session.expire_all()


def sent(code: int, recipients: int = 1, **columns: object) -> Campaign:
    """A campaign whose first recipient's number ends in this error code, after a tick."""
    campaign = sending(recipients, first_phone=int(f"919800{code}"), **columns)
    send.send_campaign(campaign.id)
    db.session.expire_all()
    return campaign


@pytest.mark.parametrize("code", [130429, 131056, 131000, 131016])
def test_a_passing_refusal_waits_for_another_attempt(sandbox: Sandbox, code: int) -> None:
    campaign = sent(code)
    assert (campaign.status, only(Recipient).state) == (CampaignStatus.SENDING, RecipientState.PENDING)
    assert only(Recipient).due_at > clock.now() + timedelta(seconds=40)
    assert recount.differences() == []


@pytest.mark.parametrize("code", [130472, 131047, 132000, 131009])
def test_a_final_refusal_fails_with_its_reason(sandbox: Sandbox, code: int) -> None:
    campaign = sent(code)
    assert (campaign.status, figures.of(campaign.id).failed) == (CampaignStatus.COMPLETED, 1)
    assert only(Message).error_code == code


@pytest.mark.parametrize(
    ("code", "reason"), [(131042, "account_blocked"), (131031, "account_blocked"), (132016, "template_paused")]
)
def test_a_refusal_for_everybody_pauses_and_nobody_loses_their_turn(sandbox: Sandbox, code: int, reason: str) -> None:
    campaign = sent(code)
    assert (campaign.status, campaign.pause_reason) == (PAUSED, PauseReason(reason))
    assert only(Recipient).state is RecipientState.PENDING
    assert only(Alert).details


@pytest.mark.parametrize(("code", "wait"), [(131026, 48), (131049, 86_400)])
def test_a_failure_told_later_is_tried_again_by_the_table(
    sandbox: Sandbox, told: Receiver, code: int, wait: float
) -> None:
    campaign = sent(code)
    assert campaign.status is CampaignStatus.COMPLETED
    digested(told, 1)
    assert (campaign.status, only(Recipient).state) == (CampaignStatus.SENDING, RecipientState.PENDING)
    assert only(Recipient).due_at >= clock.now() + timedelta(seconds=wait - 5)


def test_whoever_stopped_marketing_is_made_a_customer_and_opted_out(sandbox: Sandbox, told: Receiver) -> None:
    campaign = sent(131050)
    digested(told, 1)
    assert only(Customer).is_opted_out
    assert (figures.of(campaign.id).opted_out, db.session.query(ConsentEntry).count()) == (1, 1)


def test_a_file_that_meta_cannot_use_fails_later(sandbox: Sandbox, told: Receiver) -> None:
    campaign = sent(131053)
    digested(told, 1)
    assert (campaign.status, figures.of(campaign.id).failed) == (CampaignStatus.COMPLETED, 1)


# The token


def expired(sandbox: Sandbox, recipients: int) -> Campaign:
    """A campaign that met an expired token."""
    sandbox.control("PUT", "config", token_expired=True)
    campaign = sending(recipients)
    send.send_campaign(campaign.id)
    db.session.expire_all()
    assert campaign.pause_reason is PauseReason.ACCOUNT_BLOCKED
    return campaign


def ticked(campaign: Campaign) -> CampaignStatus:
    tick.heed_meta()
    db.session.expire_all()
    return campaign.status


def test_a_reading_that_succeeds_heals_an_expired_token(sandbox: Sandbox) -> None:
    campaign = expired(sandbox, 5)
    refresh_channel(campaign.channel_id)
    assert ticked(campaign) is PAUSED  # it still is
    sandbox.control("PUT", "config", token_expired=False)
    refresh_channel(campaign.channel_id)
    assert ticked(campaign) is CampaignStatus.SENDING
    send.send_campaign(campaign.id)
    assert len(sandbox.control("GET", "messages")["messages"]) == 5


def test_a_new_token_heals_it_and_the_same_one_does_not(sandbox: Sandbox, app: Flask) -> None:
    campaign = expired(sandbox, 1)
    channel, settings = campaign.channel, app.extensions["bulbul_config"]
    for token, status in ((channel.token, PAUSED), ("EAA-new", CampaignStatus.SENDING)):
        service.ensure_channel(_as_configured(settings, channel.phone_number_id, token))
        db.session.commit()
        assert ticked(campaign) is status


def test_a_new_token_does_not_unlock_an_account(sandbox: Sandbox, app: Flask) -> None:
    campaign = sent(131031)
    settings = app.extensions["bulbul_config"]
    service.ensure_channel(_as_configured(settings, campaign.channel.phone_number_id, "EAA-new"))
    db.session.commit()
    assert ticked(campaign) is PAUSED


def _as_configured(settings: Config, phone_id: str, token: str) -> Config:
    return dataclasses.replace(settings, phone_id=phone_id, access_token=token)


# Single messages


@pytest.fixture
def refusing() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as meta:
        yield meta


def refuses(meta: responses.RequestsMock, code: int) -> None:
    meta.add(responses.POST, re.compile(".*/messages"), json={"error": {"code": code, "message": "No"}}, status=400)


def single(phone: str = "+919800000001") -> None:
    """One template message to one customer, who agreed."""
    template = factories.make_template()
    factories.make_customer(phone=phone)
    db.session.commit()
    values = {"body.1": "Asha", "body.2": "Goa"}
    request = direct.Request(template.channel, template, phone, values, None, workspace.current().zone, None)
    one_message.send(request, transport_for(template.channel), "message.send")
    db.session.expire_all()


@pytest.mark.parametrize("code", [131042, 190])
def test_a_single_message_that_the_number_may_not_send_is_an_alert(
    app: Flask, refusing: responses.RequestsMock, code: int
) -> None:
    refuses(refusing, code)
    single()
    assert only(Alert).kind == changes.REFUSED
    assert only(Message).error_code == code


def test_a_single_message_refused_for_its_customer_s_sake_opts_them_out(
    app: Flask, refusing: responses.RequestsMock
) -> None:
    refuses(refusing, 131050)
    single()
    assert only(Customer).is_opted_out
    assert db.session.scalars(select(Alert)).all() == []


def test_a_reply_that_the_number_may_not_send_is_an_alert(app: Flask, refusing: responses.RequestsMock) -> None:
    refuses(refusing, 131031)
    channel, asha = factories.make_channel(), factories.make_customer()
    expires = datetime.now(UTC) + timedelta(hours=20)
    db.session.add(Conversation(channel_id=channel.id, customer_id=asha.id, window_expires_at=expires))
    message = replies.write_text(channel.id, asha, "Done.")
    db.session.commit()
    messaging.send_waiting(message.id)
    assert only(Alert).title.startswith("Meta refused to send: Meta locked the account")
