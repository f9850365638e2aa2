"""Real workers whose database goes away for a moment, who are told to stop, or who sleep through their leases."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter

import psycopg
import pytest
from flask import Flask
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.engine import make_url

from app.campaigns.jobs import tick as tick_of_sending
from app.campaigns.jobs.send import send_campaign
from app.campaigns.models import Campaign, CampaignStatus
from app.campaigns.service import lifecycle
from app.extensions import db, redis_connection
from app.messaging.engine import guard
from app.operations import tick
from app.shared import queues
from tests import factories
from tests.campaigns import workers
from tests.sandboxes import Sandbox

pytestmark = pytest.mark.slow


def sending(recipients: int, speed: int = 200) -> Campaign:
    campaign = factories.make_campaign(status=CampaignStatus.SENDING, target_type="imported")
    campaign.channel.messages_per_second = speed
    factories.make_recipients(campaign, recipients)
    db.session.commit()
    return campaign


def wait_for_messages(number: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if db.session.scalar(text("SELECT count(*) FROM messages")) >= number:
            db.session.rollback()
            return
        db.session.rollback()
        time.sleep(0.05)
    raise AssertionError("nothing was sent")


def wait_until_completed(campaign: Campaign) -> None:
    """As the scheduler does: whoever lost the slot does not close the campaign."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and campaign.status is not CampaignStatus.COMPLETED:
        tick.attend_campaigns()
        time.sleep(0.5)
        db.session.expire_all()


def states() -> Counter[str]:
    rows = db.session.execute(text("SELECT state, count(*) FROM messages GROUP BY state")).all()
    db.session.rollback()
    return Counter(dict(rows))


def freeze_between_transactions(family: list[int]) -> None:
    """Stop these processes at a moment when they lock nothing that the test wants to change."""
    busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE '%in transaction%'"
    while True:
        for pid in family:
            os.kill(pid, signal.SIGSTOP)
        is_busy = db.session.scalar(text(f"{busy} AND pid <> pg_backend_pid()"))
        db.session.rollback()
        if not is_busy:
            return
        for pid in family:
            os.kill(pid, signal.SIGCONT)
        time.sleep(0.02)


def outage(environment: dict[str, str], seconds: float) -> None:
    """The database takes nobody and drops everybody, for a while."""
    url = make_url(environment["DATABASE_URL"])
    name = url.database or ""
    db.session.remove()
    db.engine.dispose()
    admin = url.set(database="postgres", drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        allow = sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}")
        connection.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        try:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
            time.sleep(seconds)
        finally:
            connection.execute(allow.format(sql.Identifier(name), sql.SQL("true")))


def test_answers_that_come_while_the_database_is_away_are_not_forgotten(
    app: Flask, sandbox: Sandbox, worker_environment: dict[str, str]
) -> None:
    sandbox.control("PUT", "config", latency_ms=1500)
    campaign = sending(60)
    queues.ring(queues.SENDS, send_campaign, campaign.id)
    with workers.running(worker_environment, 1, queues.SENDS):
        wait_for_messages(25)
        outage(worker_environment, 3)
        time.sleep(4)
    sent = len(sandbox.control("GET", "messages?limit=10000")["messages"])
    assert states()["accepted"] == sent


def test_told_to_stop_it_ends_within_20_seconds_and_leaves_nothing_in_doubt(
    app: Flask, sandbox: Sandbox, worker_environment: dict[str, str]
) -> None:
    sandbox.control("PUT", "config", latency_ms=1000)
    campaign = sending(2000)
    queues.ring(queues.SENDS, send_campaign, campaign.id)
    worker = workers.start(worker_environment, queues.SENDS)
    try:
        wait_for_messages(25)
        started = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        worker.wait(40)
        took = time.monotonic() - started
        assert states()["sending"] == 0
        assert took < 20
    finally:
        workers.kill(worker)


def test_told_to_stop_it_ends_within_20_seconds_even_if_meta_hangs(
    app: Flask, sandbox: Sandbox, worker_environment: dict[str, str]
) -> None:
    sandbox.control("PUT", "config", faults={"hang_rate": 1.0})
    campaign = sending(500)
    queues.ring(queues.SENDS, send_campaign, campaign.id)
    worker = workers.start(worker_environment, queues.SENDS)
    try:
        wait_for_messages(25)
        started = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        worker.wait(40)
        assert time.monotonic() - started < 20
        assert states() == {"sending": 25}  # under their leases: nobody knows
        assert queues.has_waiting()  # somebody else goes on with the rest
    finally:
        workers.kill(worker)
        sandbox.control("PUT", "config", faults={"hang_rate": 0.0})


