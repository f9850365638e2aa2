"""Failed attempts are made again by the table, each as a message of its own; what fails too much stops."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.campaigns.models import Campaign, CampaignStatus, PauseReason, Recipient, RecipientState
from app.campaigns.queries import figures
from app.campaigns.service import circuit, lifecycle, recount, stops
from app.channels.models import Alert
from app.extensions import db
from app.messaging.models import Message, MessageState, WaitReason
from app.operations import tick
from app.shared import clock
from tests import factories
from tests.campaigns.failing import claimed, everybody_is_due, only, pending, refused, sending, taken, told

TOO_FAST, PASSING, OFF, ENOUGH, WRONG = 130429, 131016, 131026, 131049, 132000


def waits_about(minutes: float) -> bool:
    wait = only(Recipient).due_at - clock.now()
    return timedelta(minutes=0.78 * minutes) < wait < timedelta(minutes=1.21 * minutes)


def test_every_attempt_is_a_row_and_only_the_last_one_counts(app: Flask) -> None:
    campaign = sending(1)
    for _ in range(3):
        refused(campaign, claimed(campaign), TOO_FAST)
        everybody_is_due()
    taken(campaign, claimed(campaign))
    attempts = [(message.state, message.is_superseded) for message in db.session.query(Message).order_by(Message.id)]
    assert attempts == [(MessageState.FAILED, True)] * 3 + [(MessageState.ACCEPTED, False)]
    assert (only(Recipient).retry_count, figures.of(campaign.id).accepted) == (3, 1)
    assert recount.differences() == []


def test_the_pause_doubles_with_each_attempt(app: Flask) -> None:
    campaign = sending(1)
    for minutes in (1, 2, 4):
        refused(campaign, claimed(campaign), PASSING)
        assert waits_about(minutes)
        assert (only(Recipient).waits_for, figures.of(campaign.id).waiting) == (WaitReason.RETRY, 1)
        everybody_is_due()


def test_a_passing_trouble_is_final_after_the_campaign_s_retries(app: Flask) -> None:
    campaign = sending(1, max_retries=1)
    refused(campaign, claimed(campaign), PASSING)
    everybody_is_due()
    refused(campaign, claimed(campaign), PASSING)
    assert (only(Recipient).state, pending()) == (RecipientState.HANDED, 0)
    assert lifecycle.complete_if_done(campaign.id)


@pytest.mark.parametrize(("retry_failed", "attempts"), [(True, 4), (False, 1)])
def test_a_phone_out_of_reach_is_tried_as_the_campaign_says(app: Flask, retry_failed: bool, attempts: int) -> None:
    campaign = sending(1, retry_failed=retry_failed)
    for _ in range(attempts):
        refused(campaign, claimed(campaign), OFF)
        everybody_is_due()
    assert (pending(), db.session.query(Message).count()) == (0, attempts)


def test_enough_marketing_waits_a_day(app: Flask) -> None:
    campaign = sending(1)
    refused(campaign, claimed(campaign), ENOUGH)
    assert only(Recipient).due_at > clock.now() + timedelta(hours=23, minutes=59)
    assert claimed(campaign) == []


# What concerns everybody


def open_alerts() -> list[Alert]:
    db.session.expire_all()
    return list(db.session.scalars(select(Alert).where(Alert.resolved_at.is_(None)).order_by(Alert.id)))


@pytest.mark.parametrize("code", [131031, 368, 131042, 190, 10])
def test_a_number_that_may_not_send_stops_all_its_campaigns_and_says_what_to_do(app: Flask, code: int) -> None:
    campaign = sending(2)
    other = factories.make_campaign(campaign.template, status=CampaignStatus.SENDING)
    db.session.commit()
    trouble = refused(campaign, claimed(campaign), code)
    assert trouble == (PauseReason.ACCOUNT_BLOCKED, code)
    stops.refused(campaign.id, *trouble)
    db.session.commit()
    assert [it.pause_reason for it in (campaign, other)] == [PauseReason.ACCOUNT_BLOCKED] * 2
    assert pending() == 2
    (alert,) = open_alerts()
    assert alert.title.startswith("Meta refused to send: ")
    assert alert.details.endswith(".")


# The circuit breaker


def finished(campaign: Campaign, failed: int, fine: int, code: int = 130472) -> None:
    """So many messages that ended, the failed ones last."""
    rows = [{"state": "accepted", "rank": 10}] * fine + [{"state": "failed", "rank": 20, "error_code": code}] * failed
    for row in rows:
        db.session.add(Message(channel_id=campaign.channel_id, campaign_id=campaign.id, type="template", **row))
    db.session.commit()


def test_too_many_failures_pause_the_campaign_and_say_which_and_what_helps(app: Flask) -> None:
    campaign = sending(2)
    finished(campaign, failed=19, fine=75)
    assert refused(campaign, claimed(campaign), 130472) == (PauseReason.TOO_MANY_ERRORS, 130472)
    stops.refused(campaign.id, PauseReason.TOO_MANY_ERRORS, 130472)
    db.session.commit()
    assert (campaign.status, campaign.pause_reason) == (CampaignStatus.PAUSED, PauseReason.TOO_MANY_ERRORS)
    (alert,) = open_alerts()
    assert "paused itself because too many of its messages failed. Meta keeps this customer out" in alert.title
    assert alert.details.startswith("Use another way to reach them.")


def test_whoever_resumes_starts_the_count_anew_and_ends_the_alert(app: Flask) -> None:
    campaign = sending(3)
    finished(campaign, failed=20, fine=75)
    stops.refused(campaign.id, PauseReason.TOO_MANY_ERRORS, 130472)
    tick.heed_meta()
    assert len(open_alerts()) == 1  # not healed by time
    lifecycle.resume(lifecycle.locked(campaign.id))
    db.session.commit()
    assert refused(campaign, claimed(campaign), 130472) is None
    tick.heed_meta()
    assert open_alerts() == []


def test_twenty_wrong_payloads_in_a_row_stop_also_where_no_share_was_asked_for(app: Flask) -> None:
    campaign = sending(21, max_failure_share=None)
    assert refused(campaign, claimed(campaign, 19), WRONG) is None
    assert refused(campaign, claimed(campaign, 1), WRONG) == (PauseReason.TOO_MANY_ERRORS, WRONG)


def test_attempts_that_were_made_again_are_no_failures(app: Flask) -> None:
    campaign = sending(60, max_retries=9)
    refused(campaign, claimed(campaign, 60), PASSING)
    assert circuit.trouble(campaign.id) is None


def test_the_look_at_the_latest_does_not_grow_with_the_campaign(app: Flask) -> None:
    campaign = sending(0)
    newer = factories.make_campaign(campaign.template)
    rows = "SELECT 'template', :channel, CAST(:campaign AS bigint), 'out', 'accepted', gen_random_uuid()"
    rows = f"{rows} FROM generate_series(1, 20000)"
    fill = f"INSERT INTO messages (type, channel_id, campaign_id, direction, state, public_id) {rows}"
    for one in (campaign, newer):
        db.session.execute(text(fill), {"channel": campaign.channel_id, "campaign": one.id})
    db.session.execute(text("ANALYZE messages"))
    asked: dict[str, Any] = {"campaign": campaign.id, "through": circuit.LOOKED_THROUGH, "latest": circuit.LATEST}
    explained = db.session.execute(
        text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {circuit._LATEST}"), asked
    ).scalar_one()
    assert "ix_messages_campaign" in str(explained)
    assert explained[0]["Plan"]["Shared Hit Blocks"] < 500


# Late news of an attempt that was given up


@pytest.mark.parametrize("word", ["sent", "delivered", "read"])
def test_news_of_an_arrival_cancel_the_next_attempt(app: Flask, word: str) -> None:
    campaign = sending(1)
    (message_id,) = claimed(campaign)
    refused(campaign, [message_id], PASSING)
    told([message_id], word)
    everybody_is_due()
    assert claimed(campaign) == []
    assert (only(Recipient).state, only(Message).is_superseded) == (RecipientState.HANDED, False)
    assert only(Message).error_code is None
    assert recount.differences() == []


def test_the_same_refusal_told_once_more_does_not_cancel_it(app: Flask) -> None:
    campaign = sending(1)
    (message_id,) = claimed(campaign)
    refused(campaign, [message_id], PASSING)
    told([message_id], "failed", PASSING)
    everybody_is_due()
    assert len(claimed(campaign)) == 1
