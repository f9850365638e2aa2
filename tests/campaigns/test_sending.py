"""The sending tick against the sandbox, over real HTTP: never twice, never over, states that tell the truth."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from flask import Flask

from app.campaigns.jobs import send
from app.campaigns.jobs import tick as tick_of_sending
from app.campaigns.models import Campaign, CampaignStatus, PauseReason, Recipient, RecipientState
from app.campaigns.service import lifecycle, turns
from app.extensions import db
from app.messaging.engine import guard, receipts
from app.messaging.models import Message, MessageState, SkipReason, WaitReason
from app.operations import tick
from app.shared import clock, queues, stopping
from app.shared.errors import Refused
from tests import factories
from tests.sandboxes import Sandbox


def sending(recipients: int, **columns: object) -> Campaign:
    """A campaign that is being sent as fast as the sandbox takes it."""
    campaign = factories.make_campaign(status=CampaignStatus.SENDING, target_type="imported", **columns)
    campaign.channel.messages_per_second = 1000
    factories.make_recipients(campaign, recipients)
    db.session.commit()
    return campaign


def truth(sandbox: Sandbox) -> list[dict[str, object]]:
    return sandbox.control("GET", "messages?limit=10000")["messages"]


def reload(campaign: Campaign) -> Campaign:
    db.session.expire_all()
    return campaign


def with_limit(app: Flask, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = dataclasses.replace(app.extensions["bulbul_config"], daily_limit=limit)
    monkeypatch.setitem(app.extensions, "bulbul_config", settings)


def test_it_sends_each_recipient_once_and_completes(sandbox: Sandbox) -> None:
    campaign = sending(60)
    send.send_campaign(campaign.id)
    assert Counter(message["to"] for message in truth(sandbox)).most_common(1)[0][1] == 1
    assert len(truth(sandbox)) == 60
    assert reload(campaign).status is CampaignStatus.COMPLETED
    assert {message.state for message in db.session.query(Message)} == {MessageState.ACCEPTED}


def test_it_fills_in_the_variables(sandbox: Sandbox) -> None:
    campaign = sending(1)
    send.send_campaign(campaign.id)
    parameters = truth(sandbox)[0]["payload"]["template"]["components"][0]["parameters"]  # type: ignore[index]
    assert [parameter["text"] for parameter in parameters] == ["P0", "Goa"]


def test_it_sends_nothing_while_another_holds_the_slot(sandbox: Sandbox) -> None:
    from app.campaigns.service import slots
    from app.shared.ids import uuid7

    campaign = sending(5)
    slots.acquire(campaign.id, uuid7(), 1)
    db.session.commit()
    send.send_campaign(campaign.id)
    assert truth(sandbox) == []


def test_it_sends_nothing_of_a_paused_campaign(sandbox: Sandbox) -> None:
    campaign = sending(5)
    lifecycle.pause(lifecycle.locked(campaign.id))
    db.session.commit()
    send.send_campaign(campaign.id)
    assert truth(sandbox) == []
    lifecycle.resume(lifecycle.locked(campaign.id))
    db.session.commit()
    send.send_campaign(campaign.id)
    assert len(truth(sandbox)) == 5


def test_it_stops_exactly_at_the_limit_and_says_when_it_goes_on(
    sandbox: Sandbox, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_limit(app, 17, monkeypatch)
    campaign = sending(40)
    send.send_campaign(campaign.id)
    assert len(truth(sandbox)) == 17
    assert reload(campaign).status is CampaignStatus.PAUSED
    assert campaign.pause_reason is PauseReason.MESSAGING_LIMIT
    assert campaign.resumes_at is not None
    assert db.session.query(Recipient).filter_by(state=RecipientState.PENDING).count() == 23


def test_it_goes_on_by_itself_when_the_limit_opens(
    sandbox: Sandbox, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_limit(app, 5, monkeypatch)
    campaign = sending(8)
    send.send_campaign(campaign.id)
    tick.reopen_at_the_limit()
    assert reload(campaign).status is CampaignStatus.PAUSED
    with_limit(app, 50, monkeypatch)
    tick.reopen_at_the_limit()
    assert reload(campaign).status is CampaignStatus.SENDING
    send.send_campaign(campaign.id)
    assert len(truth(sandbox)) == 8


def test_it_skips_who_opted_out_meanwhile(sandbox: Sandbox) -> None:
    campaign = sending(3)
    factories.make_customer(phone="+919800000002", marketing_opt_in=False, marketing_opt_out_at=db.func.now())
    db.session.commit()
    send.send_campaign(campaign.id)
    skipped = db.session.query(Recipient).filter_by(state=RecipientState.SKIPPED).one()
    assert (skipped.phone, skipped.skip_reason) == ("+919800000002", SkipReason.OPTED_OUT)
    assert len(truth(sandbox)) == 2


def test_it_skips_who_has_no_value_for_a_variable(sandbox: Sandbox) -> None:
    mapping = {
        "body.1": {"source": "column", "value": "Name", "fallback": ""},
        "body.2": {"source": "text", "value": "Goa"},
    }
    campaign = sending(2, template_variables=mapping)
    first = db.session.query(Recipient).first()
    first.variables = {"Name": 'Asha, "the" traveller 🌴'}
    db.session.commit()
    send.send_campaign(campaign.id)
    assert len(truth(sandbox)) == 1
    assert db.session.query(Recipient).filter_by(skip_reason=SkipReason.MISSING_VARIABLE).count() == 1


def test_it_leaves_a_dropped_answer_unconfirmed_and_never_resends(sandbox: Sandbox) -> None:
    sandbox.control("PUT", "config", faults={"accept_then_drop_rate": 1.0})
    campaign = sending(4)
    send.send_campaign(campaign.id)
    sandbox.control("PUT", "config", faults={"accept_then_drop_rate": 0.0})
    assert {message.state for message in db.session.query(Message)} == {MessageState.UNCONFIRMED}
    assert reload(campaign).status is CampaignStatus.COMPLETED
    send.send_campaign(campaign.id)
    assert len(truth(sandbox)) == 4


def test_it_tries_a_throttled_recipient_again_later(sandbox: Sandbox) -> None:
    campaign = factories.make_campaign(status=CampaignStatus.SENDING, target_type="imported")
    factories.make_recipients(campaign, 1, first_phone=919800131056)
    db.session.commit()
    send.send_campaign(campaign.id)
    recipient = db.session.query(Recipient).one()
    assert recipient.state is RecipientState.PENDING
    assert recipient.due_at > clock.now()
    message = db.session.query(Message).one()
    assert (message.error_code, message.is_superseded) == (131056, True)
    assert guard.usage(campaign.channel.portfolio_id, None).used == 0


def test_it_pauses_when_the_token_has_expired_and_loses_nobody(sandbox: Sandbox) -> None:
    sandbox.control("PUT", "config", token_expired=True)
    campaign = sending(30)
    send.send_campaign(campaign.id)
    sandbox.control("PUT", "config", token_expired=False)
    assert reload(campaign).pause_reason is PauseReason.ACCOUNT_BLOCKED
    assert db.session.query(Recipient).filter_by(state=RecipientState.PENDING).count() == 30


def test_it_marks_expired_leases_unconfirmed_never_pending(app: Flask) -> None:
    campaign = factories.make_campaign(status=CampaignStatus.SENDING)
    db.session.add(
        Message(
            channel_id=campaign.channel_id,
            campaign_id=campaign.id,
            type="template",
            phone="+919800000001",
            state=MessageState.SENDING,
            lease_until=db.func.now() - db.text("interval '1 second'"),
        )
    )
    db.session.commit()
    assert receipts.release_expired_leases() == 1
    assert db.session.query(Message).one().state is MessageState.UNCONFIRMED


def test_it_starts_once_however_often_one_presses(app: Flask) -> None:
    campaign = factories.make_campaign()
    factories.make_recipients(campaign, 1)
    lifecycle.launch(lifecycle.locked(campaign.id))
    db.session.commit()
    with pytest.raises(Refused, match="being sent already"):
        lifecycle.launch(lifecycle.locked(campaign.id))


def test_it_skips_the_rest_on_cancel(app: Flask) -> None:
    campaign = sending(6)
    lifecycle.cancel(lifecycle.locked(campaign.id))
    db.session.commit()
    reasons = {recipient.skip_reason for recipient in db.session.query(Recipient)}
    assert reasons == {SkipReason.CANCELLED}


def left_waiting(campaign: Campaign, reason: WaitReason, hours: int) -> None:
    """All of the campaign's recipients wait so long for this."""
    moment = clock.now() + timedelta(hours=hours)
    db.session.query(Recipient).update({"due_at": moment, "waits_for": reason})
    db.session.commit()


