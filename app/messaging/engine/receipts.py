"""Receipts: what became of messages, from the request's answer and from Meta's statuses. Set-based, forward only.

An answer and a status may come in any order, twice, and late. Both write by the message's own id, under the
same rules, so the end is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from app.extensions import db
from app.messaging.engine.sender import Outcome, Verdict
from app.messaging.models import Rank
from app.meta.payloads import StatusEvent

RANKS = {
    "sent": Rank.SENT,
    "failed": Rank.FAILED,
    "delivered": Rank.DELIVERED,
    "read": Rank.READ,
    "played": Rank.READ,
}
_STATES = {
    Verdict.ACCEPTED: "accepted",
    Verdict.REFUSED: "failed",
    Verdict.NOT_SENT: "failed",
    Verdict.UNKNOWN: "unconfirmed",
}


def record_outcomes(outcomes: Sequence[Outcome]) -> None:
    """Store what the requests' answers said. A message that a status has settled meanwhile is left alone."""
    if not outcomes:
        return
    db.session.execute(
        _RECORD,
        {
            "ids": [outcome.message_id for outcome in outcomes],
            "states": [_STATES[outcome.verdict] for outcome in outcomes],
            "wamids": [outcome.wamid for outcome in outcomes],
            "codes": [outcome.code for outcome in outcomes],
            "words": [outcome.words for outcome in outcomes],
        },
    )


def apply_statuses(events: Sequence[StatusEvent]) -> int:
    """Bring messages forward by Meta's statuses; returns how many events named a message of ours.

    Matched by our own id in the callback data, else by wamid. A status is proof that Meta accepted the
    message, so it settles one whose outcome was in doubt.
    """
    rows = [(_callback(event), event) for event in events if event.status in RANKS]
    if not rows:
        return 0
    result = db.session.execute(
        _APPLY,
        {
            "callbacks": [callback for callback, _ in rows],
            "wamids": [event.wamid for _, event in rows],
            "ranks": [RANKS[event.status] for _, event in rows],
            "times": [event.at for _, event in rows],
            "codes": [event.error_code for _, event in rows],
            "words": [event.error_details or event.error_title for _, event in rows],
            "pricing_types": [event.pricing_type for _, event in rows],
            "pricing_categories": [event.pricing_category for _, event in rows],
        },
    )
    return int(result.scalar() or 0)


def release_expired_leases() -> int:
    """Messages whose sender died become unconfirmed: nobody can know whether their request left."""
    return len(db.session.execute(_EXPIRE).all())


def _callback(event: StatusEvent) -> UUID | None:
    try:
        return UUID(event.callback_data or "")
    except ValueError:
        return None


# Locked in the order of ids, as statuses are, so that an answer and a status cannot deadlock.
# The state's condition fences: what a status has already settled stays. Both indexable states are named, so the
# planner goes by primary key and not through the small lease index (measured: engine.md, section 2).
_RECORD = text(
    """
    WITH locked AS MATERIALIZED (
        SELECT id FROM messages WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR NO KEY UPDATE)
    UPDATE messages m SET state = v.state, wamid = coalesce(v.wamid, m.wamid), lease_until = NULL,
        error_code = v.code, error_message = v.words, updated_at = statement_timestamp(),
        rank = CASE v.state WHEN 'accepted' THEN greatest(m.rank, 10) WHEN 'failed' THEN 20 ELSE m.rank END,
        sent_at = CASE v.state WHEN 'accepted' THEN statement_timestamp() ELSE m.sent_at END,
        failed_at = CASE v.state WHEN 'failed' THEN statement_timestamp() ELSE m.failed_at END
    FROM unnest(CAST(:ids AS bigint[]), CAST(:states AS text[]), CAST(:wamids AS text[]),
                CAST(:codes AS integer[]), CAST(:words AS text[])) AS v(id, state, wamid, code, words)
        JOIN locked USING (id)
    WHERE m.id = v.id AND m.state IN ('sending', 'unconfirmed')
    """
)

# One row a message (UPDATE .. FROM takes an arbitrary match), its highest rank and each step's first time; locked in
# the order of ids, so that two drainers cannot deadlock. A failure after a delivery stays below it in rank.
_APPLY = text(
    """
    WITH events AS MATERIALIZED (
        SELECT * FROM unnest(CAST(:callbacks AS uuid[]), CAST(:wamids AS text[]), CAST(:ranks AS smallint[]),
            CAST(:times AS timestamptz[]), CAST(:codes AS integer[]), CAST(:words AS text[]),
            CAST(:pricing_types AS text[]), CAST(:pricing_categories AS text[]))
            AS e(callback, wamid, rank, at, code, words, pricing_type, pricing_category)),
    matched AS MATERIALIZED (
        SELECT coalesce((SELECT id FROM messages WHERE public_id = e.callback AND direction = 'out'),
                        (SELECT id FROM messages WHERE wamid = e.wamid AND direction = 'out')) AS id, e.*
        FROM events e),
    news AS MATERIALIZED (
        SELECT id, max(rank) AS rank, max(wamid) AS wamid,
            min(at) FILTER (WHERE rank = 10) AS sent_at, min(at) FILTER (WHERE rank = 20) AS failed_at,
            min(at) FILTER (WHERE rank >= 30) AS delivered_at, min(at) FILTER (WHERE rank = 40) AS read_at,
            min(at) AS first_at, max(code) FILTER (WHERE rank = 20) AS code,
            max(words) FILTER (WHERE rank = 20) AS words,
            max(pricing_type) AS pricing_type, max(pricing_category) AS pricing_category
        FROM matched WHERE id IS NOT NULL GROUP BY id),
    locked AS MATERIALIZED (SELECT m.id FROM messages m JOIN news USING (id) ORDER BY m.id FOR NO KEY UPDATE OF m),
    moved AS (
        UPDATE messages m SET rank = greatest(m.rank, n.rank), state = 'accepted', lease_until = NULL,
            wamid = coalesce(m.wamid, n.wamid),
            sent_at = coalesce(m.sent_at, n.sent_at, n.first_at),
            delivered_at = coalesce(m.delivered_at, n.delivered_at), read_at = coalesce(m.read_at, n.read_at),
            failed_at = coalesce(m.failed_at, n.failed_at),
            error_code = CASE WHEN greatest(m.rank, n.rank) = 20 THEN coalesce(n.code, m.error_code) END,
            error_message = CASE WHEN greatest(m.rank, n.rank) = 20 THEN coalesce(n.words, m.error_message) END,
            pricing_type = coalesce(n.pricing_type, m.pricing_type),
            pricing_category = coalesce(n.pricing_category, m.pricing_category),
            updated_at = statement_timestamp()
        FROM news n JOIN locked USING (id)
        WHERE m.id = n.id AND (m.rank < n.rank OR m.state IN ('sending', 'unconfirmed', 'failed')
            OR m.pricing_type IS DISTINCT FROM coalesce(n.pricing_type, m.pricing_type)
            OR (n.delivered_at IS NOT NULL AND m.delivered_at IS NULL))
        RETURNING m.id)
    SELECT count(*) FROM matched WHERE id IS NOT NULL
    """
)

_EXPIRE = text(
    """
    UPDATE messages SET state = 'unconfirmed', lease_until = NULL, updated_at = statement_timestamp()
    WHERE id IN (SELECT id FROM messages WHERE state = 'sending' AND lease_until < statement_timestamp()
                 ORDER BY lease_until LIMIT 1000 FOR UPDATE SKIP LOCKED)
    RETURNING id
    """
)