def test_told_to_stop_it_claims_nothing_more(app: Flask, sandbox: Sandbox, worker_environment: dict[str, str]) -> None:
    sandbox.control("PUT", "config", latency_ms=50)
    campaign = sending(2000)
    queues.ring(queues.SENDS, send_campaign, campaign.id)
    worker = workers.start(worker_environment, queues.SENDS)
    try:
        wait_for_messages(25)
        worker.send_signal(signal.SIGTERM)
        worker.wait(20)
        assert sum(states().values()) < 1000
        assert states().keys() == {"accepted"}
    finally:
        workers.kill(worker)


def test_a_pause_stops_it_within_two_seconds_at_80_a_second(
    app: Flask, sandbox: Sandbox, worker_environment: dict[str, str]
) -> None:
    sandbox.control("PUT", "config", latency_ms=150)
    campaign = sending(2000, speed=80)
    queues.ring(queues.SENDS, send_campaign, campaign.id)
    with workers.running(worker_environment, 1, queues.SENDS):
        wait_for_messages(100)
        lifecycle.pause(lifecycle.locked(campaign.id))
        db.session.commit()
        paused_at = time.time()
        time.sleep(4)
    sent = [m["accepted_at"] for m in sandbox.control("GET", "messages?limit=10000")["messages"]]
    assert max(sent) < paused_at + 2
    assert states().keys() == {"accepted"}


def test_an_unreachable_meta_slows_the_channel_down(app: Flask, nobody: None) -> None:
    campaign = sending(40, speed=100)
    send_campaign(campaign.id)
    assert float(redis_connection().hget(f"throttle:channel:{campaign.channel_id}", "share")) < 1


def test_one_who_is_frozen_in_a_claim_holds_the_others_up_for_seconds_only(
    app: Flask, sandbox: Sandbox, worker_environment: dict[str, str]
) -> None:
    campaign = sending(60)
    guard.hold(campaign.channel.portfolio_id)
    db.session.commit()
    frozen = db.engine.connect()
    frozen.execute(tick_of_sending._HABITS)
    frozen.commit()
    frozen.execute(text("SELECT FROM limit_guards FOR UPDATE"))
    with workers.running(worker_environment, 1, queues.SENDS):
        for _ in range(40):
            queues.ring(queues.SENDS, send_campaign, campaign.id)
            time.sleep(1)
            if states():
                break
    frozen.invalidate()
    assert states()


def test_one_who_slept_through_the_lease_sends_nothing_twice_and_loses_nobody(
    app: Flask, sandbox: Sandbox, worker_environment: dict[str, str]
) -> None:
    sandbox.control("PUT", "config", latency_ms=800)
    campaign = sending(40)
    queues.ring(queues.SENDS, send_campaign, campaign.id)
    sleeper = workers.start(worker_environment, queues.SENDS)
    try:
        wait_for_messages(25)
        family = [sleeper.pid, *workers._children(sleeper.pid)]
        freeze_between_transactions(family)
        db.session.execute(text("UPDATE messages SET lease_until = now() - interval '1 s' WHERE state = 'sending'"))
        db.session.execute(text("UPDATE sending_slots SET lease_until = now() - interval '1 s'"))
        db.session.commit()
        tick.settle_expired_leases()
        with workers.running(worker_environment, 1, queues.SENDS):
            queues.ring(queues.SENDS, send_campaign, campaign.id)
            time.sleep(6)
            for pid in family:
                os.kill(pid, signal.SIGCONT)
            wait_until_completed(campaign)
        sent = Counter(m["to"] for m in sandbox.control("GET", "messages?limit=10000")["messages"])
        db.session.expire_all()
        assert max(sent.values()) == 1
        assert len(sent) + states()["unconfirmed"] >= 40
        assert db.session.get_one(Campaign, campaign.id).status is CampaignStatus.COMPLETED
    finally:
        workers.kill(sleeper)
