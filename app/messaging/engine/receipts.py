"""Receipts: what became of messages, from the request's answer and from Meta's statuses. Set-based, forward only.

An answer and a status may come in any order, twice, and late. Both write by the message's own id, under the
same rules, so the end is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from app.extensions import db
from app.messaging.engine import answers, strays
from app.messaging.engine.costs import cost_of
from app.messaging.engine.sender import Outcome, Verdict
from app.messaging.engine.strays import News
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
    """Store what the requests' answers said. A message that a status has settled meanwhile is left alone.

    What came before this record (statuses by wamid, replies that name it) is settled with it.
    """
    if not outcomes:
        return
    awaited = db.session.scalars(
        _RECORD,
        {
            "ids": [outcome.message_id for outcome in outcomes],
            "states": [_STATES[outcome.verdict] for outcome in outcomes],
            "wamids": [outcome.wamid for outcome in outcomes],
            "codes": [outcome.code for outcome in outcomes],
            "words": [outcome.words for outcome in outcomes],
        },
    ).all()
    answers.reconsider([outcome.message_id for outcome in outcomes if outcome.has_failed])
    _settle_awaited(awaited)


def apply_statuses(events: Sequence[StatusEvent]) -> int:
    """Bring messages forward by Meta's statuses; returns how many events named a message of ours.

    Matched by our own id in the callback data, else by wamid. A status is proof that Meta accepted the
    message, so it settles one whose outcome was in doubt. What names no message is kept until it does.
    """
    known = [event for event in events if event.status in RANKS]
    costs = cost_of(known)
    return _apply(
        [
            News(
                _callback(event),
                event.wamid,
                RANKS[event.status],
                event.at,
                event.error_code,
                event.error_details or event.error_title,
                event.pricing_type,
                event.pricing_category,
                cost,
            )
            for event, cost in zip(known, costs, strict=True)
        ]
    )


def settle_strays() -> int:
    """Apply what came at the very moment when its message was recorded, so that neither saw the other; how many."""
    return _apply(strays.take_matching())


def _apply(news: Sequence[News]) -> int:
    if not news:
        return 0
    columns = {name: [getattr(item, name) for item in news] for name in News._fields}
    matched, named, turned = db.session.execute(_APPLY, columns).one()
    answers.reconsider(turned or [])
    _named(named or [])
    return int(matched)


def _named(wamids: Sequence[str]) -> None:
    """These wamids are known from now on: settle what has been waiting for them."""
    if wamids:
        _settle_awaited(db.session.scalars(_AWAITED, {"wamids": list(wamids)}).all())


def _settle_awaited(wamids: Sequence[str]) -> None:
    if wamids:
        _apply(strays.take(wamids))
        answers.link_late(wamids)


def release_expired_leases() -> int:
    """Messages whose sender died become unconfirmed: nobody can know whether their request left."""
    return len(db.session.execute(_EXPIRE).all())


def _callback(event: StatusEvent) -> UUID | None:
    try:
        return UUID(event.callback_data or "")
    except ValueError:
        return None


# The wamids that something has come for already: a status, a reply that names it.
_WAITED_FOR = """
    SELECT w.wamid FROM unnest(CAST(:wamids AS text[])) AS w(wamid)
    WHERE EXISTS (SELECT 1 FROM stray_statuses s WHERE s.wamid = w.wamid)
       OR EXISTS (SELECT 1 FROM messages i WHERE i.context_wamid = w.wamid AND i.answers_id IS NULL)
    """
_AWAITED = text(_WAITED_FOR)

# Locked in the order of ids, as statuses are, so that an answer and a status cannot deadlock.
# The state's condition fences: what a status has already settled stays. Both indexable states are named, so the
# planner goes by primary key and not through the small lease index (measured: engine.md, section 2).
# Asks what waits for the wamids on the way: a statement of its own would cost each batch a round trip.
_RECORD = text(
    f"""
    WITH locked AS MATERIALIZED (
        SELECT id FROM messages WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR NO KEY UPDATE),
    recorded AS (
        UPDATE messages m SET state = v.state, wamid = coalesce(m.wamid, v.wamid), lease_until = NULL,
            error_code = v.code, error_message = v.words, updated_at = statement_timestamp(),
            rank = CASE v.state WHEN 'accepted' THEN greatest(m.rank, 10) WHEN 'failed' THEN 20 ELSE m.rank END,
            sent_at = CASE v.state WHEN 'accepted' THEN statement_timestamp() ELSE m.sent_at END,
            failed_at = CASE v.state WHEN 'failed' THEN statement_timestamp() ELSE m.failed_at END
        FROM unnest(CAST(:ids AS bigint[]), CAST(:states AS text[]), CAST(:wamids AS text[]),
                    CAST(:codes AS integer[]), CAST(:words AS text[])) AS v(id, state, wamid, code, words)
            JOIN locked USING (id)
        WHERE m.id = v.id AND m.state IN ('sending', 'unconfirmed'))
    {_WAITED_FOR}
    """
)

# One row a message (UPDATE .. FROM takes an arbitrary match), its highest rank and each step's first time; locked in
# the order of ids, so that two drainers cannot deadlock. A failure after a delivery stays below it in rank.
# Tells how many events named a message, which wamids are new, and which messages have failed or are back from it.
# Meta's news are proof against a refusal that we got as the request's answer. What failed by Meta's own news stays so
# until it arrives; an attempt that was given up for it must not look as if Meta had it. Failures of campaigns wait in
# late_failures for whoever heeds them.
_APPLY = text(
    """
    WITH events AS MATERIALIZED (
        SELECT * FROM unnest(CAST(:callback AS uuid[]), CAST(:wamid AS text[]), CAST(:rank AS smallint[]),
            CAST(:at AS timestamptz[]), CAST(:error_code AS integer[]), CAST(:error_message AS text[]),
            CAST(:pricing_type AS text[]), CAST(:pricing_category AS text[]), CAST(:estimated_cost AS numeric[]))
            AS e(callback, wamid, rank, at, error_code, error_message, pricing_type, pricing_category, cost)),
    matched AS MATERIALIZED (
        SELECT coalesce((SELECT id FROM messages WHERE public_id = e.callback AND direction = 'out'),
                        (SELECT id FROM messages WHERE wamid = e.wamid AND direction = 'out')) AS id, e.*
        FROM events e),
    news AS MATERIALIZED (
        SELECT id, max(rank) AS rank, max(wamid) AS wamid,
            min(at) AS first_at, min(at) FILTER (WHERE rank = 20) AS failed_at,
            min(at) FILTER (WHERE rank >= 30) AS delivered_at, min(at) FILTER (WHERE rank = 40) AS read_at,
            max(error_code) FILTER (WHERE rank = 20) AS code,
            max(error_message) FILTER (WHERE rank = 20) AS words,
            max(pricing_type) AS pricing_type, max(pricing_category) AS pricing_category, max(cost) AS cost
        FROM matched WHERE id IS NOT NULL GROUP BY id),
    locked AS MATERIALIZED (
        SELECT m.id, m.wamid IS NULL AS is_new, m.rank = 20 OR m.state = 'failed' AS had_failed,
            greatest(n.rank, CASE WHEN m.state = 'failed' AND m.sent_at IS NULL THEN 0 ELSE m.rank END) AS rank
        FROM messages m JOIN news n USING (id) ORDER BY m.id FOR NO KEY UPDATE OF m),
    moved AS (
        UPDATE messages m SET rank = locked.rank, lease_until = NULL, wamid = coalesce(m.wamid, n.wamid),
            state = CASE WHEN locked.rank = 20 AND m.is_superseded THEN 'failed' ELSE 'accepted' END,
            sent_at = least(m.sent_at, n.first_at),
            delivered_at = least(m.delivered_at, n.delivered_at), read_at = least(m.read_at, n.read_at),
            failed_at = CASE WHEN locked.rank = 20 THEN least(m.failed_at, n.failed_at) END,
            error_code = CASE WHEN locked.rank = 20 THEN coalesce(n.code, m.error_code) END,
            error_message = CASE WHEN locked.rank = 20 THEN coalesce(n.words, m.error_message) END,
            pricing_type = coalesce(n.pricing_type, m.pricing_type),
            pricing_category = coalesce(n.pricing_category, m.pricing_category),
            estimated_cost = greatest(n.cost, m.estimated_cost),
            updated_at = statement_timestamp()
        FROM news n JOIN locked USING (id)
        WHERE m.id = n.id AND (m.rank < n.rank OR m.state IN ('created', 'sending', 'unconfirmed', 'failed')
            OR m.pricing_type IS DISTINCT FROM coalesce(n.pricing_type, m.pricing_type)
            OR m.estimated_cost IS DISTINCT FROM greatest(n.cost, m.estimated_cost)
            OR m.sent_at IS DISTINCT FROM least(m.sent_at, n.first_at)
            OR m.delivered_at IS DISTINCT FROM least(m.delivered_at, n.delivered_at)
            OR m.read_at IS DISTINCT FROM least(m.read_at, n.read_at))
        RETURNING m.id, m.rank, m.wamid, m.campaign_id IS NOT NULL AND NOT m.is_superseded AS counts),
    late AS (
        INSERT INTO late_failures (message_id)
        SELECT moved.id FROM moved JOIN locked USING (id) WHERE moved.rank = 20 AND NOT had_failed AND counts
        ON CONFLICT DO NOTHING),
    kept AS (
        INSERT INTO stray_statuses AS s (wamid, callback, rank, at, error_code, error_message, pricing_type,
                                         pricing_category, estimated_cost)
        SELECT DISTINCT ON (wamid, rank) wamid, callback, rank, at, error_code, error_message, pricing_type,
                                         pricing_category, cost
        FROM matched WHERE id IS NULL ORDER BY wamid, rank, at
        ON CONFLICT (wamid, rank) DO UPDATE SET at = least(s.at, excluded.at),
            callback = coalesce(s.callback, excluded.callback),
            pricing_type = coalesce(s.pricing_type, excluded.pricing_type),
            pricing_category = coalesce(s.pricing_category, excluded.pricing_category),
            estimated_cost = coalesce(s.estimated_cost, excluded.estimated_cost))
    SELECT (SELECT count(*) FROM matched WHERE id IS NOT NULL),
           (SELECT array_agg(moved.wamid) FROM moved JOIN locked USING (id) WHERE is_new),
           (SELECT array_agg(moved.id) FROM moved JOIN locked USING (id) WHERE had_failed <> (moved.rank = 20))
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
