"""Recipients who get no message now: skipped for good, put off until later, or done without us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import text

from app.extensions import db
from app.messaging.engine import gate
from app.messaging.models import SkipReason


def skip(skipped: Mapping[int, SkipReason]) -> None:
    """These recipients, by id, get no message, for these reasons."""
    if skipped:
        reasons = [reason.value for reason in skipped.values()]
        db.session.execute(_SKIP, {"ids": list(skipped), "reasons": reasons})


def put_off(waiting: Mapping[int, gate.Wait]) -> None:
    """These recipients, by id, stay pending and are due again when what they wait for has come."""
    if waiting:
        reasons = [wait.reason.value for wait in waiting.values()]
        untils = [wait.until for wait in waiting.values()]
        db.session.execute(_PUT_OFF, {"ids": list(waiting), "reasons": reasons, "untils": untils})


def reinstate(recipient_ids: Sequence[int]) -> None:
    """An attempt of theirs that was given up proved to have arrived after all: it counts, they are done."""
    if recipient_ids:
        db.session.execute(_REINSTATE, {"ids": list(recipient_ids)})


_SKIP = text(
    """
    UPDATE recipients r SET state = 'skipped', skip_reason = v.reason, waits_for = NULL,
        updated_at = statement_timestamp()
    FROM unnest(CAST(:ids AS bigint[]), CAST(:reasons AS text[])) AS v(id, reason)
    WHERE r.id = v.id AND r.state = 'pending'
    """
)
_PUT_OFF = text(
    """
    UPDATE recipients r SET waits_for = v.reason, due_at = v.until, updated_at = statement_timestamp()
    FROM unnest(CAST(:ids AS bigint[]), CAST(:reasons AS text[]), CAST(:untils AS timestamptz[]))
         AS v(id, reason, until)
    WHERE r.id = v.id AND r.state = 'pending'
    """
)
_REINSTATE = text(
    """
    WITH furthest AS (
        SELECT DISTINCT ON (recipient_id) id FROM messages
        WHERE recipient_id = ANY(CAST(:ids AS bigint[])) AND is_superseded AND state = 'accepted'
        ORDER BY recipient_id, rank DESC, id),
    arrived AS (
        UPDATE messages m SET is_superseded = false, updated_at = statement_timestamp()
        FROM furthest WHERE m.id = furthest.id RETURNING m.id, m.recipient_id)
    UPDATE recipients r SET state = 'handed', message_id = arrived.id, waits_for = NULL,
        updated_at = statement_timestamp()
    FROM arrived WHERE r.id = arrived.recipient_id AND r.state = 'pending'
    """
)
