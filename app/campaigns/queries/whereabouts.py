"""In which zones a campaign's pending recipients live, by a sample: a page that polls asks every two seconds."""

from __future__ import annotations

import json
from collections import Counter
from zoneinfo import ZoneInfo

from redis.exceptions import RedisError
from sqlalchemy import text

from app.campaigns.forecast import Crowd
from app.campaigns.models import Campaign
from app.extensions import db, redis_connection
from app.shared.zones import zone_of

SAMPLE = 1000
REMEMBERED = 60  # seconds


def crowds(campaign: Campaign, messages: int, otherwise: ZoneInfo) -> list[Crowd]:
    """`messages` recipients divided among the zones as the sampled are; all `otherwise` where nobody is pending."""
    counts = _remembered(campaign) or _counted(campaign, otherwise) or {otherwise.key: 1}
    together, left = sum(counts.values()), messages
    divided = []
    for key, count in counts.items():
        part = left * count // together
        together, left = together - count, left - part
        divided.append(Crowd(ZoneInfo(key), part))
    return divided


def _counted(campaign: Campaign, otherwise: ZoneInfo) -> dict[str, int]:
    sampled = db.session.execute(_SAMPLED, {"campaign": campaign.id, "sample": SAMPLE}).all()
    if len(sampled) < SAMPLE // 10:  # few are left: these are soon all of them
        sampled = db.session.execute(_FIRST, {"campaign": campaign.id, "sample": SAMPLE}).all()
    counts = Counter(zone_of(row.zone, row.phone, otherwise).key for row in sampled)
    _remember(campaign, counts)
    return counts


def _remembered(campaign: Campaign) -> dict[str, int]:
    try:
        stored: bytes | None = redis_connection().get(_key(campaign))  # type: ignore[assignment]
    except RedisError:
        return {}
    counts: dict[str, int] = json.loads(stored) if stored else {}
    return counts


def _remember(campaign: Campaign, counts: dict[str, int]) -> None:
    try:
        redis_connection().set(_key(campaign), json.dumps(counts), ex=REMEMBERED)
    except RedisError:
        return  # it is counted again next time


def _key(campaign: Campaign) -> str:
    return f"whereabouts:{campaign.id}"


_ZONE = "(SELECT k.zone FROM customers k WHERE k.phone = r.phone) AS zone"
# Evenly through the whole list, for lists come sorted: the first thousand may all live in one place.
_SAMPLED = text(
    f"""
    WITH ends AS (
        SELECT (SELECT position FROM recipients WHERE campaign_id = :campaign ORDER BY position LIMIT 1) AS first,
               (SELECT position FROM recipients WHERE campaign_id = :campaign ORDER BY position DESC LIMIT 1) AS last)
    SELECT r.phone, {_ZONE}
    FROM (SELECT DISTINCT first + (last - first) * n / greatest(:sample - 1, 1) AS position
          FROM ends, generate_series(0, :sample - 1) n) even
    JOIN recipients r ON r.campaign_id = :campaign AND r.position = even.position AND r.state = 'pending'
    """
)
_FIRST = text(
    f"""SELECT r.phone, {_ZONE} FROM recipients r WHERE r.campaign_id = :campaign AND r.state = 'pending'
        ORDER BY r.due_at, r.position LIMIT :sample"""
)
