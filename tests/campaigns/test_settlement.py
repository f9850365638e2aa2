"""Answers and statuses that cross each other, limits and templates that change: nobody is lost or written to twice."""

from __future__ import annotations

import dataclasses
import time
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import text

from app.campaigns.jobs import send
from app.campaigns.models import Campaign, CampaignStatus, PauseReason, Recipient, RecipientState
from app.campaigns.service import dispatch, lifecycle, outcomes
from app.extensions import db
from app.messaging.engine import receipts
from app.messaging.engine.sender import Outcome, Verdict
from app.messaging.models import Message
from app.meta.errors import NOT_SENT
from app.meta.payloads import StatusEvent
from tests import factories
from tests.sandboxes import Sandbox

THROTTLED = 130429
FAILED_SOMEHOW = 131000


def sending(recipients: int, **columns: object) -> Campaign:
    campaign = factories.make_campaign(status=CampaignStatus.SENDING, target_type="imported", **columns)
    campaign.channel.messages_per_second = 1000
    factories.make_recipients(campaign, recipients)
    db.session.commit()
    return campaign


def claimed(campaign: Campaign) -> tuple[dispatch.Plan, int]:
    """One message of the campaign, on its way."""
    plan = dispatch.plan_of(campaign, None, "UTC")
    claim = dispatch.claim(plan, 1)
    db.session.commit()
    return plan, claim.outgoing[0].message_id


def settle(plan: dispatch.Plan, outcome: Outcome) -> None:
    outcomes.settle(plan, [outcome], {})
    db.session.commit()


def accepted(message_id: int) -> StatusEvent:
    public_id = str(db.session.get_one(Message, message_id).public_id)
    return StatusEvent(
        "wamid.late", public_id, "sent", datetime.now(UTC), None, None, None, None, None, None, None, None
    )


def test_it_leaves_nobody_pending_in_a_campaign_cancelled_while_their_message_was_throttled(app: Flask) -> None:
    campaign = sending(1)
    plan, message_id = claimed(campaign)
    lifecycle.cancel(lifecycle.locked(campaign.id))
    db.session.commit()
    settle(plan, Outcome(message_id, Verdict.REFUSED, code=THROTTLED))
    assert db.session.query(Recipient).filter_by(state=RecipientState.PENDING).count() == 0


def test_it_leaves_nobody_pending_in_a_campaign_that_completed_before_a_late_answer(app: Flask) -> None:
    campaign = sending(1)
    plan, message_id = claimed(campaign)
    db.session.execute(text("UPDATE messages SET lease_until = statement_timestamp() - interval '1 second'"))
    assert receipts.release_expired_leases() == 1
    assert lifecycle.complete_if_done(campaign.id)
    db.session.commit()
    settle(plan, Outcome(message_id, Verdict.NOT_SENT, code=NOT_SENT))
    db.session.expire_all()
    pending = db.session.query(Recipient).filter_by(state=RecipientState.PENDING).count()
    assert not (pending and db.session.get_one(Campaign, campaign.id).status is CampaignStatus.COMPLETED)


def test_a_status_stops_the_second_try_of_a_message_that_arrived_after_all(app: Flask) -> None:
    campaign = sending(1)
    plan, message_id = claimed(campaign)
    settle(plan, Outcome(message_id, Verdict.REFUSED, code=FAILED_SOMEHOW))
    receipts.apply_statuses([accepted(message_id)])
    db.session.execute(text("UPDATE recipients SET due_at = now()"))
    db.session.commit()
    assert dispatch.claim(plan, 1).outgoing == []


def test_it_pauses_at_a_limit_of_zero(sandbox: Sandbox, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = dataclasses.replace(app.extensions["bulbul_config"], daily_limit=0)
    monkeypatch.setitem(app.extensions, "bulbul_config", settings)
    campaign = sending(2)
    send.send_campaign(campaign.id)
    db.session.expire_all()
    assert db.session.get_one(Campaign, campaign.id).pause_reason is PauseReason.MESSAGING_LIMIT


def test_a_slow_campaign_does_not_hold_its_worker_longer_than_a_tick(sandbox: Sandbox) -> None:
    campaign = sending(3, rate_limit=2)
    started = time.monotonic()
    send.send_campaign(campaign.id)
    assert time.monotonic() - started < send.TICK_SECONDS + 2


def test_a_slow_campaign_keeps_its_slot_while_it_waits(sandbox: Sandbox, app: Flask) -> None:
    campaign = sending(3, rate_limit=5)
    stops: list[object] = []
    original = send._tick

    def spied(*arguments: object) -> object:
        stops.append(original(*arguments))  # type: ignore[arg-type]
        return stops[-1]

    send._tick = spied  # type: ignore[assignment]
    try:
        send.send_campaign(campaign.id)
    finally:
        send._tick = original
    assert stops == [send.Stop.TIME]


def test_a_template_that_meta_paused_meanwhile_is_not_sent(sandbox: Sandbox) -> None:
    campaign = sending(2)
    campaign.template.status = "PAUSED"
    db.session.commit()
    send.send_campaign(campaign.id)
    assert sandbox.control("GET", "messages")["messages"] == []
