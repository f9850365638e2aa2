"""Another attempt of a recipient: a new message, the earlier one kept as a row that no longer counts.

Whoever calls holds the guard: nobody claims or settles meanwhile. Locks recipients, then messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import text

from app.campaigns.service.policy import Retry, Rules, Tries
from app.extensions import db


class Attempt(NamedTuple):
    """A recipient's latest attempt: what came before it, and what its campaign says about errors."""

    tries: Tries
    rules: Rules


def attempts(message_ids: Sequence[int]) -> dict[int, Attempt]:
    """By message id, those of these messages that are their recipient's latest."""
    rows = db.session.execute(_ATTEMPTS, {"ids": list(message_ids)})
    return {row.id: Attempt(Tries(tuple(row.codes)), Rules(row.max_retries, row.retry_failed)) for row in rows}


def requeue(retries: Mapping[int, Retry]) -> int:
    """Let the recipients of these failed messages be pending again; how many are.

    Not those of a campaign that is over, nor of a message that proved to have arrived: then that stands.
    """
    if not retries:
        return 0
    return _supersede(
        _REQUEUE,
        ids=list(retries),
        earliest=[retry.earliest for retry in retries.values()],
        latest=[retry.latest for retry in retries.values()],
        reasons=[retry.reason for retry in retries.values()],
    )


def requeue_failed(campaign_id: int, chances: Mapping[int | None, float]) -> int:
    """Let the recipients of a campaign that failed with these codes be pending again; how many are.

    Each is due so many seconds after the failure as its code says.
    """
    return _supersede(
        _REQUEUE_FAILED, campaign=campaign_id, codes=list(chances), waits=[float(wait) for wait in chances.values()]
    )


def requeue_undecided(campaign_id: int, recipient_ids: Sequence[int] | None, minutes: float) -> int:
    """Let recipients (all, or these) be pending again whose message is in doubt for so long; how many are."""
    ids = None if recipient_ids is None else list(recipient_ids)
    return _supersede(_REQUEUE_UNDECIDED, campaign=campaign_id, recipients=ids, minutes=minutes)


def _supersede(statement: str, **parameters: object) -> int:
    return len(db.session.execute(text(statement), parameters).all())


_ATTEMPTS = text(
    """
    SELECT m.id, c.max_retries, c.retry_failed,
           ARRAY(SELECT a.error_code FROM messages a WHERE a.recipient_id = r.id AND a.is_superseded) AS codes
    FROM messages m JOIN recipients r ON r.message_id = m.id JOIN campaigns c ON c.id = r.campaign_id
    WHERE m.id = ANY(CAST(:ids AS bigint[])) AND r.state = 'handed' AND NOT m.is_superseded
    """
)


def _statement(asked: str, which: str, becomes: str) -> str:
    """One statement: the messages `asked` for (id, earliest, latest, reason), as far as they still are `which`."""
    return f"""
    WITH asked AS ({asked}),
    locked AS MATERIALIZED (
        SELECT r.id, m.id AS message_id, asked.earliest, asked.latest, asked.reason
        FROM asked JOIN recipients r ON r.message_id = asked.id JOIN messages m ON m.id = asked.id
            JOIN campaigns c ON c.id = r.campaign_id
        WHERE r.state = 'handed' AND NOT m.is_superseded AND {which} AND c.status IN ('sending', 'paused')
        ORDER BY r.id FOR NO KEY UPDATE OF r, m),
    superseded AS (
        UPDATE messages m SET is_superseded = true, state = {becomes}, lease_until = NULL,
            updated_at = statement_timestamp()
        FROM locked WHERE m.id = locked.message_id AND NOT m.is_superseded AND {which}
        RETURNING m.id)
    UPDATE recipients r SET state = 'pending', waits_for = l.reason, retry_count = r.retry_count + 1,
        last_retry_at = statement_timestamp(), updated_at = statement_timestamp(),
        due_at = statement_timestamp() + make_interval(secs => l.earliest + random() * (l.latest - l.earliest))
    FROM locked l JOIN superseded s ON s.id = l.message_id
    WHERE r.id = l.id AND r.state = 'handed'
    RETURNING r.id"""


# Meta took some of these before it said that they failed; superseded, they are failed like the others, so that only
# news of an arrival bring them back.
_FAILED = "m.rank = 20"
_UNDECIDED = "m.state = 'unconfirmed'"
_REQUEUE = _statement(
    """SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:earliest AS float8[]), CAST(:latest AS float8[]),
                            CAST(:reasons AS text[])) AS v(id, earliest, latest, reason)""",
    _FAILED,
    "'failed'",
)
_REQUEUE_FAILED = _statement(
    """SELECT m.id, w.wait AS earliest, w.wait AS latest, CASE WHEN w.wait > 0 THEN 'retry' END AS reason
       FROM messages m JOIN unnest(CAST(:codes AS integer[]), CAST(:waits AS float8[])) AS v(code, wait)
           ON m.error_code IS NOT DISTINCT FROM v.code,
       LATERAL (SELECT greatest(0, v.wait - extract(epoch FROM statement_timestamp() - m.failed_at)) AS wait) w
       WHERE m.campaign_id = :campaign AND m.rank = 20 AND NOT m.is_superseded""",
    _FAILED,
    "'failed'",
)
_REQUEUE_UNDECIDED = _statement(
    """SELECT m.id, 0 AS earliest, 0 AS latest, CAST(NULL AS text) AS reason
       FROM messages m JOIN recipients r ON r.message_id = m.id
       WHERE m.campaign_id = :campaign AND m.state = 'unconfirmed' AND NOT m.is_superseded
         AND m.created_at < statement_timestamp() - make_interval(secs => 60 * :minutes)
         AND (CAST(:recipients AS bigint[]) IS NULL OR r.id = ANY(CAST(:recipients AS bigint[])))""",
    _UNDECIDED,
    "m.state",
)
