"""The claim's cost must not grow with what older campaigns left behind."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import text

from app.campaigns.service import dispatch
from app.extensions import db
from tests import factories


def test_it_finds_the_next_recipients_by_the_pending_index(app: Flask) -> None:
    old = factories.make_campaign()
    new = factories.make_campaign(old.template)
    db.session.execute(
        text(
            """INSERT INTO recipients (campaign_id, position, phone, state)
               SELECT c, n, '+91' || c || n, CASE c WHEN :old THEN 'skipped' ELSE 'pending' END
               FROM unnest(ARRAY[:old, :new]) c, generate_series(1, 20000) n"""
        ),
        {"old": old.id, "new": new.id},
    )
    db.session.commit()
    db.session.execute(text("ANALYZE recipients"))
    explain = text(f"EXPLAIN {dispatch._CANDIDATES.text}")
    plan = "\n".join(db.session.scalars(explain, {"campaign": new.id, "cursor": 0, "wanted": 10}))
    assert "ix_recipients_pending" in plan
    assert "Sort" not in plan


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
    explain = text(f"EXPLAIN {dispatch._CANDIDATES.text}")
    plan = "\n".join(db.session.scalars(explain, {"campaign": new.id, "cursor": 0, "wanted": 10}))
    assert "ix_messages_customer" in plan
    assert "ix_messages_campaign" not in plan
