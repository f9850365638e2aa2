"""The claim's cost must not grow with what is waiting, nor with what older campaigns left behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import event, text

from app.campaigns.models import Campaign, CampaignStatus, TargetType
from app.campaigns.service import dispatch
from app.campaigns.service.candidates import question
from app.extensions import db
from app.messaging.engine import guard
from tests import factories


def asked_of(campaign: Campaign) -> dict[str, Any]:
    """What the claim's question is asked with at the beginning of a tick."""
    start = dispatch.START
    place = {"due_at": start.due_at, "position": start.position}
    who = {"campaign": campaign.id, "channel": campaign.channel_id}
    return place | who | {"salt": "", "lookback": timedelta(days=7), "category": "MARKETING"}


def plan_for(campaign: Campaign) -> str:
    return "\n".join(db.session.scalars(text(f"EXPLAIN {question(10).text}"), asked_of(campaign)))


def blocks_read(campaign: Campaign) -> int:
    """Pages of tables and indexes that the question touched."""
    asked = text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {question(10).text}")
    found = db.session.execute(asked, asked_of(campaign)).scalar_one()[0]["Plan"]
    db.session.rollback()
    return int(found["Shared Hit Blocks"] + found["Shared Read Blocks"])


def fill(campaign: Campaign, number: int, state: str, due: str) -> None:
    """Recipients by the thousand."""
    db.session.execute(
        text(
            f"""INSERT INTO recipients (campaign_id, position, phone, state, due_at, waits_for)
                SELECT :id, n, '+91' || :id || lpad(n::text, 8, '0'), :state, now() + interval '{due}',
                       CASE WHEN '{due}' > '0' THEN 'window' END
                FROM generate_series(1, :number) n"""
        ),
        {"id": campaign.id, "number": number, "state": state},
    )


def test_it_finds_the_next_recipients_by_the_pending_index(app: Flask) -> None:
    old = factories.make_campaign()
    new = factories.make_campaign(old.template)
    fill(old, 20_000, "skipped", "0")
    fill(new, 20_000, "pending", "0")
    db.session.commit()
    db.session.execute(text("ANALYZE recipients"))
    plan = plan_for(new)
    assert "Index Scan using ix_recipients_pending on recipients" in plan
    assert re.search(r'Index Cond: .*ROW\(due_at, "position"\) > ROW', plan)
    assert "Sort" not in plan.split("LockRows")[1].split("InitPlan")[0]


def test_it_asks_what_a_customer_was_sent_by_the_index_of_customers(app: Flask) -> None:
    """By the campaign's index, of which the planner takes little for granted, each claim would read all it has sent."""
    old = factories.make_campaign()
    new = factories.make_campaign(old.template)
    db.session.execute(
        text(
            """WITH made AS (INSERT INTO customers (public_id, user_id)
                             SELECT gen_random_uuid(), n FROM generate_series(1, 20000) n RETURNING id)
               INSERT INTO messages (public_id, channel_id, customer_id, campaign_id, type, state)
               SELECT gen_random_uuid(), :channel, id, :old, 'template', 'accepted' FROM made"""
        ),
        {"channel": old.channel_id, "old": old.id},
    )
    db.session.commit()
    db.session.execute(text("ANALYZE messages"))
    plan = plan_for(new)
    assert "Index Scan using ix_messages_customer" in plan
    assert "Index Scan using ix_messages_campaign" not in plan
    assert "Seq Scan on messages" not in plan


def test_whoever_waits_for_the_morning_costs_the_claim_nothing(app: Flask) -> None:
    few = sending()
    many = sending(template=few.template)
    factories.make_recipients(few, 100)
    factories.make_recipients(many, 100)
    fill(many, 20_000, "pending", "8 hours")
    db.session.commit()
    db.session.execute(text("ANALYZE recipients"))
    assert blocks_read(many) <= blocks_read(few) + 10


def test_a_customer_who_chats_much_costs_no_more_than_their_last_week(app: Flask) -> None:
    campaign = sending()
    quiet, chatty = factories.make_recipients(campaign, 2)
    db.session.execute(
        text(
            """INSERT INTO messages (public_id, channel_id, direction, type, phone, state, created_at)
               SELECT gen_random_uuid(), :channel, 'in', 'text', :phone, 'received',
                      now() - make_interval(mins => 20 * (20000 - n))
               FROM generate_series(1, 20000) n"""
        ),
        {"channel": campaign.channel_id, "phone": chatty.phone},
    )
    db.session.commit()
    db.session.execute(text("ANALYZE messages"))
    week = 7 * 24 * 3
    assert blocks_read(campaign) < 6 * week


def test_a_claim_takes_four_statements(app: Flask) -> None:
    campaign = sending(target_type=TargetType.IMPORTED)
    factories.make_recipients(campaign, 10)
    db.session.commit()
    plan = dispatch.plan_of(campaign, None, "UTC")
    guard.hold(plan.portfolio_id)  # there from the first claim ever
    db.session.commit()
    with counted() as statements:
        assert len(dispatch.claim(plan, 10).outgoing) == 10
    assert len(statements) == 4, statements


def sending(**columns: Any) -> Campaign:
    return factories.make_campaign(status=CampaignStatus.SENDING, **columns)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    seen: list[str] = []

    def see(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", see)
