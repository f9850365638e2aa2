"""Another attempt for recipients whose message certainly did not arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from app.extensions import db


@dataclass(frozen=True, slots=True)
class Retry:
    """A message that did not arrive: seconds until its recipient is due again, doubled with every further try.

    A bounded one is tried `max_retries` times; what only came too fast, as often as it takes.
    """

    message_id: int
    wait: int
    is_bounded: bool


def requeue(retries: Sequence[Retry]) -> None:
    """The recipients of these are pending again, unless their campaign is over: then the failure stands."""
    if retries:
        db.session.execute(
            _REQUEUE,
            {
                "ids": [retry.message_id for retry in retries],
                "waits": [retry.wait for retry in retries],
                "bounded": [retry.is_bounded for retry in retries],
            },
        )


# Only what is recorded as failed: a status that came meanwhile is proof of the contrary.
_REQUEUE = text(
    """
    WITH asked AS (SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:waits AS integer[]), CAST(:bounded AS boolean[]))
                   AS v(id, wait, is_bounded)),
    superseded AS (
        UPDATE messages m SET is_superseded = true, updated_at = statement_timestamp()
        FROM asked JOIN recipients r ON r.message_id = asked.id JOIN campaigns c ON c.id = r.campaign_id
        WHERE m.id = asked.id AND m.state = 'failed' AND NOT m.is_superseded AND r.state = 'handed'
          AND c.status IN ('sending', 'paused') AND (NOT asked.is_bounded OR r.retry_count < c.max_retries)
        RETURNING m.id, asked.wait)
    UPDATE recipients r SET state = 'pending', retry_count = r.retry_count + 1,
        last_retry_at = statement_timestamp(), updated_at = statement_timestamp(),
        due_at = statement_timestamp() + make_interval(secs => least(900, s.wait * 2 ^ least(r.retry_count, 8)))
    FROM superseded s WHERE r.message_id = s.id AND r.state = 'handed'
    """
)
