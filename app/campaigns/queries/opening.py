"""When a campaign's window opens again, if that is all its recipients wait for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from app.extensions import db


def window_opens(campaign_id: int) -> datetime | None:
    """When the first of those pending may be written to; None unless each of them waits for the send window alone."""
    moment: datetime | None = db.session.scalar(_OPENS, {"campaign": campaign_id})
    return moment


# Each a scalar with ORDER BY and LIMIT: they keep the planner to the index of those pending in this campaign.
_OPENS = text(
    """
    SELECT due_at FROM recipients
    WHERE campaign_id = :campaign AND state = 'pending' AND due_at > statement_timestamp()
      AND (SELECT 1 FROM recipients WHERE campaign_id = :campaign AND state = 'pending'
             AND (due_at <= statement_timestamp() OR waits_for IS DISTINCT FROM 'window')
           ORDER BY due_at, position LIMIT 1) IS NULL
      AND NOT EXISTS (SELECT 1 FROM messages WHERE campaign_id = :campaign AND state = 'sending')
    ORDER BY due_at, position LIMIT 1
    """
)
