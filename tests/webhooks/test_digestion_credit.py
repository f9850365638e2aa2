"""Replies, taps, orders and stops count to the campaign message that they answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.campaigns.models import Campaign
from app.campaigns.queries import figures
from app.campaigns.service import recount
from app.extensions import db
from app.messaging import pricing
from app.messaging.engine import answers, receipts
from app.messaging.engine.sender import Outcome, Verdict
from app.messaging.jobs import settle_late
from app.messaging.models import Direction, Message, MessageState, StrayStatus
from tests import factories
from tests.webhooks.digesting import ASHA, body, digest, inbound, preference, status, tap, value, whole, wrote

NOON = whole(datetime.now(UTC)) - timedelta(hours=2)


def hours(number: float) -> datetime:
    return NOON + timedelta(hours=number)


@pytest.fixture
def campaign(app: Flask) -> Campaign:
    return factories.make_campaign()


def sent(campaign: Campaign, when: datetime = NOON, **columns: object) -> Message:
    columns = {"wamid": f"wamid.out.{when.timestamp()}", "state": MessageState.ACCEPTED, "rank": 10} | columns
    message = Message(
        **{"channel_id": campaign.channel_id, "campaign_id": campaign.id, "type": "template", "phone": f"+{ASHA}"}
        | {"created_at": when, "sent_at": when}
        | columns
    )
    db.session.add(message)
    db.session.commit()
    return message


def marks(message: Message) -> tuple[datetime | None, datetime | None, datetime | None]:
    return message.responded_at, message.clicked_at, message.opted_out_at


def the_answer() -> Message:
    return db.session.query(Message).filter_by(direction=Direction.IN).one()


def test_a_reply_counts_to_the_message_that_its_context_names(campaign: Campaign) -> None:
    named, last = sent(campaign, hours(-100)), sent(campaign)
    digest(wrote(inbound(when=hours(1), context={"id": named.wamid})))
    assert (marks(named), marks(last)) == ((hours(1), None, None), (None, None, None))
    assert the_answer().answers_id == named.id
    assert figures.of(campaign.id).responded == 1


def test_a_reply_without_a_context_counts_to_the_last_campaign_message_within_three_days(campaign: Campaign) -> None:
    first, last = sent(campaign, hours(-70)), sent(campaign, hours(-1))
    later = sent(campaign, hours(1.5))
    digest(wrote(inbound(when=hours(1))))
    assert [message.responded_at for message in (first, last, later)] == [None, hours(1), None]


def test_a_reply_after_more_than_three_days_counts_to_nothing(campaign: Campaign) -> None:
    message = sent(campaign, hours(-72))
    digest(wrote(inbound(when=hours(0.1))))
    assert (message.responded_at, the_answer().answers_id) == (None, None)


def test_a_reply_counts_to_no_message_that_failed(campaign: Campaign) -> None:
    arrived, failed = sent(campaign, hours(-1)), sent(campaign, rank=20)
    digest(wrote(inbound(when=hours(1))))
    assert (arrived.responded_at, failed.responded_at) == (hours(1), None)


def test_a_reply_moves_on_when_its_message_turns_out_to_have_failed(campaign: Campaign) -> None:
    arrived, failing = sent(campaign, hours(-1)), sent(campaign)
    digest(wrote(tap("Yes", hours(1))))
    assert marks(failing) == (hours(1), hours(1), None)
    digest(body(value(statuses=[status(failing, "failed", hours(0.5), errors=[{"code": 131049}])])))
    assert (marks(arrived), marks(failing)) == ((hours(1), hours(1), None), (None, None, None))
    digest(body(value(statuses=[status(failing, "delivered", hours(0.6))])))
    assert (marks(arrived), marks(failing)) == ((None, None, None), (hours(1), hours(1), None))
    assert recount.differences() == []


def test_the_first_reply_counts_and_the_first_tap(campaign: Campaign) -> None:
    message = sent(campaign)
    digest(wrote(tap("Yes", hours(1.5), context={"id": message.wamid})), wrote(inbound(when=hours(1))))
    digest(wrote(tap("Yes", hours(1.7), context={"id": message.wamid})))
    assert marks(message) == (hours(1), hours(1.5), None)
    assert (figures.of(campaign.id).responded, figures.of(campaign.id).clicked) == (1, 1)


@pytest.mark.parametrize("kind", ["reaction", "system", "unsupported", "edit", "revoke"])
def test_what_is_no_reply_counts_to_nothing(campaign: Campaign, kind: str) -> None:
    message = sent(campaign)
    digest(wrote(inbound(kind, hours(1), **{kind: {"message_id": message.wamid, "type": "x"}})))
    assert marks(message) == (None, None, None)


def test_an_order_and_a_stop_count(campaign: Campaign) -> None:
    message = sent(campaign)
    digest(
        wrote(inbound("order", hours(1), order={"product_items": []})), wrote(inbound(when=hours(1.2), words="Stop!"))
    )
    assert marks(message) == (hours(1), None, hours(1.2))
    assert figures.of(campaign.id).opted_out == 1


def test_a_stop_in_whatsapps_settings_counts_within_three_days(campaign: Campaign) -> None:
    old, message = sent(campaign, hours(-100)), sent(campaign)
    digest(preference("stop", hours(1)), preference("stop", hours(1)))
    assert (old.opted_out_at, message.opted_out_at, message.responded_at) == (None, hours(1), None)


def test_an_opened_link_counts_as_a_click(campaign: Campaign) -> None:
    message = sent(campaign)
    action = {"action_type": "marketing_messages_link_click", "timestamp": int(hours(1).timestamp())}
    digest(body(value(user_actions=[action, {"action_type": "other"}], contacts=[{"wa_id": ASHA, "user_id": "IN.1"}])))
    assert marks(message) == (None, hours(1), None)


def test_a_reply_that_comes_before_our_record_of_the_send_is_counted_with_it(campaign: Campaign) -> None:
    message = sent(campaign, state=MessageState.SENDING, rank=0, wamid=None, sent_at=None)
    digest(wrote(inbound(when=hours(1), context={"id": "wamid.soon"}, words="STOP")))
    assert marks(message) == (None, None, None)
    receipts.record_outcomes([Outcome(message.id, Verdict.ACCEPTED, wamid="wamid.soon")])
    db.session.commit()
    assert marks(message) == (hours(1), None, hours(1))


def test_a_status_that_names_the_message_counts_what_waited_for_it(campaign: Campaign) -> None:
    message = sent(campaign, state=MessageState.UNCONFIRMED, rank=0, wamid=None)
    digest(wrote(inbound(when=hours(1), context={"id": f"wamid.out.{message.id}"})))
    digest(body(value(statuses=[status(message, "sent", NOON)])))
    assert marks(message) == (hours(1), None, None)


def test_a_reply_that_crossed_the_record_is_found_by_the_sweep(campaign: Campaign) -> None:
    message = sent(campaign)
    digest(wrote(inbound(when=hours(1), context={"id": "wamid.renamed"})))
    message.wamid = "wamid.renamed"  # as by a transaction that saw none of it
    db.session.commit()
    assert answers.link_overlooked() == 1
    db.session.commit()
    assert marks(message) == (hours(1), None, None)


def test_a_reply_to_our_own_reply_is_no_answer_to_a_campaign(campaign: Campaign) -> None:
    message, ours = sent(campaign), sent(campaign, hours(0.5), campaign_id=None)
    digest(wrote(inbound(when=hours(1), context={"id": ours.wamid})))
    assert (message.responded_at, the_answer().answers_id) == (None, ours.id)


# Statuses of messages that are not there yet


def test_a_status_without_callback_data_waits_for_the_record_of_its_message(campaign: Campaign) -> None:
    message = sent(campaign, state=MessageState.SENDING, rank=0, wamid=None, sent_at=None)
    early = status(message, "read", hours(1)) | {"id": "wamid.soon", "biz_opaque_callback_data": None}
    digest(body(value(statuses=[early])), body(value(statuses=[early | {"status": "delivered"}, early])))
    assert (message.rank, db.session.query(StrayStatus).count()) == (0, 2)
    receipts.record_outcomes([Outcome(message.id, Verdict.ACCEPTED, wamid="wamid.soon")])
    db.session.commit()
    assert (message.rank, message.read_at, db.session.query(StrayStatus).count()) == (40, hours(1), 0)


def test_a_status_that_crossed_the_record_is_settled_by_the_sweep(campaign: Campaign) -> None:
    message = sent(campaign)
    digest(body(value(statuses=[status(message, "read", hours(1)) | {"id": "w.late", "biz_opaque_callback_data": ""}])))
    message.wamid = "w.late"
    db.session.commit()
    settle_late()
    db.session.expire_all()
    assert message.rank == 40


def test_strays_are_forgotten_after_a_month(app: Flask) -> None:
    old = datetime.now(UTC) - timedelta(days=31)
    db.session.add(StrayStatus(wamid="w1", rank=10, at=old, created_at=old))
    db.session.add(StrayStatus(wamid="w2", rank=10, at=old))
    db.session.commit()
    settle_late()
    assert [stray.wamid for stray in db.session.query(StrayStatus)] == ["w2"]


def test_a_status_teaches_what_the_message_costs(campaign: Campaign) -> None:
    pricing.seed_default_rates()
    message = sent(campaign)
    priced = {"pricing": {"type": "regular", "category": "marketing_lite", "pricing_model": "PMP"}}
    digest(body(value(statuses=[status(message, "sent", hours(0.1), **priced)])))
    assert str(message.estimated_cost) == "0.8631"


def test_a_free_message_costs_nothing_and_an_unknown_class_is_not_estimated(campaign: Campaign) -> None:
    free, odd = sent(campaign), sent(campaign, hours(1))
    for message, kind in ((free, "free_customer_service"), (odd, "barter")):
        digest(body(value(statuses=[status(message, "sent", hours(1), pricing={"type": kind, "category": "service"})])))
    assert (free.estimated_cost, odd.estimated_cost) == (0, None)


def test_a_delivery_teaches_the_id_of_its_customer(campaign: Campaign, app: Flask) -> None:
    customer = factories.make_customer(phone=f"+{ASHA}")
    message = sent(campaign)
    digest(body(value(statuses=[status(message, "delivered", hours(1), recipient_user_id="IN.7")])))
    assert customer.user_id == "IN.7"