def test_it_sleeps_until_the_window_opens_for_the_first(sandbox: Sandbox) -> None:
    campaign = sending(3)
    left_waiting(campaign, WaitReason.WINDOW, 5)
    send.send_campaign(campaign.id)
    assert reload(campaign).pause_reason is PauseReason.SEND_WINDOW
    assert campaign.resumes_at == db.session.query(Recipient).first().due_at


def test_it_stays_awake_for_who_is_tried_again(sandbox: Sandbox) -> None:
    campaign = sending(3)
    left_waiting(campaign, WaitReason.WINDOW, 5)
    db.session.query(Recipient).filter_by(position=1).update({"waits_for": WaitReason.RETRY})
    db.session.commit()
    send.send_campaign(campaign.id)
    assert reload(campaign).status is CampaignStatus.SENDING


def test_it_takes_its_turn_where_campaigns_share_a_short_limit(
    sandbox: Sandbox, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_limit(app, 100, monkeypatch)
    campaign = sending(200)
    rival = factories.make_campaign(campaign.template, status=CampaignStatus.SENDING, target_type="imported")
    factories.make_recipients(rival, 200, first_phone=919800010001)
    db.session.commit()
    send.send_campaign(campaign.id)
    assert len(truth(sandbox)) == turns.places(95, 1, [1])
    assert reload(campaign).status is CampaignStatus.SENDING
    assert queues.has_waiting()


def test_a_lowered_limit_holds_within_a_second(sandbox: Sandbox, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with_limit(app, 1000, monkeypatch)
    campaign = sending(300)
    campaign.channel.messages_per_second = 40
    db.session.commit()
    threading.Timer(1.5, with_limit, (app, 10, monkeypatch)).start()
    send.send_campaign(campaign.id)
    assert len(truth(sandbox)) < 40 * 2.5 + 20
    assert reload(campaign).pause_reason is PauseReason.MESSAGING_LIMIT


def test_it_rings_for_help_while_a_slot_is_free(sandbox: Sandbox, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = dataclasses.replace(app.extensions["bulbul_config"], send_slots=2)
    monkeypatch.setitem(app.extensions, "bulbul_config", settings)
    send.send_campaign(sending(2).id)
    assert queues.has_waiting()


def test_told_to_stop_it_leaves_the_campaign_to_another(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "_told", [time.monotonic()])
    campaign = sending(5)
    send.send_campaign(campaign.id)
    assert truth(sandbox) == []
    assert queues.has_waiting()


def test_what_has_no_answer_when_it_must_be_gone_stays_under_its_lease(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.control("PUT", "config", latency_ms=3000)
    monkeypatch.setattr(stopping, "PATIENCE", 0.5)
    campaign = sending(5)
    threading.Timer(1, stopping._told.append, (time.monotonic() + 1,)).start()
    try:
        send.send_campaign(campaign.id)
    finally:
        stopping._told.clear()
    assert {message.state for message in db.session.query(Message)} == {MessageState.SENDING}


def test_a_campaign_that_is_fast_goes_on_while_nobody_waits(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox.control("PUT", "config", latency_ms=100)
    monkeypatch.setattr(tick_of_sending, "TICK_SECONDS", 0.5)
    campaign = sending(300)
    send.send_campaign(campaign.id)
    assert reload(campaign).status is CampaignStatus.COMPLETED


def test_a_campaign_ends_its_turn_when_somebody_waits(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox.control("PUT", "config", latency_ms=100)
    monkeypatch.setattr(tick_of_sending, "TICK_SECONDS", 0.5)
    campaign = sending(1000)
    queues.ring(queues.SENDS, send.send_campaign, 0)
    send.send_campaign(campaign.id)
    assert reload(campaign).status is CampaignStatus.SENDING
    assert len(truth(sandbox)) < 600
