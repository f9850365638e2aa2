"""The claim: who gets a message now, who never, who later, and what each decision rests on."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from flask import Flask

from app.auth import workspace
from app.campaigns.models import Campaign, CampaignStatus, Recipient, RecipientState, TargetType, WaitReason, WhenCapped
from app.campaigns.service import dispatch
from app.customers.service import suppression
from app.extensions import db
from app.messaging.engine import guard
from app.messaging.models import Conversation, Message, MessageState, Rank, SkipReason
from app.shared import clock
from tests import factories

ASHA = "+919800000001"


def sending(people: int = 1, **columns: Any) -> Campaign:
    """A campaign that is being sent to so many, whose consent is attested."""
    made = factories.make_campaign(**{"status": CampaignStatus.SENDING, "target_type": TargetType.IMPORTED} | columns)
    factories.make_recipients(made, people)
    db.session.commit()
    return made


def claim(campaign: Campaign, wanted: int = 10, limit: int | None = None) -> int:
    """How many messages a claim at the beginning of a tick writes down."""
    claimed = dispatch.claim(dispatch.plan_of(campaign, limit, "Asia/Kolkata"), wanted)
    db.session.commit()
    return len(claimed.outgoing)


def got(campaign: Campaign, **columns: Any) -> Message:
    """A message that Asha got two days ago, unless told otherwise."""
    return factories._add(
        Message(
            **{
                "channel_id": campaign.channel_id,
                "type": "template",
                "phone": ASHA,
                "category": "MARKETING",
                "state": MessageState.ACCEPTED,
                "rank": Rank.READ,
                "created_at": clock.now() - timedelta(days=2),
            }
            | columns
        )
    )


def asha() -> Recipient:
    return db.session.query(Recipient).filter_by(phone=ASHA).populate_existing().one()


def closed() -> dict[str, time]:
    """Hours in India that are over for today or have not come yet."""
    here = clock.now() + timedelta(hours=5, minutes=30)
    return {"window_opens": (here + timedelta(hours=2)).time(), "window_closes": (here + timedelta(hours=3)).time()}


def test_a_message_knows_its_recipient(app: Flask) -> None:
    assert claim(sending(3)) == 3
    pairs = db.session.query(Message.recipient_id, Recipient.id).join(Recipient, Recipient.message_id == Message.id)
    assert all(told == true for told, true in pairs)


def test_outside_the_hours_they_wait_for_the_next_opening(app: Flask) -> None:
    campaign = sending(**closed())
    assert claim(campaign) == 0
    waiting = asha()
    assert (waiting.state, waiting.waits_for) == (RecipientState.PENDING, WaitReason.WINDOW)
    assert timedelta(hours=1, minutes=59) < waiting.due_at - clock.now() <= timedelta(hours=2)


def test_whoever_lives_where_it_is_day_does_not_wait(app: Flask) -> None:
    campaign = sending(2, target_type=TargetType.ALL, **closed())
    here = clock.now() + timedelta(hours=7, minutes=50)  # two hours and a third east of India
    factories.make_customer(phone=ASHA, zone="Asia/Kolkata")
    factories.make_customer(phone="+919800000002", zone="Etc/GMT-8")
    campaign.window_opens, campaign.window_closes = here.time(), (here + timedelta(hours=1)).time()
    db.session.commit()
    assert claim(campaign) == 1
    assert asha().waits_for is WaitReason.WINDOW


def test_whoever_waited_gets_the_message_when_it_is_time(app: Flask) -> None:
    campaign = sending(**closed())
    claim(campaign)
    campaign.window_opens = campaign.window_closes = None
    asha().due_at = clock.now()
    db.session.commit()
    assert claim(campaign) == 1
    assert asha().waits_for is None


def test_a_closed_campaign_is_put_off_in_large_bites(app: Flask) -> None:
    campaign = sending(2000, **closed())
    plan, cursor, claims = dispatch.plan_of(campaign, None, "UTC"), dispatch.START, 0
    while not (claimed := dispatch.claim(plan, 10, cursor)).is_exhausted:
        cursor, claims = claimed.cursor, claims + 1
        db.session.commit()
    assert claims == 4  # 10, 100, 1000, the rest
    assert db.session.query(Recipient).filter_by(waits_for=WaitReason.WINDOW).count() == 2000


def test_a_large_bite_ends_with_as_many_as_were_wanted(app: Flask) -> None:
    campaign = sending(100)
    plan = dispatch.plan_of(campaign, None, "UTC")
    claimed = dispatch.claim(plan, 5, dispatch.Cursor(bite=100))
    db.session.commit()
    assert len(claimed.outgoing) == 5
    again = dispatch.claim(plan, 5, claimed.cursor)
    assert [one.payload["to"] for one in again.outgoing] == [f"+{919800000001 + i}" for i in range(5, 10)]


@pytest.mark.parametrize(
    ("columns", "counts"),
    [
        ({}, True),
        ({"campaign_id": 4711, "rank": 0, "state": MessageState.UNCONFIRMED}, True),
        ({"state": MessageState.SENDING, "rank": 0}, True),
        ({"created_at": clock.now() - timedelta(days=7, minutes=1)}, False),
        ({"state": MessageState.FAILED, "rank": 0}, False),
        ({"rank": Rank.FAILED}, False),
        ({"category": "UTILITY"}, False),
        ({"is_trial": True}, False),
        ({"phone": "+919800000002"}, False),
        ({"direction": "in", "state": MessageState.RECEIVED}, False),
    ],
)
def test_the_cap_counts_what_marketing_they_got_within_a_week(
    app: Flask, columns: dict[str, Any], counts: bool
) -> None:
    campaign = sending()
    got(campaign, created_at=clock.now() - timedelta(days=6))
    got(campaign, **columns)
    got(campaign, direction="in", state=MessageState.RECEIVED, created_at=clock.now() - timedelta(hours=1))
    db.session.commit()
    assert claim(campaign) == (0 if counts else 1)
    assert asha().skip_reason == (SkipReason.FREQUENCY_CAP if counts else None)


def test_another_attempt_takes_the_place_of_the_one_before(app: Flask) -> None:
    campaign = sending()
    got(campaign)
    got(campaign, recipient_id=asha().id, state=MessageState.UNCONFIRMED, is_superseded=True, created_at=clock.now())
    db.session.commit()
    assert claim(campaign) == 1


def test_the_cap_follows_a_customer_to_another_number(app: Flask) -> None:
    campaign = sending()
    customer = factories.make_customer(phone=ASHA)
    for days in (1, 2):
        got(campaign, phone="+919811111111", customer_id=customer.id, created_at=clock.now() - timedelta(days=days))
    db.session.commit()
    assert (claim(campaign), asha().skip_reason) == (0, SkipReason.FREQUENCY_CAP)


def test_whoever_is_capped_waits_where_the_campaign_says_so(app: Flask) -> None:
    campaign = sending(when_capped=WhenCapped.WAIT)
    first = got(campaign, created_at=clock.now() - timedelta(days=6))
    got(campaign)
    db.session.commit()
    assert claim(campaign) == 0
    assert (asha().waits_for, asha().due_at) == (WaitReason.CAP, first.created_at + timedelta(days=7))


@pytest.mark.parametrize("cap", [None, 3])
def test_the_workspace_says_how_much_is_too_much(app: Flask, cap: int | None) -> None:
    campaign = sending()
    workspace.current().marketing_cap = cap
    got(campaign)
    got(campaign)
    db.session.commit()
    assert claim(campaign) == 1


def test_two_campaigns_at_once_leave_six_seconds_between_them(app: Flask) -> None:
    first = sending()
    second = sending(template=first.template)
    assert (claim(first), claim(second)) == (1, 0)
    waiting = db.session.query(Recipient).filter_by(campaign_id=second.id).one()
    assert waiting.waits_for is WaitReason.PAIR
    assert timedelta(seconds=4) < waiting.due_at - clock.now() <= timedelta(seconds=6)


@pytest.mark.parametrize("address", [ASHA, "IN.1"])
def test_whoever_is_suppressed_by_number_or_id_gets_nothing(app: Flask, address: str) -> None:
    campaign = sending()
    asha().user_id = "IN.1"
    suppression.suppress([address], "erased")
    db.session.commit()
    assert (claim(campaign), asha().skip_reason) == (0, SkipReason.SUPPRESSED)


def test_whoever_is_suppressed_by_an_id_that_came_later_gets_nothing(app: Flask) -> None:
    campaign = sending()
    factories.make_customer(phone=ASHA, user_id="IN.1")
    suppression.suppress(["IN.1"], "erased")
    db.session.commit()
    assert (claim(campaign), asha().skip_reason) == (0, SkipReason.SUPPRESSED)


@pytest.mark.parametrize(("minutes", "places"), [(6, 0), (4, 1), (-1, 1)])
def test_an_open_service_window_takes_no_place(app: Flask, minutes: int, places: int) -> None:
    campaign = sending()
    customer = factories.make_customer(phone=ASHA)
    ends = clock.now() + timedelta(minutes=minutes)
    db.session.add(Conversation(channel_id=campaign.channel_id, customer_id=customer.id, window_expires_at=ends))
    db.session.commit()
    assert claim(campaign, limit=0) == (1 - places)
    assert claim(campaign, limit=1) == places
    assert guard.usage(campaign.channel.portfolio_id, None).used == places


@pytest.mark.parametrize("status", ["PAUSED", "DISABLED"])
def test_a_template_that_is_stopped_meanwhile_changes_nobody(app: Flask, status: str) -> None:
    campaign = sending(20)
    plan = dispatch.plan_of(campaign, None, "UTC")
    campaign.template.status = status
    db.session.commit()
    claimed = dispatch.claim(plan, 10)
    assert (claimed.outgoing, claimed.is_exhausted) == ([], True)
    assert db.session.query(Recipient).filter_by(state=RecipientState.PENDING, waits_for=None).count() == 20


def test_at_the_limit_the_rest_stay_pending_and_first_in_turn(app: Flask) -> None:
    campaign = sending(5)
    plan = dispatch.plan_of(campaign, 3, "UTC")
    claimed = dispatch.claim(plan, 10)
    db.session.commit()
    assert (len(claimed.outgoing), claimed.is_limit_reached, claimed.cursor) == (3, True, dispatch.START)
    assert db.session.query(Recipient).filter_by(state=RecipientState.PENDING).count() == 2


def test_a_template_that_becomes_marketing_waits_for_a_plan_that_knows(app: Flask) -> None:
    campaign = sending(template=factories.make_template(category="UTILITY"), target_type=TargetType.ALL)
    plan = dispatch.plan_of(campaign, None, "UTC")
    campaign.template.category = "MARKETING"
    db.session.commit()
    claimed = dispatch.claim(plan, 1)
    assert (claimed.outgoing, claimed.is_exhausted, asha().state) == ([], True, RecipientState.PENDING)
    assert (claim(campaign), asha().skip_reason) == (0, SkipReason.NO_CONSENT)
