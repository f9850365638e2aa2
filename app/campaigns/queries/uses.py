"""Which campaigns still need a segment, as segments are told."""

from __future__ import annotations

from sqlalchemy import select

from app.campaigns.models import FINAL, Campaign, TargetType
from app.customers.segments.models import Segment
from app.extensions import db

NAMED = 20


def of_segment(segment: Segment) -> list[str]:
    """Those that go to whoever belongs to it at their start, or at each of their dates, in words."""
    needing = (
        select(Campaign.name)
        .where(Campaign.target_type == TargetType.SEGMENT)
        .where(Campaign.segment_query["segment"].astext == str(segment.public_id))
        .where(Campaign.started_at.is_(None), Campaign.status.not_in(FINAL))
    )
    return [f"the campaign “{name}”" for name in db.session.scalars(needing.order_by(Campaign.id).limit(NAMED))]
