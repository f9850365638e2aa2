"""What the tick finds: cheap and exact, however many wait."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import text

from app.campaigns.models import Campaign, CampaignStatus, RecipientState, WaitReason
from app.campaigns.queries import due, outlook, whereabouts
from app.campaigns.service import slots
from app.extensions import db, redis_connection
from app.shared import clock
from tests import factories

MANY = 50_000
HERE = ZoneInfo("Asia/Kolkata")


def sending(people: int = 1, **columns: object) -> Campaign:
    campaign = factories.make_campaign(status=CampaignStatus.SENDING)
    factories.make_recipients(campaign, people, **columns)
    db.session.commit()
    return campaign


def test_it_tells_how_many_slots_are_free(app: Flask) -> None:
    campaign = sending()
    assert due.unattended(3) == [(campaign.id, 3)]
    slots.acquire(campaign.id, uuid4(), 3)
    assert due.unattended(3) == [(campaign.id, 2)]
    assert due.unattended(1) == []


def test_a_slot_whose_worker_died_is_free(app: Flask) -> None:
    campaign = sending()
    slots.acquire(campaign.id, uuid4(), 1)
    db.session.execute(text("UPDATE sending_slots SET lease_until = now() - interval '1 second'"))
    assert due.unattended(1) == [(campaign.id, 1)]


def test_whoever_waits_for_a_morning_wants_no_worker(app: Flask) -> None:
    campaign = sending(due_at=clock.now() + timedelta(hours=1), waits_for=WaitReason.WINDOW)
    assert due.unattended(1) == []
    assert due.finished_candidates() == []
    db.session.execute(text("UPDATE recipients SET due_at = now()"))
    assert due.unattended(1) == [(campaign.id, 1)]


def test_a_campaign_without_anybody_pending_is_done(app: Flask) -> None:
    campaign = sending(state=RecipientState.HANDED)
    assert due.finished_candidates() == [campaign.id]
    assert due.unattended(1) == []


def test_many_who_wait_cost_it_nothing(app: Flask) -> None:
    campaign = sending(0)
    crowd(campaign, "919800000000", "now() + interval '9 hours'")
    for statement in (due._UNATTENDED, due._NOBODY_PENDING):
        plan = db.session.execute(text(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.text}"), {"slots": 2}).scalar()
        assert plan[0]["Execution Time"] < 5, plan
        assert "ix_recipients_pending" in str(plan)


def test_the_sample_sees_every_part_of_a_sorted_list(app: Flask) -> None:
    campaign = sending(0)
    crowd(campaign, "919800000000", "now()")
    crowd(campaign, "447700000000", "now()", after=MANY)
    told = {crowd.zone.key: crowd.messages for crowd in whereabouts.crowds(campaign, 1000, HERE)}
    assert sum(told.values()) == 1000
    assert abs(told["Asia/Calcutta"] - 500) < 20


def test_a_customers_own_zone_counts_for_the_forecast(app: Flask) -> None:
    factories.make_customer(phone="+919800000001", zone="America/New_York")
    campaign = sending(1)
    assert [crowd.zone.key for crowd in whereabouts.crowds(campaign, 1, HERE)] == ["America/New_York"]


def test_the_sample_is_taken_once_a_minute(app: Flask) -> None:
    campaign = sending(1)
    whereabouts.crowds(campaign, 1, HERE)
    assert 0 < redis_connection().ttl(f"whereabouts:{campaign.id}") <= 60  # type: ignore[operator]


def test_the_forecast_knows_hours_and_who_waits_longer(app: Flask) -> None:
    campaign = sending(2)
    campaign.window_opens, campaign.window_closes = time(9), time(21)
    night = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
    told = outlook.forecast_of(campaign, 2, night)
    assert told.first_closing == night
    assert told.finishes_at is not None
    assert told.finishes_at - timedelta(minutes=1) < datetime(2026, 11, 24, 3, 30, tzinfo=UTC) < told.finishes_at
    in_a_week = night + timedelta(days=400)
    db.session.execute(text("UPDATE recipients SET due_at = :at WHERE position = 1"), {"at": in_a_week})
    assert outlook.forecast_of(campaign, 2, night).finishes_at == in_a_week


def crowd(campaign: Campaign, first: str, due_at: str, after: int = 0) -> None:
    db.session.execute(
        text(
            f"""INSERT INTO recipients (campaign_id, position, phone, due_at)
                SELECT :campaign, :after + n, '+' || (CAST(:first AS bigint) + n), {due_at}
                FROM generate_series(1, :many) n"""
        ),
        {"campaign": campaign.id, "first": first, "after": after, "many": MANY},
    )
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE recipients")
