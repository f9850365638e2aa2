"""What a person decides: failed ones tried once more, messages in doubt taken for sent or sent again."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.campaigns.jobs import heed
from app.campaigns.models import Campaign, CampaignStatus, PauseReason, Recipient, RecipientState
from app.campaigns.queries import figures
from app.campaigns.service import decisions, lifecycle, recount, stops
from app.extensions import db
from app.messaging.engine import receipts
from app.messaging.models import Message, MessageState, Rank
from app.shared import clock
from app.shared.errors import Refused
from tests.campaigns.failing import (
    claimed,
    everybody_is_due,
    in_doubt,
    only,
    pending,
    refused,
    sending,
    taken,
    told,
)


def done(campaign: Campaign) -> Campaign:
    assert lifecycle.complete_if_done(campaign.id)
    db.session.commit()
    return campaign


def failed(code: int, recipients: int = 1) -> Campaign:
    """A completed campaign whose messages failed with this code, for good."""
    campaign = sending(recipients, max_retries=0, retry_failed=False, max_failure_share=None)
    refused(campaign, claimed(campaign, recipients), code)
    return done(campaign)


def doubtful(recipients: int = 1, minutes: int = 20) -> Campaign:
    """A completed campaign of whose messages nobody knows anything."""
    campaign = sending(recipients)
    in_doubt(campaign, claimed(campaign, recipients), minutes)
    return done(campaign)


# Tried once more


def test_what_can_succeed_is_tried_again_and_the_campaign_goes_on(app: Flask) -> None:
    campaign = failed(131000, 3)
    assert decisions.retry_failed(campaign) == 3
    db.session.commit()
    assert (campaign.status, campaign.completed_at, pending()) == (CampaignStatus.SENDING, None, 3)
    taken(campaign, claimed(campaign, 3))
    now = figures.of(done(campaign).id)
    assert (now.accepted, now.failed, db.session.query(Message).count()) == (3, 0, 6)
    assert recount.differences() == []


@pytest.mark.parametrize("code", [131026, 132000, 130472])
def test_what_would_fail_again_stays_failed_and_says_so(app: Flask, code: int) -> None:
    campaign = failed(code)
    with pytest.raises(Refused, match="would fail again"):
        decisions.retry_failed(campaign)
    db.session.rollback()
    assert (only(Campaign).status, pending()) == (CampaignStatus.COMPLETED, 0)


def test_only_those_of_many_who_can_be_helped_are_tried(app: Flask) -> None:
    campaign = sending(3, max_retries=0, retry_failed=False)
    first, second, third = claimed(campaign, 3)
    refused(campaign, [first], 131026)
    refused(campaign, [second], 131000)
    taken(campaign, [third])
    assert decisions.retry_failed(done(campaign)) == 1


def test_enough_marketing_is_tried_a_day_after_the_failure_and_not_before(app: Flask) -> None:
    campaign = sending(1)
    for _ in range(3):
        refused(campaign, claimed(campaign), 131049)
        everybody_is_due()
    db.session.execute(text("UPDATE messages SET failed_at = now() - interval '20 hours' WHERE NOT is_superseded"))
    assert decisions.retry_failed(done(campaign)) == 1
    assert timedelta(hours=3.9) < only(Recipient).due_at - clock.now() < timedelta(hours=4.1)


def test_pressed_twice_it_has_one_effect(app: Flask) -> None:
    campaign = failed(131000)
    decisions.retry_failed(campaign)
    db.session.commit()
    with pytest.raises(Refused, match="No message of this campaign has failed"):
        decisions.retry_failed(campaign)
    db.session.rollback()
    assert only(Recipient).retry_count == 1


def test_a_paused_campaign_stays_paused(app: Flask) -> None:
    campaign = sending(2, max_retries=0)
    refused(campaign, claimed(campaign), 131000)
    lifecycle.pause(lifecycle.locked(campaign.id))
    assert decisions.retry_failed(campaign) == 1
    assert (campaign.status, campaign.pause_reason) == (CampaignStatus.PAUSED, PauseReason.BY_HAND)


@pytest.mark.parametrize(
    ("status", "sentence"), [("cancelled", "was cancelled; copy it"), ("ready", "Nobody has been written to yet")]
)
def test_a_campaign_that_is_not_under_way_refuses(app: Flask, status: str, sentence: str) -> None:
    campaign = failed(131000)
    campaign.status = CampaignStatus(status)
    db.session.commit()
    for verb in (decisions.retry_failed, lambda it: decisions.send_again(it, None)):
        with pytest.raises(Refused, match=sentence):
            verb(campaign)


def test_what_meta_forbids_is_refused_with_its_reason(app: Flask) -> None:
    campaign = failed(131000)
    campaign.template.status = "PAUSED"
    db.session.commit()
    with pytest.raises(Refused, match="is paused; only approved ones can be sent"):
        decisions.retry_failed(campaign)


# In doubt


def test_assumed_sent_counts_as_sent_until_news_come(app: Flask) -> None:
    campaign = doubtful(2)
    assert decisions.assume_sent(campaign, None) == 2
    db.session.commit()
    now = figures.of(campaign.id)
    assert (now.unconfirmed, now.accepted, campaign.status) == (0, 2, CampaignStatus.COMPLETED)
    message = db.session.query(Message).first()
    assert (message.state, message.rank, message.assumed_at is None) == (MessageState.ACCEPTED, Rank.SENT, False)
    told([message.id], "read")
    assert (message.rank, message.wamid, recount.differences()) == (Rank.READ, f"wamid.out.{message.id}", [])


def test_assumed_sent_and_failed_after_all_obeys_the_table(app: Flask) -> None:
    campaign = doubtful()
    decisions.assume_sent(campaign, None)
    db.session.commit()
    told([only(Message).id], "failed", 131026)
    assert (pending(), campaign.status) == (1, CampaignStatus.SENDING)


def test_only_those_named_are_decided_on(app: Flask) -> None:
    campaign = doubtful(3)
    one, two, _ = db.session.query(Recipient).order_by(Recipient.id)
    assert decisions.assume_sent(campaign, [one.id]) == 1
    assert decisions.send_again(campaign, [one.id, two.id, 10**12]) == 1
    db.session.commit()
    now = figures.of(campaign.id)
    assert (now.accepted, now.pending, now.unconfirmed) == (1, 1, 1)


@pytest.mark.parametrize("verb", [decisions.assume_sent, decisions.send_again])
def test_nobody_decides_before_a_quarter_of_an_hour(app: Flask, verb) -> None:
    campaign = doubtful(1, minutes=14)
    everybody = [recipient.id for recipient in db.session.query(Recipient)]
    for whom in (None, everybody, []):
        with pytest.raises(Refused, match="in doubt for more than 15 minutes"):
            verb(campaign, whom)
        db.session.rollback()


def test_sent_again_is_a_new_attempt_and_the_old_one_stays_as_a_row(app: Flask) -> None:
    campaign = doubtful()
    assert decisions.send_again(campaign, None) == 1
    db.session.commit()
    assert campaign.status is CampaignStatus.SENDING
    taken(campaign, claimed(campaign))
    attempts = [(message.state, message.is_superseded) for message in db.session.query(Message).order_by(Message.id)]
    assert attempts == [(MessageState.UNCONFIRMED, True), (MessageState.ACCEPTED, False)]
    assert (figures.of(campaign.id).unconfirmed, recount.differences()) == (0, [])


@pytest.mark.parametrize("word", ["sent", "delivered"])
def test_news_of_the_old_message_cancel_the_new_one_that_has_not_left(app: Flask, word: str) -> None:
    campaign = doubtful()
    decisions.send_again(campaign, None)
    db.session.commit()
    told([only(Message).id], word)
    everybody_is_due()
    assert claimed(campaign) == []
    assert (only(Message).is_superseded, only(Recipient).state) == (False, RecipientState.HANDED)
    assert recount.differences() == []


def test_news_that_the_old_message_failed_do_not(app: Flask) -> None:
    campaign = doubtful()
    decisions.send_again(campaign, None)
    db.session.commit()
    told([only(Message).id], "failed", 131026)
    everybody_is_due()
    assert len(claimed(campaign)) == 1


def test_news_of_the_first_of_two_that_were_given_up_cancel_the_third(app: Flask) -> None:
    campaign = doubtful()
    first = only(Message).id
    decisions.send_again(campaign, None)
    db.session.commit()
    in_doubt(campaign, claimed(campaign))
    decisions.send_again(campaign, None)
    db.session.commit()
    told([first], "delivered")
    everybody_is_due()
    assert claimed(campaign) == []
    assert (figures.of(campaign.id).delivered, recount.differences()) == (1, [])


# By chance


class Fortune:
    """A campaign to which anything happens that can, in any order."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.campaign = sending(12, max_failure_share=None)
        self.deeds = (self.leave, self.leave, self.answer, self.answer, self.tell, self.tell, self.expire)
        self.deeds += (self.decide, self.move, everybody_is_due, heed.heed_failures)

    def live(self, steps: int) -> None:
        for _ in range(steps):
            self.chance.choice(self.deeds)()
            assert recount.differences() == []

    def leave(self) -> None:
        claimed(self.campaign, self.chance.randint(1, 4))

    def answer(self) -> None:
        message_ids = self.some("state = 'sending'")
        if not message_ids:
            return
        how = self.chance.choice((taken, in_doubt, refused))
        if how is not refused:
            how(self.campaign, message_ids)
        elif trouble := refused(self.campaign, message_ids, self.code()):
            stops.refused(self.campaign.id, *trouble)
            db.session.commit()

    def tell(self) -> None:
        """Of any message, however old; a failure is told with its reason."""
        if message_ids := self.some("true"):
            word = self.chance.choice(("sent", "delivered", "read", "failed", "failed"))
            told(message_ids, word, self.code() if word == "failed" else None, heeding=self.chance.random() < 0.5)

    def expire(self) -> None:
        db.session.execute(text("UPDATE messages SET lease_until = now() - interval '1 s' WHERE state = 'sending'"))
        receipts.release_expired_leases()
        db.session.commit()

    def decide(self) -> None:
        verbs = (
            lambda: decisions.retry_failed(self.campaign),
            lambda: decisions.assume_sent(self.campaign, None),
            lambda: decisions.send_again(self.campaign, None),
        )
        self.attempt(self.chance.choice(verbs))

    def move(self) -> None:
        verbs = (lifecycle.pause, lifecycle.resume, lambda it: lifecycle.complete_if_done(it.id))
        self.attempt(lambda: self.chance.choice(verbs)(lifecycle.locked(self.campaign.id)))

    def attempt(self, verb) -> None:
        try:
            verb()
        except Refused:
            db.session.rollback()
        db.session.commit()

    def some(self, which: str) -> list[int]:
        found = db.session.scalars(text(f"SELECT id FROM messages WHERE {which} ORDER BY id")).all()
        return self.chance.sample(found, min(len(found), self.chance.randint(1, 3)))

    def code(self) -> int:
        return self.chance.choice((130429, 131000, 131026, 131049, 132000, 132015, 131042, 131050, 130472))

    def end(self) -> None:
        """Everything that was under way comes to its end, and nobody stands in the way any more."""
        for _ in range(30):
            heed.heed_failures()
            if self.campaign.status is CampaignStatus.PAUSED:
                self.attempt(lambda: lifecycle.resume(lifecycle.locked(self.campaign.id)))
            everybody_is_due()
            taken(self.campaign, claimed(self.campaign, 12))
            self.expire()
        lifecycle.complete_if_done(self.campaign.id)
        db.session.commit()


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_everybody_comes_to_an_end_and_the_figures_are_their_rows(app: Flask, seed: int) -> None:
    fortune = Fortune(seed)
    fortune.live(60)
    fortune.end()
    assert only(Campaign).status is CampaignStatus.COMPLETED
    assert pending() == 0
    assert recount.differences() == []
    handed = db.session.query(Recipient).filter_by(state=RecipientState.HANDED)
    for recipient in handed:
        last = db.session.get_one(Message, recipient.message_id)
        assert not last.is_superseded
        assert last.recipient_id == recipient.id
    counted = figures.of(fortune.campaign.id)
    assert counted.total == counted.skipped + counted.accepted + counted.unconfirmed + _refused_at_once()


def _refused_at_once() -> int:
    return db.session.query(Message).filter_by(state=MessageState.FAILED, is_superseded=False).count()
