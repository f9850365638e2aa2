"""What somebody was sent lately, by any campaign and singly: the gate's memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from app.extensions import db


@dataclass(frozen=True, slots=True)
class Recent:
    """When they got marketing, the oldest first; when the last message left; until when they get free-form ones."""

    marketing_at: tuple[datetime, ...]
    last_sent_at: datetime | None
    window_expires_at: datetime | None


def recent(channel_id: int, phone: str | None, customer_id: int | None, lookback: timedelta) -> Recent:
    """What went to this number or customer by any channel, and the window that this channel has with them."""
    asked = {"channel": channel_id, "phone": phone, "customer": customer_id, "lookback": lookback}
    row = db.session.execute(_RECENT, asked).one()
    return Recent(tuple(row.marketing_at or ()), row.last_sent_at, row.window_expires_at)


def recent_sql(phone: str, customer: str, but_recipient: str = "0") -> str:
    """A query of one row, `marketing_at` and `last_sent_at`, of these SQL expressions' person; binds :lookback.

    What failed counts for nothing, nor does a trial on one's own phone as marketing, nor what `but_recipient` was sent:
    another attempt takes the place of the one before.
    """
    return f"""
        SELECT max(created_at) AS last_sent_at,
            array_agg(created_at ORDER BY created_at) FILTER (
                WHERE category = 'MARKETING' AND NOT is_trial) AS marketing_at
        FROM ({_walk(f"phone = {phone}")} UNION {_walk(f"customer_id = {customer}")}) sent
        WHERE direction = 'out' AND state IN ('sending', 'accepted', 'unconfirmed') AND rank <> 20
            AND recipient_id IS DISTINCT FROM {but_recipient}"""


def _walk(whose: str) -> str:
    """Their messages back to the first that is too old, one by one: whoever chats much has thousands."""
    columns = "id, created_at, direction, category, state, rank, is_trial, recipient_id"
    return f"""
        (WITH RECURSIVE walk AS (
            (SELECT {columns} FROM messages WHERE {whose} ORDER BY id DESC LIMIT 1)
            UNION ALL
            SELECT older.* FROM walk CROSS JOIN LATERAL (
                SELECT {columns} FROM messages WHERE {whose} AND id < walk.id ORDER BY id DESC LIMIT 1) older
            WHERE walk.created_at > statement_timestamp() - CAST(:lookback AS interval))
        SELECT * FROM walk WHERE created_at > statement_timestamp() - CAST(:lookback AS interval))"""


_RECENT = text(
    f"""
    SELECT lately.marketing_at, lately.last_sent_at,
        (SELECT v.window_expires_at FROM conversations v WHERE v.channel_id = :channel
         AND v.customer_id = CAST(:customer AS bigint)) AS window_expires_at
    FROM ({recent_sql("CAST(:phone AS text)", "CAST(:customer AS bigint)")}) lately
    """
)
