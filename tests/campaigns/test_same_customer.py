"""Two recipients that prove to be one customer: written to once, whichever comes first, and told why."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Thread
from time import sleep
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.campaigns.models import Campaign, CampaignStatus, Recipient, TargetType
from app.campaigns.service import dispatch, policy, retries
from app.customers.models import Customer
from app.extensions import db
from app.messaging.models import Message, MessageState, Rank, SkipReason
from tests import factories
from tests.webhooks.digesting import ASHA, digest, inbound, wrote

HERE = {"from_user_id": "IN.1"}


@pytest.fixture
def campaign(app: Flask) -> Campaign:
    """A campaign that is being sent to somebody known by number and to somebody known by id."""
    made = factories.make_campaign(status=CampaignStatus.SENDING)
    people: tuple[dict[str, Any], ...] = {"phone": f"+{ASHA}"}, {"phone": None, "user_id": "IN.1"}
    for position, who in enumerate(people, 1):
        customer = factories.make_customer(**who)
        db.session.add(Recipient(campaign_id=made.id, customer_id=customer.id, position=position, **who))
    db.session.commit()
    return made


def claim(campaign: Campaign, wanted: int) -> int:
    """How many messages this claim wrote down."""
    claimed = dispatch.claim(dispatch.plan_of(campaign, None, "UTC"), wanted)
    db.session.commit()
    return len(claimed.outgoing)


def meet() -> None:
    """Both prove to be one: somebody writes with the number and the id."""
    digest(wrote(inbound(when=datetime.now(UTC), **HERE)))
    assert db.session.query(Customer).count() == 1


def reasons() -> list[SkipReason | None]:
    return [recipient.skip_reason for recipient in db.session.query(Recipient).order_by(Recipient.position)]


def test_it_writes_to_both_while_nobody_knows(campaign: Campaign) -> None:
    assert claim(campaign, 10) == 2


def test_of_one_claim_the_second_is_skipped(campaign: Campaign) -> None:
    meet()
    assert claim(campaign, 10) == 1
    assert reasons() == [None, SkipReason.DUPLICATE]


@pytest.mark.parametrize("is_known_before", [True, False])
def test_of_two_claims_the_second_is_skipped(campaign: Campaign, is_known_before: bool) -> None:
    if is_known_before:
        meet()
    assert claim(campaign, 1) == 1
    if not is_known_before:
        meet()
    assert (claim(campaign, 1), reasons()) == (0, [None, SkipReason.DUPLICATE])


def test_it_stays_skipped_while_the_first_is_tried_again(campaign: Campaign) -> None:
    meet()
    claim(campaign, 10)
    message = db.session.query(Message).filter_by(direction="out").one()
    message.state, message.rank = MessageState.FAILED, Rank.FAILED
    db.session.commit()
    retries.requeue({message.id: policy.KEEPS_ITS_TURN})
    db.session.commit()
    assert claim(campaign, 10) == 1
    assert reasons() == [None, SkipReason.DUPLICATE]


def test_one_that_cannot_be_filled_in_leaves_the_other_its_turn(campaign: Campaign) -> None:
    campaign.template_variables = campaign.template_variables | {"body.1": {"source": "column", "value": "Name"}}
    second = db.session.query(Recipient).filter_by(phone=None).one()
    second.variables = {"Name": "Asha"}
    meet()
    assert claim(campaign, 10) == 1
    assert reasons() == [SkipReason.MISSING_VARIABLE, None]


def moved(campaign: Campaign, *later: bytes) -> None:
    """Asha has another number and id since she came into the campaign."""
    system = {"type": "user_changed_number", "wa_id": "919800000777", "user_id": "IN.7", "body": "x"}
    digest(wrote(inbound("system", datetime.now(UTC), system=system)), *later)


def test_whoever_moved_is_written_to_where_they_are_now(campaign: Campaign) -> None:
    moved(campaign)
    assert claim(campaign, 1) == 1
    assert db.session.query(Message).filter_by(direction="out").one().phone == "+919800000777"


def test_whoever_moved_and_is_in_the_list_by_both_numbers_is_written_to_once(campaign: Campaign) -> None:
    db.session.add(Recipient(campaign_id=campaign.id, position=3, phone="+919800000777"))
    moved(campaign)
    assert claim(campaign, 10) == 2
    assert reasons() == [None, None, SkipReason.DUPLICATE]


def test_a_stop_from_the_new_number_holds_for_the_old_one(campaign: Campaign) -> None:
    campaign.target_type = TargetType.IMPORTED
    stop = inbound(when=datetime.now(UTC), sender="919800000777", from_user_id="IN.7", words="STOP")
    moved(campaign, wrote(stop))
    assert claim(campaign, 1) == 0
    assert reasons()[0] is SkipReason.OPTED_OUT


@pytest.mark.parametrize("is_linked", [True, False])
def test_a_message_written_down_while_both_become_one_belongs_to_that_one(
    campaign: Campaign, app: Flask, is_linked: bool
) -> None:
    def met() -> None:
        with app.app_context():
            digest(wrote(inbound(when=datetime.now(UTC), **HERE)))

    db.session.execute(update(Recipient).where(Recipient.position == 1).values(position=3))
    if not is_linked:
        db.session.execute(update(Recipient).values(customer_id=None))
    db.session.commit()
    dispatch.claim(dispatch.plan_of(campaign, None, "UTC"), 1)  # to the one known by id, not committed
    thread = Thread(target=met)
    thread.start()
    sleep(1)
    db.session.commit()
    thread.join()
    assert db.session.query(Message).filter_by(direction="out").one().customer_id == db.session.query(Customer).one().id
    assert (claim(campaign, 10), reasons()) == (0, [None, SkipReason.DUPLICATE])


def test_becoming_one_and_another_attempt_do_not_wait_for_each_other(campaign: Campaign, app: Flask) -> None:
    def met() -> None:
        with app.app_context():
            digest(wrote(inbound(when=datetime.now(UTC), **HERE)))

    claim(campaign, 10)
    recipient = db.session.query(Recipient).filter_by(phone=None).with_for_update().one()
    thread = Thread(target=met)
    thread.start()
    sleep(1)
    db.session.execute(update(Message).where(Message.id == recipient.message_id).values(rank=Rank.FAILED))
    db.session.commit()
    thread.join()
    assert db.session.query(Customer).count() == 1
