"""Campaigns that repeat, and what is done about times that were missed; with real rows, on clocks that jump."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.auth import workspace
from app.campaigns.jobs.populate import populate
from app.campaigns.models import Campaign, CampaignStatus, PauseReason, Recipient, TargetType
from app.campaigns.queries import series as queries
from app.campaigns.service import drafts, lifecycle
from app.channels.models import Alert
from app.extensions import db
from app.operations import tick
from app.shared.errors import Invalid, Refused
from tests import factories

MORNING = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # a Monday, 08:30 in Kolkata
TEN = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)  # 10:00 there
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DAILY = {
    "every": "day",
    "interval": 1,
    "weekdays": [],
    "monthdays": [],
    "at": "10:00",
    "starts_on": "2026-11-23",
    "until": None,
    "times": None,
}


@pytest.fixture
def clock(app: Flask) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


def series(**rule: Any) -> Campaign:
    """A campaign to all customers that repeats, launched; there is one customer."""
    factories.make_customer(marketing_opt_in_at=MORNING)
    campaign = factories.make_campaign(recurrence=DAILY | rule, target_type=TargetType.ALL)
    factories.make_recipients(campaign, 1)
    lifecycle.launch(campaign)
    db.session.commit()
    return campaign


def tick_at(clock: time_machine.Traveller, moment: datetime) -> None:
    clock.move_to(moment, tick=False)
    tick.begin_due_campaigns()
    db.session.expire_all()


def children(parent: Campaign) -> list[Campaign]:
    made = select(Campaign).where(Campaign.parent_id == parent.id).order_by(Campaign.occurrence_at)
    return list(db.session.scalars(made))


def filled(child: Campaign) -> Campaign:
    populate(child.id)
    db.session.expire_all()
    return child


def test_a_series_waits_for_its_first_date_without_recipients(clock: time_machine.Traveller) -> None:
    parent = series()
    assert (parent.status, parent.scheduled_for) == (CampaignStatus.SCHEDULED, TEN)
    assert db.session.query(Recipient).count() == 0


def test_its_date_makes_a_campaign_with_fresh_recipients_that_is_sent(clock: time_machine.Traveller) -> None:
    parent = series()
    factories.make_customer(marketing_opt_in_at=MORNING)
    db.session.commit()
    tick_at(clock, TEN)
    (child,) = children(parent)
    assert (child.name, child.status) == ("Monsoon, 23 Nov 2026", CampaignStatus.POPULATING)
    assert filled(child).status is CampaignStatus.SENDING
    assert db.session.query(Recipient).filter_by(campaign_id=child.id).count() == 2
    assert (parent.status, parent.scheduled_for) == (CampaignStatus.SCHEDULED, TEN + DAY)


def test_a_child_sends_as_its_series_does(clock: time_machine.Traveller) -> None:
    parent = series()
    parent.weight, parent.max_retries, parent.weekdays = 3, 7, [1, 2]
    db.session.commit()
    tick_at(clock, TEN)
    (child,) = children(parent)
    assert (child.weight, child.max_retries, child.weekdays, child.recurrence) == (3, 7, [1, 2], None)
    assert child.template_variables == parent.template_variables


def test_before_its_date_nothing_happens(clock: time_machine.Traveller) -> None:
    parent = series()
    tick_at(clock, TEN - timedelta(seconds=1))
    assert children(parent) == []


def test_however_often_the_tick_looks_a_date_has_one_child(clock: time_machine.Traveller) -> None:
    parent = series()
    for _ in range(3):
        tick_at(clock, TEN)
    assert len(children(parent)) == 1


def test_two_schedulers_at_once_make_one_child(app: Flask, clock: time_machine.Traveller) -> None:
    parent = series()
    clock.move_to(TEN, tick=False)

    def look(_: int) -> None:
        with app.app_context():
            tick.begin_due_campaigns()
            db.session.remove()

    with ThreadPoolExecutor(6) as schedulers:
        list(schedulers.map(look, range(12)))
    db.session.expire_all()
    assert len(children(parent)) == 1


def test_a_clock_that_jumps_back_and_forth_makes_one_child_a_date(clock: time_machine.Traveller) -> None:
    parent = series()
    for moment in (TEN, TEN - HOUR, TEN, TEN + DAY, TEN, TEN + DAY + HOUR, TEN - DAY, TEN + 2 * DAY):
        tick_at(clock, moment)
    assert [child.occurrence_at for child in children(parent)] == [TEN, TEN + DAY, TEN + 2 * DAY]


def test_resumed_after_the_clock_went_back_it_does_not_repeat_a_date(clock: time_machine.Traveller) -> None:
    parent = series()
    tick_at(clock, TEN)
    clock.move_to(TEN - HOUR, tick=False)
    lifecycle.pause(parent)
    lifecycle.resume(parent)
    db.session.commit()
    tick_at(clock, TEN)
    assert len(children(parent)) == 1
    assert parent.scheduled_for == TEN + DAY


def test_late_by_less_than_two_hours_it_is_made_up_for(clock: time_machine.Traveller) -> None:
    parent = series()
    tick_at(clock, TEN + timedelta(minutes=119))
    assert filled(children(parent)[0]).status is CampaignStatus.SENDING


def test_late_by_two_hours_it_asks(clock: time_machine.Traveller) -> None:
    parent = series()
    tick_at(clock, TEN + 2 * HOUR)
    child = filled(children(parent)[0])
    assert child.status is CampaignStatus.READY
    assert child.failure is not None
    assert "Mon 23 Nov 10:00" in child.failure
    assert db.session.scalars(select(Alert.title)).all() == [
        "Monsoon, 23 Nov 2026 was due Mon 23 Nov 10:00 and was not sent."
    ]


def test_started_by_hand_the_question_is_answered(clock: time_machine.Traveller) -> None:
    parent = series()
    tick_at(clock, TEN + 2 * HOUR)
    child = filled(children(parent)[0])
    lifecycle.launch(child)
    db.session.commit()
    assert (child.status, child.failure) == (CampaignStatus.SENDING, None)
    assert db.session.scalars(select(Alert)).one().resolved_at is not None


def test_after_days_away_only_the_latest_asks_and_the_others_are_noted(clock: time_machine.Traveller) -> None:
    parent = series()
    tick_at(clock, TEN + 3 * DAY + 5 * HOUR)
    (child,) = children(parent)
    assert child.occurrence_at == TEN + 3 * DAY
    assert filled(child).status is CampaignStatus.READY
    noted = db.session.scalars(select(Alert).where(Alert.resolved_at.is_not(None))).one()
    assert noted.title == "Monsoon left out 3 dates."
    assert "Mon 23 Nov 10:00, Tue 24 Nov 10:00, Wed 25 Nov 10:00." in noted.details
    assert parent.scheduled_for == TEN + 4 * DAY


def test_after_days_away_a_date_just_missed_is_made_up_for(clock: time_machine.Traveller) -> None:
    parent = series()
    tick_at(clock, TEN + 3 * DAY + HOUR)
    assert filled(children(parent)[0]).status is CampaignStatus.SENDING


def test_a_series_ends_with_its_last_date(clock: time_machine.Traveller) -> None:
    parent = series(times=2)
    tick_at(clock, TEN)
    tick_at(clock, TEN + DAY)
    assert (len(children(parent)), parent.status) == (2, CampaignStatus.COMPLETED)
    tick_at(clock, TEN + 2 * DAY)
    assert len(children(parent)) == 2


def test_what_came_while_it_was_paused_is_left_out(clock: time_machine.Traveller) -> None:
    parent = series()
    lifecycle.pause(parent)
    db.session.commit()
    tick_at(clock, TEN + DAY)
    assert children(parent) == []
    lifecycle.resume(parent)
    db.session.commit()
    assert (parent.status, parent.scheduled_for) == (CampaignStatus.SCHEDULED, TEN + 2 * DAY)


def test_paused_beyond_its_end_it_is_completed_when_resumed(clock: time_machine.Traveller) -> None:
    parent = series(until="2026-11-23")
    lifecycle.pause(parent)
    clock.move_to(TEN + DAY, tick=False)
    lifecycle.resume(parent)
    assert parent.status is CampaignStatus.COMPLETED


def test_stopped_it_makes_no_more_and_its_campaigns_go_on(clock: time_machine.Traveller) -> None:
    parent = series()
    tick_at(clock, TEN)
    child = filled(children(parent)[0])
    lifecycle.cancel(parent)
    db.session.commit()
    tick_at(clock, TEN + DAY)
    assert (len(children(parent)), child.status) == (1, CampaignStatus.SENDING)


def test_taken_off_the_calendar_it_gets_recipients_to_look_at(clock: time_machine.Traveller) -> None:
    parent = series()
    lifecycle.unschedule(parent)
    db.session.commit()
    assert filled(parent).status is CampaignStatus.READY
    assert db.session.query(Recipient).filter_by(campaign_id=parent.id).count() == 1
    lifecycle.launch(parent)
    assert parent.status is CampaignStatus.SCHEDULED


def test_nobody_starts_the_series_itself(clock: time_machine.Traveller) -> None:
    parent = series()
    with pytest.raises(Refused, match="each at its time"):
        lifecycle.launch(parent)


def test_what_meta_forbids_at_its_date_waits_as_a_pause(clock: time_machine.Traveller) -> None:
    parent = series()
    assert parent.template is not None
    parent.template.status = "PAUSED"
    db.session.commit()
    tick_at(clock, TEN)
    child = filled(children(parent)[0])
    assert (child.status, child.pause_reason) == (CampaignStatus.PAUSED, PauseReason.TEMPLATE_PAUSED)


def test_a_file_is_not_written_to_again_and_again(app: Flask) -> None:
    campaign = factories.make_campaign(target_type=TargetType.IMPORTED)
    rule = queries.Rule.from_json(DAILY)
    with pytest.raises(Invalid, match="written to once"):
        drafts.set_start(campaign, None, rule)
    campaign.recurrence = DAILY
    with pytest.raises(Invalid, match="written to once"):
        lifecycle.launch(campaign)


def test_a_copy_repeats_too(clock: time_machine.Traveller) -> None:
    copy = drafts.duplicate(series(), None)
    assert (copy.recurrence, copy.status, copy.scheduled_for) == (DAILY, CampaignStatus.DRAFT, None)
    assert (copy.parent_id, copy.occurrence_at) == (None, None)


def test_its_page_knows_its_dates_and_campaigns(clock: time_machine.Traveller) -> None:
    parent = series(times=3)
    tick_at(clock, TEN)
    told = queries.of(parent, workspace.zone())
    assert told is not None
    assert (told.sentence, list(told.dates), told.total) == (
        "Every day at 10:00, 3 times",
        [TEN + DAY, TEN + 2 * DAY],
        1,
    )
    assert [child.name for child, _ in told.children] == ["Monsoon, 23 Nov 2026"]


def scheduled(at: datetime, beside: Campaign | None = None) -> Campaign:
    template = beside.template if beside else None
    columns = {"status": CampaignStatus.SCHEDULED, "scheduled_for": at, "target_type": "imported"}
    campaign = factories.make_campaign(template, **columns)
    db.session.commit()
    return campaign


def test_once_a_little_late_is_made_up_for(clock: time_machine.Traveller) -> None:
    campaign = scheduled(TEN)
    tick_at(clock, TEN + timedelta(minutes=119))
    assert campaign.status is CampaignStatus.SENDING


def test_once_hours_late_waits_for_a_word(clock: time_machine.Traveller) -> None:
    campaign = scheduled(TEN)
    tick_at(clock, TEN + 2 * HOUR)
    assert campaign.status is CampaignStatus.READY
    assert campaign.failure is not None
    assert db.session.scalars(select(Alert)).one().resolved_at is None
    lifecycle.cancel(campaign)
    assert db.session.scalars(select(Alert)).one().resolved_at is not None


def test_one_that_cannot_begin_holds_up_no_other(clock: time_machine.Traveller) -> None:
    broken = scheduled(TEN)
    sound = scheduled(TEN + timedelta(seconds=1), beside=broken)
    broken.recurrence, broken_id = {"every": "moon"}, broken.id
    db.session.commit()
    tick_at(clock, TEN + HOUR)
    assert sound.status is CampaignStatus.SENDING
    assert db.session.get_one(Campaign, broken_id).status is CampaignStatus.SCHEDULED


def test_paused_before_its_time_it_waits_for_it_again(clock: time_machine.Traveller) -> None:
    campaign = scheduled(TEN)
    lifecycle.pause(campaign)
    lifecycle.resume(campaign)
    assert campaign.status is CampaignStatus.SCHEDULED


def test_the_window_opens_and_the_campaign_goes_on(clock: time_machine.Traveller) -> None:
    campaign = factories.make_campaign(
        status=CampaignStatus.PAUSED, pause_reason=PauseReason.SEND_WINDOW, resumes_at=TEN, target_type="imported"
    )
    db.session.commit()
    clock.move_to(TEN - timedelta(seconds=1), tick=False)
    tick.reopen_in_the_morning()
    assert campaign.status is CampaignStatus.PAUSED
    clock.move_to(TEN, tick=False)
    tick.reopen_in_the_morning()
    assert (campaign.status, campaign.resumes_at) == (CampaignStatus.SENDING, None)
