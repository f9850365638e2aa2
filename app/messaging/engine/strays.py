"""Statuses that named no message of ours when they came: kept apart, taken out again when their message is there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from app.extensions import db

KEPT_DAYS = 30  # what nobody claimed by then is of messages that another program sent


class News(NamedTuple):
    """A status as it is applied: our id, Meta's, and what it says."""

    callback: UUID | None
    wamid: str
    rank: int
    at: datetime
    error_code: int | None
    error_message: str | None
    pricing_type: str | None
    pricing_category: str | None
    estimated_cost: Decimal | None


def take(wamids: Sequence[str]) -> list[News]:
    """Take out the strays of these messages."""
    return [News(*row) for row in db.session.execute(_TAKE, {"wamids": list(wamids)})]


def take_matching() -> list[News]:
    """Take out the latest strays whose message is there after all."""
    return [News(*row) for row in db.session.execute(_TAKE_MATCHING)]


def purge() -> int:
    """Forget what nobody has claimed for 30 days; how many."""
    return len(db.session.execute(_PURGE, {"days": KEPT_DAYS}).all())


_COLUMNS = ", ".join(f"s.{name}" for name in News._fields)
_TAKE = text(f"DELETE FROM stray_statuses s WHERE s.wamid = ANY(CAST(:wamids AS text[])) RETURNING {_COLUMNS}")
_TAKE_MATCHING = text(
    f"""
    DELETE FROM stray_statuses s WHERE s.id IN (
        SELECT l.id FROM (SELECT * FROM stray_statuses ORDER BY id DESC LIMIT 10000) l
        WHERE EXISTS (SELECT 1 FROM messages m WHERE m.wamid = l.wamid AND m.direction = 'out')
           OR EXISTS (SELECT 1 FROM messages m WHERE m.public_id = l.callback AND m.direction = 'out'))
    RETURNING {_COLUMNS}
    """
)
_PURGE = text(
    """
    DELETE FROM stray_statuses WHERE id IN (
        SELECT id FROM stray_statuses WHERE created_at < statement_timestamp() - make_interval(days => :days)
        ORDER BY id LIMIT 10000)
    RETURNING id
    """
)
