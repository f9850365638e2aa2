"""Who else wants places of the same messaging limit now."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from app.extensions import db


@dataclass(frozen=True, slots=True)
class Share:
    """What a campaign wants of the limit: how many are pending, and its weight (1 or more)."""

    pending: int
    weight: int


def shares(campaign_id: int) -> tuple[Share, list[Share]]:
    """What this campaign wants of its portfolio's limit, and what each of its rivals wants.

    Rivals are the portfolio's other campaigns that have somebody due and are being sent, or wait for the limit: those
    go on as soon as it opens. One look-up a campaign, never a walk over recipients.
    """
    mine, rivals = Share(0, 1), []
    for row in db.session.execute(_SHARES, {"campaign": campaign_id}):
        if row.id == campaign_id:
            mine = Share(row.pending, row.weight)
        else:
            rivals.append(Share(row.pending, row.weight))
    return mine, rivals


_SHARES = text(
    """
    WITH mine AS (SELECT coalesce(h.business_id, h.waba_id) AS portfolio
                  FROM campaigns c JOIN channels h ON h.id = c.channel_id WHERE c.id = :campaign)
    SELECT c.id, c.weight, p.pending
    FROM campaigns c JOIN channels h ON h.id = c.channel_id
    JOIN mine ON mine.portfolio = coalesce(h.business_id, h.waba_id)
    CROSS JOIN LATERAL (SELECT coalesce(sum(pending), 0) AS pending FROM campaign_progress
                        WHERE campaign_id = c.id) p
    WHERE c.id = :campaign
       OR ((c.status = 'sending' OR c.status = 'paused' AND c.pause_reason = 'messaging_limit')
           AND EXISTS (SELECT 1 FROM recipients r WHERE r.campaign_id = c.id AND r.state = 'pending'
                       AND r.due_at <= statement_timestamp()))
    """
)
