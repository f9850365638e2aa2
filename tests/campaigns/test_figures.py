"""Figures are kept by triggers and read in one statement; the people behind them are their very rows."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app.campaigns.models import Campaign, CampaignStatus, PauseReason, Recipient, RecipientState
from app.campaigns.queries import figures, people
from app.campaigns.service import recount
from app.extensions import db
from app.messaging.models import Message, MessageRate, MessageState, Rank, WaitReason
from app.shared import clock
from tests import factories

# state and rank of a message -> the recipient's one word
STORIES = [
    (MessageState.SENDING, 0, "sending"),
    (MessageState.UNCONFIRMED, 0, "unconfirmed"),
    (MessageState.ACCEPTED, Rank.SENT, "sent"),
    (MessageState.ACCEPTED, Rank.DELIVERED, "delivered"),
    (MessageState.ACCEPTED, Rank.READ, "responded"),
    (MessageState.ACCEPTED, Rank.FAILED, "failed"),
    (MessageState.FAILED, Rank.FAILED, "failed"),
]


def colourful_campaign() -> Campaign:
    """One recipient of every kind: seven messages, one waiting for next week, two skipped; the reader wrote back."""
    campaign = factories.make_campaign(status=CampaignStatus.SENDING, started_at=clock.now())
    recipients = factories.make_recipients(campaign, 10)
    for recipient, (state, rank, _) in zip(recipients, STORIES, strict=False):
        recipient.message_id = _message(campaign, recipient, state, rank).id
        recipient.state = RecipientState.HANDED
    _respond(campaign, recipients[4])
    recipients[7].waits_for, recipients[7].due_at = WaitReason.CAP, clock.now() + timedelta(days=7)
    for recipient, reason in zip(recipients[8:], ("opted_out", "missing_variable"), strict=True):
        recipient.state, recipient.skip_reason = RecipientState.SKIPPED, reason
    db.session.commit()
    return campaign


def _respond(campaign: Campaign, recipient: Recipient) -> None:
    message = db.session.get_one(Message, recipient.message_id)
    message.responded_at = message.clicked_at = clock.now()
    answer = Message(channel_id=campaign.channel_id, direction="in", type="text", body="Yes please", state="received")
    answer.answers_id = message.id
    db.session.add(answer)


def _message(campaign: Campaign, recipient: Recipient, state: MessageState, rank: int) -> Message:
    message = Message(
        channel_id=campaign.channel_id,
        campaign_id=campaign.id,
        recipient_id=recipient.id,
        type="template",
        phone=recipient.phone,
        state=state,
        rank=rank,
        error_code=131026 if rank == Rank.FAILED else None,
        sent_at=clock.now() if state is MessageState.ACCEPTED else None,
    )
    db.session.add(message)
    db.session.flush()
    return message


def test_it_reads_every_figure(app: Flask) -> None:
    now = figures.of(colourful_campaign().id)
    told = {name: getattr(now, name) for name in figures.COUNTS}
    assert told == {
        "total": 10,
        "pending": 1,
        "waiting": 1,
        "skipped": 2,
        "sending": 1,
        "unconfirmed": 1,
        "accepted": 4,
        "failed": 2,
        "delivered": 2,
        "read": 1,
        "responded": 1,
        "clicked": 1,
        "opted_out": 0,
    }
    assert (now.sent_count, now.status, now.progress) == (4, CampaignStatus.SENDING, 80)


def test_a_campaign_without_recipients_has_noughts(app: Flask) -> None:
    now = figures.of(factories.make_campaign().id)
    assert (now.total, now.progress, now.is_live) == (0, 0, False)


@pytest.mark.parametrize("status", list(people.BEHIND))
def test_the_people_are_as_many_as_the_figure(app: Flask, status: str) -> None:
    campaign = colourful_campaign()
    rows = db.session.execute(people.behind(campaign, status)).all()
    now = figures.of(campaign.id)
    assert len(rows) == (now.accepted if status == "sent" else getattr(now, status))


def test_a_superseded_attempt_is_behind_no_figure(app: Flask) -> None:
    campaign = colourful_campaign()
    recipient, message, _ = db.session.execute(people.behind(campaign, "failed")).first()
    message.is_superseded, recipient.state = True, RecipientState.PENDING
    db.session.commit()
    assert len(db.session.execute(people.behind(campaign, "failed")).all()) == figures.of(campaign.id).failed == 1
    assert people.status_of(recipient, message) == "pending"


def test_each_recipient_has_one_word(app: Flask) -> None:
    rows = db.session.execute(people.behind(colourful_campaign())).all()
    words = [people.status_of(*row[:2]) for row in rows]
    assert words == [word for _, _, word in STORIES] + ["pending", "skipped", "skipped"]


def test_failures_are_grouped_in_plain_words(app: Flask) -> None:
    campaign = colourful_campaign()
    (group,) = people.failure_groups(campaign)
    assert (group.key, group.count) == ("131026", 2)
    assert len(db.session.execute(people.behind(campaign, "failed", "131026")).all()) == 2
    assert db.session.execute(people.behind(campaign, "failed", "4")).all() == []


def test_skips_are_grouped_and_lead_to_their_people(app: Flask) -> None:
    campaign = colourful_campaign()
    assert {group.key: group.count for group in people.skip_groups(campaign)} == {"opted_out": 1, "missing_variable": 1}
    assert len(db.session.execute(people.behind(campaign, "skipped", "opted_out")).all()) == 1


@pytest.mark.parametrize(
    ("status", "reason", "is_live"),
    [
        (CampaignStatus.POPULATING, None, True),
        (CampaignStatus.SENDING, None, True),
        (CampaignStatus.PAUSED, PauseReason.MESSAGING_LIMIT, True),
        (CampaignStatus.PAUSED, PauseReason.BY_HAND, False),
        (CampaignStatus.COMPLETED, None, False),
        (CampaignStatus.DRAFT, None, False),
    ],
)
def test_it_is_live_while_figures_may_move(
    app: Flask, status: CampaignStatus, reason: PauseReason | None, is_live: bool
) -> None:
    assert figures.of(factories.make_campaign(status=status, pause_reason=reason).id).is_live is is_live


def test_the_rate_counts_the_last_minute(app: Flask) -> None:
    campaign = colourful_campaign()
    old = db.session.scalars(select(Message).where(Message.sent_at.is_not(None))).first()
    old.sent_at = clock.now() - timedelta(minutes=2)
    db.session.commit()
    assert figures.sent_last_minute(campaign) == 3


def test_today_counts_since_midnight(app: Flask) -> None:
    colourful_campaign()
    yesterday = db.session.scalars(select(Message).where(Message.rank == Rank.READ)).one()
    yesterday.created_at = clock.now() - timedelta(days=1, minutes=1)
    db.session.commit()
    assert figures.today(ZoneInfo("Asia/Kolkata")) == figures.Today(sent=3, delivered=1, read=0, failed=2)


def test_what_is_under_way_comes_with_its_figures(app: Flask) -> None:
    campaign = colourful_campaign()
    factories.make_campaign(campaign.template, status=CampaignStatus.COMPLETED)
    (only,) = figures.running()
    assert (only.campaign.id, only.figures.total) == (campaign.id, 10)


def test_verify_finds_nothing_where_the_triggers_did_it(app: Flask) -> None:
    colourful_campaign()
    assert recount.differences() == []
    assert app.test_cli_runner().invoke(args=["stats", "verify"]).exit_code == 0


def test_verify_finds_what_was_falsified_and_rebuild_mends_it(app: Flask) -> None:
    campaign = colourful_campaign()
    db.session.execute(
        text("UPDATE campaign_progress SET read = read + 5 WHERE shard = (SELECT min(shard) FROM campaign_progress)")
    )
    db.session.commit()
    (difference,) = recount.differences()
    assert (difference.campaign_id, difference.figure, difference.kept - difference.counted) == (campaign.id, "read", 5)
    runner = app.test_cli_runner()
    assert runner.invoke(args=["stats", "verify"]).exit_code == 1
    assert runner.invoke(args=["stats", "rebuild"]).exit_code == 0
    assert recount.differences() == []
    assert db.session.scalar(select(func.count()).select_from(Message).where(Message.campaign_id.is_not(None))) == len(
        STORIES
    )


def test_rebuilt_figures_keep_counting(app: Flask) -> None:
    campaign = colourful_campaign()
    recount.rebuild()
    db.session.commit()
    factories.make_recipients(campaign, 2, first_phone=919900000001, position=99)
    db.session.commit()
    assert figures.of(campaign.id).total == 12
    assert recount.differences() == []


def test_rates_are_entered_once_and_stay_away_when_deleted(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert "Entered" in runner.invoke(args=["rates", "ensure"]).output
    db.session.query(MessageRate).filter(MessageRate.market != "IN").delete()
    db.session.query(MessageRate).filter(MessageRate.category == "utility").delete()
    db.session.commit()
    left = db.session.query(MessageRate).count()
    assert "already" in runner.invoke(args=["rates", "ensure"]).output
    assert db.session.query(MessageRate).count() == left
