"""Who comes next in a campaign: a few due recipients, locked, each with one row of all that is to know of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Row, TextClause, text

from app.campaigns.service.plan import Plan
from app.extensions import db
from app.messaging.engine.guard import NEVER
from app.messaging.engine.recent import recent_sql


class Cursor(NamedTuple):
    """Behind whom a claim looks for more, and how many at a time.

    Without it each claim would walk over the dead index entries of all claims before it. It holds for one tick: who is
    put back before it is found by the next.
    """

    due_at: datetime = NEVER
    position: int = 0
    bite: int = 1


START = Cursor()


def candidates(plan: Plan, cursor: Cursor, number: int) -> Sequence[Row[Any]]:
    """Up to `number` pending recipients who are due, those due first first; none unless the campaign is sending.

    Whom another process has locked is left to it.
    """
    return db.session.execute(
        question(number),
        {
            "campaign": plan.campaign_id,
            "channel": plan.channel_id,
            "due_at": cursor.due_at,
            "position": cursor.position,
            "salt": plan.salt,
            "lookback": plan.lookback,
            "category": plan.category,
        },
    ).all()


@lru_cache(maxsize=64)
def question(number: int) -> TextClause:
    """The claim's question. With the number in its words PostgreSQL keeps its plan; to make one takes twice as long as
    to carry it out."""
    return text(_CANDIDATES.format(number=int(number)))


# First a few rows by (campaign_id, due_at, position), never ORDER BY id: the planner would walk the primary key through
# every older campaign. Materialized, so that the facts are asked for these rows alone.
# The campaign's own row is asked here, so that a pause stops the very next claim. So does a template that is of another
# category than the plan's by now: other rules hold for it.
# Whose number or id nobody has any more is found by who had it then: their stop said since holds, and they are written
# to where they are now. Two recipients may be one customer, whom nobody knew then to be the same: they were written to
# if there is a message of this campaign, which cannot be older than the campaign's first. OFFSET 0 keeps the planner to
# the index by customer: the one by campaign grows with what the campaign has sent.
# The cursor is asked for by sub-selects: seen by the planner, its values would mislead it about how many there are.
_CANDIDATES = f"""
    WITH due AS MATERIALIZED (
        SELECT id, due_at, position, customer_id, phone, user_id, name, variables, message_id FROM recipients
        WHERE campaign_id = :campaign AND state = 'pending'
          AND (due_at, position) > ((SELECT CAST(:due_at AS timestamptz)), (SELECT CAST(:position AS integer)))
          AND due_at <= statement_timestamp()
          AND EXISTS (SELECT 1 FROM campaigns WHERE id = :campaign AND status = 'sending')
        ORDER BY due_at, position LIMIT {{number}} FOR UPDATE SKIP LOCKED)
    SELECT r.id, r.due_at, r.position, r.name, r.variables, statement_timestamp() AS at,
        who.phone, who.user_id, c.id AS customer_id, c.name AS customer_name, c.email, c.city, c.attributes, c.zone,
        c.marketing_opt_in, c.marketing_opt_out_at,
        (SELECT CASE WHEN t.category = :category THEN t.status ELSE 'RECLASSIFIED' END
         FROM campaigns k JOIN message_templates t ON t.id = k.template_id WHERE k.id = :campaign) AS template_status,
        CASE WHEN (SELECT EXISTS (SELECT 1 FROM suppressions)) THEN EXISTS (
            SELECT 1 FROM suppressions s WHERE s.digest IN (
                sha256(convert_to(:salt || who.phone, 'UTF8')), sha256(convert_to(:salt || who.user_id, 'UTF8')),
                sha256(convert_to(:salt || c.phone, 'UTF8')), sha256(convert_to(:salt || c.user_id, 'UTF8'))))
            ELSE false END AS is_suppressed,
        (SELECT v.window_expires_at FROM conversations v WHERE v.channel_id = :channel AND v.customer_id = c.id),
        EXISTS (SELECT 1 FROM messages m WHERE m.recipient_id = r.id AND m.is_superseded AND m.state = 'accepted')
            AS has_arrived,
        EXISTS (SELECT 1 FROM (SELECT * FROM messages WHERE customer_id = c.id AND id >= (
                    SELECT min(id) FROM messages WHERE campaign_id = :campaign) OFFSET 0) o
                WHERE o.campaign_id = :campaign AND o.id IS DISTINCT FROM r.message_id
                AND (NOT o.is_superseded OR o.state = 'accepted')) AS has_been_written_to,
        lately.marketing_at, lately.last_sent_at
    FROM due r
    LEFT JOIN LATERAL (SELECT *, false AS has_moved FROM customers WHERE phone = r.phone
                       UNION ALL SELECT *, false FROM customers WHERE r.phone IS NULL AND user_id = r.user_id
                       UNION ALL SELECT *, true FROM customers WHERE id = r.customer_id
                       LIMIT 1) c ON true
    CROSS JOIN LATERAL (SELECT CASE WHEN c.has_moved THEN c.phone ELSE r.phone END AS phone,
                               CASE WHEN c.has_moved THEN c.user_id ELSE r.user_id END AS user_id) who
    CROSS JOIN LATERAL ({recent_sql("who.phone", "c.id", "r.id")}) lately
    ORDER BY r.due_at, r.position
    """
