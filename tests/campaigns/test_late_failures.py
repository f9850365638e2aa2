"""Failures that Meta reports after it took a message obey the same table, once, whoever heeds them."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.campaigns.jobs import heed
from app.campaigns.models import Campaign, CampaignStatus, PauseReason, Recipient, RecipientState
from app.campaigns.queries import figures
from app.campaigns.service import lifecycle, recount
from app.channels.models import Alert
from app.customers.models import ConsentEntry, Customer
from app.extensions import db
from app.messaging.models import LateFailure, Message, MessageState, SkipReason
from app.operations import tick
from app.shared import clock
from tests import factories
from tests.campaigns.failing import claimed, everybody_is_due, only, pending, refused, sending, taken, told

OFF, ENOUGH, STOPPED, WRONG_FILE = 131026, 131049, 131050, 131053


def accepted(campaign: Campaign, number: int = 1) -> list[int]:
    """So many messages that Meta took."""
    message_ids = claimed(campaign, number)
    taken(campaign, message_ids)
    return message_ids


def completed(recipients: int = 1, **columns: object) -> tuple[Campaign, list[int]]:
    """A campaign that is done, and its messages."""
    campaign = sending(recipients, **columns)
    message_ids = accepted(campaign, recipients)
    assert lifecycle.complete_if_done(campaign.id)
    db.session.commit()
    return campaign, message_ids


def statements() -> list[str]:
    """Every statement from now on."""
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _k, words, *_: seen.append(words))
    return seen


def test_it_waits_in_the_ledger_until_it_is_heeded(app: Flask) -> None:
    campaign = sending(1)
    message_ids = accepted(campaign)
    told(message_ids, "failed", OFF, heeding=False)
    assert (only(LateFailure).message_id, pending()) == (message_ids[0], 0)
    heed.heed_failures()
    assert (db.session.query(LateFailure).count(), pending()) == (0, 1)


def test_it_costs_the_usual_way_no_statement(app: Flask) -> None:
    campaign = sending(2)
    first, second = accepted(campaign, 2)
    seen = statements()
    told([first], "delivered", heeding=False)
    of_delivery = len(seen)
    seen.clear()
    told([second], "failed", WRONG_FILE, heeding=False)
    assert len(seen) <= of_delivery + 1  # the replies to a message that failed look for another one


def test_it_is_tried_again_as_the_table_says(app: Flask) -> None:
    campaign = sending(1)
    for _ in range(4):
        told(accepted(campaign), "failed", OFF)
        everybody_is_due()
    assert (pending(), claimed(campaign), db.session.query(Message).count()) == (0, [], 4)
    assert (figures.of(campaign.id).failed, recount.differences()) == (1, [])


def test_a_completed_campaign_goes_on_for_it(app: Flask) -> None:
    campaign, message_ids = completed()
    told(message_ids, "failed", ENOUGH)
    assert (campaign.status, campaign.completed_at, pending()) == (CampaignStatus.SENDING, None, 1)
    assert only(Recipient).due_at > clock.now() + timedelta(hours=23)
    assert not lifecycle.complete_if_done(campaign.id)


def test_a_campaign_of_last_week_does_not(app: Flask) -> None:
    campaign, message_ids = completed()
    campaign.completed_at = clock.now() - timedelta(days=2)
    db.session.commit()
    told(message_ids, "failed", ENOUGH)
    assert (campaign.status, pending(), figures.of(campaign.id).failed) == (CampaignStatus.COMPLETED, 0, 1)


def test_nobody_is_written_to_again_in_a_cancelled_campaign(app: Flask) -> None:
    campaign = sending(2)
    message_ids = accepted(campaign)
    lifecycle.cancel(lifecycle.locked(campaign.id))
    db.session.commit()
    told(message_ids, "failed", OFF)
    assert (pending(), figures.of(campaign.id).failed) == (0, 1)


def test_a_delivery_that_is_told_before_wins(app: Flask) -> None:
    campaign = sending(1)
    message_ids = accepted(campaign)
    told(message_ids, "failed", OFF, heeding=False)
    told(message_ids, "delivered")
    assert (pending(), only(Message).rank, db.session.query(LateFailure).count()) == (0, 30, 0)


def test_a_delivery_that_is_told_after_cancels_the_next_attempt(app: Flask) -> None:
    campaign = sending(1)
    message_ids = accepted(campaign)
    told(message_ids, "failed", OFF)
    told(message_ids, "delivered")
    everybody_is_due()
    assert (claimed(campaign), pending(), only(Message).is_superseded) == ([], 0, False)
    assert recount.differences() == []


@pytest.mark.parametrize(("word", "code"), [("sent", None), ("failed", OFF)])
def test_older_news_do_not_cancel_the_next_attempt(app: Flask, word: str, code: int | None) -> None:
    campaign = sending(1)
    message_ids = accepted(campaign)
    told(message_ids, "failed", OFF)
    told(message_ids, word, code)
    everybody_is_due()
    assert len(claimed(campaign)) == 1


def test_a_failure_that_came_before_its_answer_is_tried_again_once(app: Flask) -> None:
    campaign = sending(1)
    message_ids = claimed(campaign)
    told(message_ids, "failed", OFF, heeding=False)
    refused(campaign, message_ids, OFF)
    heed.heed_failures()
    assert (pending(), only(Recipient).retry_count) == (1, 1)


def test_any_number_of_workers_heed_it_once(app: Flask) -> None:
    campaign = sending(30)
    told(accepted(campaign, 30), "failed", OFF, heeding=False)

    def work() -> None:
        with app.app_context():
            heed.heed_failures()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    db.session.expire_all()
    assert {recipient.retry_count for recipient in db.session.query(Recipient)} == {1}
    assert (pending(), db.session.query(LateFailure).count(), recount.differences()) == (30, 0, [])


def test_the_tick_rings_for_what_nobody_heeded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []
    monkeypatch.setattr(tick, "ring_for_failures", lambda: rung.append("heed"))
    tick.attend_failures()
    told(accepted(sending(1)), "failed", OFF, heeding=False)
    tick.attend_failures()
    assert rung == ["heed"]


# What concerns more than one


def test_a_payment_problem_told_later_stops_all_campaigns_of_the_number(app: Flask) -> None:
    campaign, message_ids = completed()
    other = factories.make_campaign(campaign.template, status=CampaignStatus.SENDING)
    db.session.commit()
    told(message_ids, "failed", 131042)
    assert [it.pause_reason for it in (campaign, other)] == [PauseReason.ACCOUNT_BLOCKED] * 2
    assert only(Alert).details == "Check the payment method of the business account at Meta."
    assert (pending(), only(Recipient).waits_for) == (1, None)


def test_a_template_paused_while_its_messages_were_held_stops_the_campaign(app: Flask) -> None:
    campaign = sending(2)
    told(accepted(campaign), "failed", 132015)
    assert (campaign.pause_reason, pending()) == (PauseReason.TEMPLATE_PAUSED, 2)


def test_late_failures_trip_the_breaker_too(app: Flask) -> None:
    campaign = sending(60)
    told(accepted(campaign, 50)[:20], "failed", WRONG_FILE)
    assert campaign.pause_reason is PauseReason.TOO_MANY_ERRORS


# Who stopped our marketing


def test_a_customer_who_stopped_marketing_is_opted_out_and_counted(app: Flask) -> None:
    asha = factories.make_customer(phone="+919800000001")
    campaign = sending(1)
    told(accepted(campaign), "failed", STOPPED)
    assert (asha.is_opted_out, figures.of(campaign.id).opted_out, pending()) == (True, 1, 0)
    assert db.session.query(ConsentEntry).count() == 1
    assert recount.differences() == []


def test_whoever_is_no_customer_yet_becomes_one_to_be_left_out(app: Flask) -> None:
    told(accepted(sending(1)), "failed", STOPPED)
    assert only(Customer).phone == "+919800000001"
    assert only(Customer).is_opted_out


@pytest.mark.parametrize("is_known", [True, False])
def test_a_stop_in_the_answer_itself_holds_too(app: Flask, is_known: bool) -> None:
    if is_known:
        factories.make_customer(phone="+919800000001")
    campaign = sending(1)
    refused(campaign, claimed(campaign), STOPPED)
    heed.heed_failures()
    heed.heed_failures()
    assert only(Customer).is_opted_out
    entry = only(ConsentEntry)
    assert (entry.granted, entry.evidence["code"], figures.of(campaign.id).opted_out) == (False, STOPPED, 1)


def test_other_campaigns_under_way_leave_them_out_at_once(app: Flask) -> None:
    campaign = sending(1)
    other = factories.make_campaign(campaign.template, status=CampaignStatus.SENDING, target_type="imported")
    factories.make_recipients(other, 1)
    db.session.commit()
    told(accepted(campaign), "failed", STOPPED)
    everybody_is_due()
    assert claimed(other) == []
    skipped = db.session.scalars(select(Recipient).where(Recipient.campaign_id == other.id)).one()
    assert (skipped.state, skipped.skip_reason) == (RecipientState.SKIPPED, SkipReason.OPTED_OUT)
    assert {message.state for message in db.session.query(Message)} == {MessageState.ACCEPTED}
