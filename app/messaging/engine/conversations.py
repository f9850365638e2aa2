"""Conversations as they grow: the window only opens wider, each new message is unread once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from app.extensions import db
from app.messaging.engine.answers import DEEDS
from app.messaging.models import WINDOW
from app.shared.ids import uuid7

# Shown under a message, or news about one or about a person: none of them opens the window or waits to be read.
SIGN = "reaction"
NO_MESSAGES = (SIGN, "system", "edit", "revoke", *DEEDS)


@dataclass(slots=True)
class News:
    """What a batch brings to one conversation; `wrote_at` is when the customer last wrote, if they did."""

    customer_id: int
    last_at: datetime
    wrote_at: datetime | None = None
    unread: int = 0


def said(events: Iterable[tuple[int, datetime, bool]]) -> list[News]:
    """Per customer, out of (customer id, time, whether it is a message of theirs and not only a sign)."""
    found: dict[int, News] = {}
    for customer_id, at, is_message in events:
        news = found.setdefault(customer_id, News(customer_id, at))
        news.last_at = max(news.last_at, at)
        if is_message:
            news.wrote_at, news.unread = max(news.wrote_at or at, at), news.unread + 1
    return [found[customer_id] for customer_id in sorted(found)]


def touch(channel_id: int, news: Iterable[News]) -> None:
    """Begin or bring forward these conversations. Late or in any order, the end is the same."""
    rows = list(news)
    if rows:
        db.session.execute(
            _TOUCH,
            {
                "channel": channel_id,
                "public_ids": [uuid7() for _ in rows],
                "customers": [row.customer_id for row in rows],
                "last": [row.last_at for row in rows],
                "wrote": [row.wrote_at for row in rows],
                "unread": [row.unread for row in rows],
                "window": WINDOW,
            },
        )


def rebuild() -> int:
    """Set every conversation's window and last time anew from its messages; how many differed."""
    return len(db.session.execute(_REBUILD, {"window": WINDOW, "no_messages": list(NO_MESSAGES), "sign": SIGN}).all())


_TOUCH = text(
    """
    WITH news AS (
        SELECT * FROM unnest(CAST(:public_ids AS uuid[]), CAST(:customers AS bigint[]), CAST(:last AS timestamptz[]),
            CAST(:wrote AS timestamptz[]), CAST(:unread AS integer[]))
            AS n(public_id, customer_id, last_at, wrote, unread)),
    heard AS (
        UPDATE customers c SET last_inbound_at = greatest(c.last_inbound_at, n.wrote)
        FROM news n WHERE c.id = n.customer_id AND n.wrote IS NOT NULL)
    INSERT INTO conversations AS c (public_id, channel_id, customer_id, window_expires_at, last_message_at, unread)
    SELECT public_id, :channel, customer_id, wrote + CAST(:window AS interval), last_at, unread FROM news
    ORDER BY customer_id
    ON CONFLICT (channel_id, customer_id) DO UPDATE SET
        window_expires_at = greatest(c.window_expires_at, excluded.window_expires_at),
        last_message_at = greatest(c.last_message_at, excluded.last_message_at),
        unread = c.unread + excluded.unread, updated_at = statement_timestamp(),
        status = CASE WHEN excluded.unread > 0 THEN 'open' ELSE c.status END
    """
)
_REBUILD = text(
    """
    WITH counted AS MATERIALIZED (
        SELECT channel_id, customer_id, max(sent_at) AS last_at,
               max(sent_at) FILTER (WHERE type <> ALL(CAST(:no_messages AS text[]))) + CAST(:window AS interval)
               AS closes
        FROM messages
        WHERE direction = 'in' AND customer_id IS NOT NULL AND NOT jsonb_exists(raw, 'group_id')
          AND (type <> ALL(CAST(:no_messages AS text[])) OR type = :sign)
        GROUP BY channel_id, customer_id)
    UPDATE conversations c SET window_expires_at = n.closes, last_message_at = n.last_at,
        updated_at = statement_timestamp()
    FROM counted n
    WHERE c.channel_id = n.channel_id AND c.customer_id = n.customer_id
      AND (c.window_expires_at, c.last_message_at) IS DISTINCT FROM (n.closes, n.last_at)
    RETURNING c.id
    """
)
