"""From a recipient who may be written to, to a message written down: handed over, in the claim's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.campaigns.service.judging import Ready
from app.campaigns.service.plan import Plan
from app.messaging.engine import ledger
from app.messaging.engine.sender import Outgoing


def hand_over(plan: Plan, allowed: Sequence[Ready]) -> list[Outgoing]:
    """Write their messages down, in this order, and let their recipients point at them."""
    if not allowed:
        return []
    ids = ledger.write(
        [item.entry for item in allowed],
        channel_id=plan.channel_id,
        category=plan.category,
        campaign_id=plan.campaign_id,
        then=_HAND_OVER,
    )
    return [_outgoing(plan, item, ids) for item in allowed]


def _outgoing(plan: Plan, item: Ready, ids: dict[UUID, int]) -> Outgoing:
    message_id, way = ids[item.entry.public_id], plan.by_marketing_service
    return item.entry.outgoing(message_id, plan.template_name, plan.language, item.components, way)


_HAND_OVER = ledger.followed_by(
    """
    UPDATE recipients r SET state = 'handed', message_id = w.id, waits_for = NULL, updated_at = statement_timestamp()
    FROM written w WHERE r.id = w.recipient_id RETURNING w.id, w.public_id
    """
)
