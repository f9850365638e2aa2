"""Workers that die and workers that crowd: nobody gets a message twice, the limit holds, every campaign ends."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from app.campaigns.jobs.send import send_campaign
from app.campaigns.models import Campaign, CampaignStatus, PauseReason, Recipient, RecipientState
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.messaging.models import Message, MessageState
from app.operations import tick
from app.shared import queues
from tests import factories
from tests.campaigns import workers
from tests.sandboxes import Sandbox

pytestmark = pytest.mark.slow

STEPS = (tick.settle_expired_leases, tick.attend_campaigns)


def tick_until(done: Callable[[], bool], seconds: float) -> None:
    """Be the scheduler until something is so."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not end in time"
        let_old_leases_run_out()
        for step in STEPS:
            step()
        time.sleep(0.2)
        db.session.rollback()


def let_old_leases_run_out() -> None:
    """Let time pass for messages in flight since over ten seconds: with answers in 80 ms, their sender is dead."""
    db.session.execute(
        text(
            """UPDATE messages SET lease_until = statement_timestamp() - interval '1 second'
               WHERE state = 'sending' AND lease_until < statement_timestamp() + interval '110 seconds'"""
        )
    )
    db.session.commit()


def sending(recipients: int, first_phone: int, template: MessageTemplate | None = None, speed: int = 200) -> Campaign:
    campaign = factories.make_campaign(template, status=CampaignStatus.SENDING, target_type="imported")
    campaign.channel.messages_per_second = speed
    factories.make_recipients(campaign, recipients, first_phone=first_phone)
    db.session.commit()
    return campaign


def truth(sandbox: Sandbox) -> Counter[str]:
    return Counter(message["to"] for message in sandbox.control("GET", "messages?limit=10000")["messages"])


def counters_equal_rows() -> bool:
    counted = db.session.execute(
        text("SELECT sum(total), sum(pending), sum(accepted), sum(unconfirmed), sum(sending) FROM campaign_progress")
    ).one()
    rows = db.session.execute(
        text(
            """SELECT count(*), count(*) FILTER (WHERE r.state = 'pending'),
                      count(*) FILTER (WHERE m.state = 'accepted'),
                      count(*) FILTER (WHERE m.state = 'unconfirmed'), count(*) FILTER (WHERE m.state = 'sending')
               FROM recipients r LEFT JOIN messages m ON m.id = r.message_id AND r.state = 'handed'"""
        )
    ).one()
    return tuple(counted) == tuple(rows)


def test_ten_kills_double_nothing_and_the_campaign_ends(
    app: Flask, sandbox: Sandbox, worker_environment: dict[str, str]
) -> None:
    sandbox.control("PUT", "config", latency_ms=80)
    campaign = sending(900, 919800000001)
    queues.ring(queues.SENDS, send_campaign, campaign.id)
    chance = random.Random(11)
    with workers.running(worker_environment, 2, queues.SENDS) as crew:
        for _ in range(10):
            time.sleep(chance.uniform(0.6, 1.4))
            victim = chance.randrange(len(crew))
            workers.kill(crew[victim])
            crew[victim] = workers.start(worker_environment, queues.SENDS)
            for step in STEPS:
                step()
            db.session.rollback()

        def is_done() -> bool:
            db.session.expire_all()
            return db.session.get(Campaign, campaign.id).status is CampaignStatus.COMPLETED

        tick_until(is_done, 90)
    sent = truth(sandbox)
    assert max(sent.values()) == 1
    left = db.session.query(Message).filter_by(state=MessageState.UNCONFIRMED).count()
    assert db.session.query(Recipient).filter_by(state=RecipientState.HANDED).count() == 900
    assert len(sent) + left >= 900
    assert left <= 10 * 10
    assert counters_equal_rows()


def test_eight_workers_on_two_campaigns_send_exactly_what_campaigns_may(
    app: Flask, sandbox: Sandbox, worker_environment: dict[str, str]
) -> None:
    first = sending(500, 919800000001)
    second = sending(500, 919800010001, first.template)
    environment = worker_environment | {"WHATSAPP_DAILY_LIMIT": "200"}

    def both_wait() -> bool:
        db.session.expire_all()
        return all(
            db.session.get(Campaign, campaign.id).pause_reason is PauseReason.MESSAGING_LIMIT
            for campaign in (first, second)
        )

    with workers.running(environment, 8, queues.SENDS):
        tick_until(both_wait, 60)
    assert truth(sandbox).total() == 190  # of 200: a reserve of 5 % is kept for replies
    assert first.resumes_at is not None
    assert second.resumes_at is not None
    assert counters_equal_rows()
